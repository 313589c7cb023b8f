import type { PresetName } from '../../presets/catalogue/preset-name.ts';
import type { EngineSelection } from '../../presets/engine-selection.ts';

export const knownMetrics = [
  'concurrency',
  'running',
  'waiting',
  'kvCache',
  'requestRate',
  'timeToFirstToken',
  'gpuUtilization',
  'gpuMemory',
] as const;
export type Metric = (typeof knownMetrics)[number];

export type Aggregation = 'sum' | 'mean' | 'max';

/** Where the replicas' pages are. */
export type Location =
  | { readonly kind: 'scale-target' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'dns'; readonly hostName: string }
  | { readonly kind: 'endpoints'; readonly urls: readonly string[] };

/** What stands in front of the workload and counts or holds its requests. */
export interface GatewayLocation {
  readonly location:
    | { readonly kind: 'service'; readonly namespace: string | undefined; readonly service: string }
    | { readonly kind: 'endpoints'; readonly urls: readonly string[] };
  readonly port: string | number | undefined;
  readonly path: string | undefined;
  /** `undefined`: found by looking at the page. */
  readonly engine: PresetName | Extract<EngineSelection, { readonly kind: 'custom' }> | undefined;
  /** The names under which the gateway knows the workload; `undefined`: those of the trigger's models. */
  readonly models: readonly string[] | undefined;
}

/** A trigger's metadata with every default filled in. Spans are in milliseconds. */
export interface TriggerMetadata {
  readonly targetValue: number;
  readonly metric: Metric;
  readonly activationTargetValue: number;
  readonly engine: EngineSelection;
  /** `undefined`: every model on the page counts. */
  readonly models: readonly string[] | undefined;
  readonly location: Location;
  /** A port's name or number; `undefined`: found, or one of several. */
  readonly port: string | number | undefined;
  /** Two ports or more, each with the page of one of a replica's servers. Left out where there is one. */
  readonly ports?: readonly (string | number)[];
  /** `undefined`: found, `/metrics` first. */
  readonly path: string | undefined;
  readonly scheme: 'http' | 'https';
  readonly gateway: GatewayLocation | undefined;
  readonly windowMs: number;
  readonly burstWindowMs: number;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly staleAfterMs: number;
  readonly idleAfterMs: number;
  /** How long requests that an endpoint claims count while nothing on its page moves; `undefined`: for ever. */
  readonly ignoreSuspectAfterMs: number | undefined;
  /** `undefined`: as long as the operator says. */
  readonly startingForMs: number | undefined;
  readonly aggregation: Aggregation;
}
