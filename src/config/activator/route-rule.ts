import type { ServiceAddress } from '../settings/settings-readers.ts';

/** One model, which requests are its, and where its replicas are. */
export interface RouteRule {
  /** Its name in metrics, logs and the status; unique. */
  readonly name: string;
  /** In lower case, without a port: `llama.example.com`, `*.example.com`, or `*` for any. */
  readonly host: string;
  /** `/`, or a path without a slash at its end. */
  readonly pathPrefix: string;
  /** Whether the prefix is taken off before a request is sent on. */
  readonly stripPrefix: boolean;
  /** Values of the body's `model` that are this route's. None: any that no other route of its host and prefix names. */
  readonly models: readonly string[];
  /** Names its list of models has before a replica has told it. */
  readonly listedModels: readonly string[];
  readonly replicas:
    | { readonly kind: 'urls'; readonly urls: readonly string[] }
    | ({ readonly kind: 'service' } & ServiceAddress);
  /** `undefined`: as the flags say. */
  readonly holdTimeoutMs: number | undefined;
  readonly concurrencyPerReplica: number | undefined;
}
