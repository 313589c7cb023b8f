import { complete } from '../field.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { readFlags } from './flags.ts';
import type { SettingValues } from './setting-fields.ts';
import { settingFields } from './setting-fields.ts';
import type { ListenAddress, ServiceAddress } from './settings-readers.ts';

/** Settings of `serve` with every default filled in. Spans are in milliseconds. */
export interface Settings {
  readonly grpcAddress: ListenAddress;
  readonly adminAddress: ListenAddress;
  /** `undefined`: the status is served with the other admin pages. */
  readonly statusAddress: ListenAddress | undefined;
  readonly tls: TlsFiles | undefined;
  readonly maxConnectionAgeMs: number;
  readonly shutdownGraceMs: number;
  /** Empty: triggers with `endpoints`, `dns` or `gatewayEndpoints` are refused. */
  readonly endpointAllowCidrs: readonly string[];
  /** Besides a ScaledObject's own. */
  readonly gatewayAllowNamespaces: '*' | readonly string[];
  readonly scrapeCredentialsFile: string | undefined;
  readonly kubernetes: 'auto' | 'on' | 'off';
  readonly kubeconfig: string | undefined;
  readonly dcgm: DcgmSettings | undefined;
  readonly maxTriggers: number;
  readonly maxTriggersPerNamespace: number;
  readonly maxEndpointsPerTrigger: number;
  readonly maxBodyBytes: number;
  readonly maxConcurrentScrapes: number;
  readonly triggerIdleTimeoutMs: number;
  readonly startingForMs: number;
  /** 0: nothing is recorded. */
  readonly recordingSpanMs: number;
  readonly activationScrapeIntervalMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'console';
}

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** `undefined`: clients need no certificate. */
  readonly clientCaFile: string | undefined;
}

export interface DcgmSettings {
  readonly location:
    | ({ readonly kind: 'service' } & ServiceAddress)
    | { readonly kind: 'endpoints'; readonly urls: readonly string[] };
  readonly intervalMs: number;
}

/** Reads the settings of `serve` from its flags and environment, or says everything that is wrong with them at once. */
export function parseSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Parsed<Settings> {
  const flags = readFlags(settingFields, argv, env);
  const faults = [...flags.faults, ...contradictions(flags.values)];
  const values = complete(flags);
  return values === undefined || faults.length > 0 ? refuse(...faults) : read(settingsOf(values));
}

function contradictions(values: Partial<SettingValues>): string[] {
  const { grpcAddress, adminAddress, statusAddress, tlsCertFile, tlsKeyFile, tlsClientCaFile } = values;
  const { dcgmService, kubernetes } = values;
  const tlsParts = [tlsCertFile, tlsKeyFile].filter((file) => file !== undefined).length;
  const isOff = kubernetes === 'off';
  const faults: [isFault: boolean, words: string][] = [
    ...samePorts({ '--grpc-address': grpcAddress, '--admin-address': adminAddress, '--status-address': statusAddress }),
    [tlsParts === 1, '--tls-cert-file and --tls-key-file belong together: give both or none'],
    [tlsClientCaFile !== undefined && tlsParts === 0, '--tls-client-ca-file needs --tls-cert-file and --tls-key-file'],
    [
      dcgmService !== undefined && values.dcgmEndpoints !== undefined,
      '--dcgm-service and --dcgm-endpoints contradict each other: keep one',
    ],
    [isOff && dcgmService !== undefined, '--dcgm-service needs the Kubernetes API, but --kubernetes is off'],
    [isOff && values.kubeconfig !== undefined, '--kubeconfig is given, but --kubernetes is off: leave one out'],
  ];
  return faults.filter(([isFault]) => isFault).map(([, words]) => words);
}

/** Each pair of addresses that would listen on one port, whatever their hosts. Any free port is none. */
function samePorts(
  addresses: Readonly<Record<string, ListenAddress | undefined>>,
): [isFault: boolean, words: string][] {
  const all = Object.entries(addresses);
  return all.flatMap(([flag, address], at) =>
    all.slice(at + 1).map(([other, otherAddress]): [boolean, string] => {
      const port = otherAddress?.port ?? 0;
      return [port !== 0 && port === address?.port, `${flag} and ${other} both use port ${port}: change one`];
    }),
  );
}

function settingsOf(values: SettingValues): Settings {
  return {
    grpcAddress: values.grpcAddress,
    adminAddress: values.adminAddress,
    statusAddress: values.statusAddress,
    tls: tlsOf(values),
    maxConnectionAgeMs: values.maxConnectionAge,
    shutdownGraceMs: values.shutdownGrace,
    endpointAllowCidrs: values.endpointAllowCidrs ?? [],
    gatewayAllowNamespaces: values.gatewayAllowNamespaces ?? [],
    scrapeCredentialsFile: values.scrapeCredentialsFile,
    kubernetes: values.kubernetes,
    kubeconfig: values.kubeconfig,
    dcgm: dcgmOf(values),
    maxTriggers: values.maxTriggers,
    maxTriggersPerNamespace: values.maxTriggersPerNamespace,
    maxEndpointsPerTrigger: values.maxEndpointsPerTrigger,
    maxBodyBytes: values.maxBodyBytes,
    maxConcurrentScrapes: values.maxConcurrentScrapes,
    triggerIdleTimeoutMs: values.triggerIdleTimeout,
    startingForMs: values.startingFor,
    recordingSpanMs: values.recordingSpan,
    activationScrapeIntervalMs: values.activationScrapeInterval,
    logLevel: values.logLevel,
    logFormat: values.logFormat,
  };
}

function tlsOf({ tlsCertFile, tlsKeyFile, tlsClientCaFile }: SettingValues): TlsFiles | undefined {
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  return { certFile: tlsCertFile, keyFile: tlsKeyFile, clientCaFile: tlsClientCaFile };
}

function dcgmOf({ dcgmService, dcgmEndpoints, dcgmInterval }: SettingValues): DcgmSettings | undefined {
  if (dcgmService !== undefined) return { location: { kind: 'service', ...dcgmService }, intervalMs: dcgmInterval };
  if (dcgmEndpoints === undefined) return undefined;
  return { location: { kind: 'endpoints', urls: dcgmEndpoints }, intervalMs: dcgmInterval };
}
