import type { Reading } from '../aggregation/reading.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import type { PodGpus } from '../gpu/pod-gpus.ts';
import type { EngineSelection } from '../presets/engine-selection.ts';
import type { Clock } from '../time/clock.ts';

/** Keeps an endpoint list current for as long as it is open. */
export interface OpenSource {
  current(): EndpointSnapshot;
  close(): void;
}

/** How often and how long one endpoint is read, and by what. */
export interface ScrapeRequest {
  /** The trigger's: what the operator allows its pages is bound to it. */
  readonly namespace: string;
  readonly scaledObject: string;
  /** Tried in order until one of them is a page of the engine. */
  readonly candidates: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** True when the trigger's author wrote the address, so that only the networks the operator named may be reached. */
  readonly isNamed: boolean;
  /** What the endpoint is to the trigger: the page of one must not pass for the page of the other. */
  readonly role: 'replica' | 'gateway';
  readonly engine: EngineSelection;
  readonly models: readonly string[] | undefined;
  /** The key by which a queue of requests knows the workload, where no name for it is configured. */
  readonly route: string | undefined;
}

/** One trigger's interest in one endpoint. Equal interests of several triggers share one scrape. */
export interface OpenScrape {
  setIntervalMs(intervalMs: number): void;
  close(): void;
}

/** GPU facts by pod, read from exporters on the nodes that triggers name. */
export interface Gpus {
  /** Asks for the exporters of these nodes; replaces what this asker wanted before. */
  want(asker: object, nodes: ReadonlySet<string>): void;
  /**
   * The newest facts on a pod, or `undefined` when there is no exporter, no page or no such pod on it. `node`: where the
   * pod runs; what exporters of other nodes say of its name is left out.
   */
  ofPod(namespace: string, pod: string, node?: string): { readonly gpus: PodGpus; readonly atMs: number } | undefined;
}

/** Everything outside that a trigger's cycle needs. `service/` fulfils it. */
export interface World extends Pick<Clock, 'nowMs'> {
  openReplicas(namespace: string, name: string, metadata: TriggerMetadata): OpenSource;
  /** `undefined` when the trigger names no gateway. */
  openGateway(namespace: string, metadata: TriggerMetadata): OpenSource | undefined;
  openScrape(request: ScrapeRequest, onReading: (reading: Reading) => void): OpenScrape;
  readonly gpus: Gpus | undefined;
}

/** What this room wants counted or logged. */
export interface TriggerEvents {
  triggerAdded(key: string): void;
  triggerDropped(key: string): void;
  /** A trigger was refused for want of room. */
  limitReached(limit: 'triggers' | 'triggers-per-namespace'): void;
  /** A fault of ours in one trigger's cycle: that trigger holds at once and is tried again in a second, others go on. */
  cycleFailed(namespace: string, name: string, error: unknown): void;
  /** A trigger scales on GPU facts, which concurrency does better; told once for each trigger. */
  gpuMetricChosen(namespace: string, name: string, metric: string): void;
  decisionChanged(change: DecisionChange): void;
  pushSent(namespace: string, name: string): void;
}

export interface DecisionChange {
  readonly namespace: string;
  readonly scaledObject: string;
  readonly metric: string;
  readonly metricValue: number | undefined;
  readonly active: boolean | undefined;
  readonly reason: string;
}
