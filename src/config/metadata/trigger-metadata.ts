import type { EngineName, GatewayName } from '../../presets/catalogue/preset-name.ts';

export const metricNames = [
  'concurrency',
  'running',
  'waiting',
  'kvCache',
  'requestRate',
  'timeToFirstToken',
  'gpuUtilization',
  'gpuMemory',
] as const;
export type MetricName = (typeof metricNames)[number];

export type Aggregation = 'sum' | 'mean' | 'max';

/** A family with label values that a series must have to count: `name{label="x",other="y"}`. */
export interface FamilySelector {
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
}

export type EngineChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'preset'; readonly name: EngineName | GatewayName }
  | {
      readonly kind: 'custom';
      readonly running: FamilySelector | undefined;
      readonly waiting: FamilySelector | undefined;
      readonly requests: FamilySelector | undefined;
    };

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
  readonly engine: EngineName | GatewayName | undefined;
  /** The names under which the gateway knows the workload; `undefined`: those of the trigger's models. */
  readonly models: readonly string[] | undefined;
}

/** A trigger's metadata with every default filled in. Spans are in milliseconds. */
export interface TriggerMetadata {
  readonly targetValue: number;
  readonly metric: MetricName;
  readonly activationTargetValue: number;
  readonly engine: EngineChoice;
  /** `undefined`: every model on the page counts. */
  readonly models: readonly string[] | undefined;
  readonly location: Location;
  /** A port's name or number; `undefined`: found. */
  readonly port: string | number | undefined;
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
  readonly aggregation: Aggregation;
}
