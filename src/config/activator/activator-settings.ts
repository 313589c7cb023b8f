import type { FieldValues } from '../field.ts';
import { complete } from '../field.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import type { Environment } from '../settings/flags.ts';
import { readFlags } from '../settings/flags.ts';
import type { ServiceAddress } from '../settings/settings-readers.ts';
import { activatorFields } from './activator-fields.ts';
import type { RouteRule } from './route-rule.ts';

/** Settings of `activator`, as it uses them. */
export interface ActivatorSettings extends Omit<FieldValues<typeof activatorFields>, RoutingFields> {
  /** The one model's. */
  readonly rule: RouteRule;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

type RoutingFields = 'replica' | 'service' | 'model' | 'tlsCertFile' | 'tlsKeyFile';

type Values = FieldValues<typeof activatorFields>;

/** Reads the settings of `activator` from its flags and environment, or says everything that is wrong at once. */
export function parseActivatorSettings(argv: readonly string[], env: Environment): Parsed<ActivatorSettings> {
  const flags = readFlags(activatorFields, argv, env);
  const faults = [...flags.faults, ...contradictions(flags.values, flags.faults.length === 0)];
  const values = complete(flags);
  return values === undefined || faults.length > 0 ? refuse(...faults) : read(settingsOf(values));
}

function contradictions(values: Partial<Values>, isWhole: boolean): string[] {
  const { replica, service, tlsCertFile, tlsKeyFile, listenAddress, adminAddress } = values;
  const where = { '--replica': replica, '--service': service };
  const given = Object.entries(where).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  const paths = (replica ?? []).filter((url) => new URL(url).pathname !== '/' || new URL(url).search !== '');
  const port = listenAddress?.port ?? 0;
  const faults: [isFault: boolean, words: string][] = [
    [
      isWhole && given.length === 0,
      'missing --replica or --service: say where the replicas are, such as --replica http://127.0.0.1:8001',
    ],
    [given.length > 1, `${given.join(' and ')} contradict each other: keep one`],
    [paths.length > 0, `--replica takes the replica's address alone, without a path: ${paths.join(', ')}`],
    [(tlsCertFile === undefined) !== (tlsKeyFile === undefined), '--tls-cert-file and --tls-key-file belong together'],
    [
      port !== 0 && port === adminAddress?.port,
      `--listen-address and --admin-address both use port ${port}: change one`,
    ],
    [
      values.stickyHeader !== undefined && values.stickyPrefixBytes !== undefined,
      '--sticky-header and --sticky-prefix-bytes contradict each other: keep one',
    ],
  ];
  return faults.filter(([isFault]) => isFault).map(([, words]) => words);
}

function settingsOf(values: Values): ActivatorSettings {
  const { replica, service, model, tlsCertFile, tlsKeyFile, ...rest } = values;
  const tls = tlsCertFile === undefined ? undefined : { certFile: tlsCertFile, keyFile: tlsKeyFile! };
  return { ...rest, tls, rule: onlyRule(replica, service, model) };
}

function onlyRule(
  urls: readonly string[] | undefined,
  service: ServiceAddress | undefined,
  models: readonly string[] | undefined,
): RouteRule {
  return {
    name: service?.service ?? models?.[0] ?? 'default',
    host: '*',
    pathPrefix: '/',
    stripPrefix: false,
    // One model takes every request, whatever name is in it: its replicas know best which they have.
    models: [],
    listedModels: models ?? [],
    replicas: service === undefined ? { kind: 'urls', urls: urls! } : { kind: 'service', ...service },
    holdTimeoutMs: undefined,
    concurrencyPerReplica: undefined,
  };
}
