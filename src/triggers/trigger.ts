import type { EndpointMemory } from '../aggregation/endpoint-memory.ts';
import type { GatewaySide } from '../aggregation/gateway-share.ts';
import { countsRequests } from '../aggregation/observation.ts';
import type { Reading } from '../aggregation/reading.ts';
import { metricNameOf } from '../config/metadata/metric-name.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import type { MetricType, MetricTypes } from '../discovery/scaling.ts';
import type { EngineSelection } from '../presets/engine-selection.ts';
import { EndpointWatch } from './endpoint-watch.ts';
import { FirstAnswer } from './first-answer.ts';
import { nodesOf } from './gpu-guard.ts';
import { isGpuMetric } from './loads.ts';
import type { Moment } from './moment.ts';
import { NextCycle } from './next-cycle.ts';
import { PushStreams } from './push-streams.ts';
import { TrafficRecording } from './traffic-recording.ts';
import type { TriggerState } from './trigger-state.ts';
import { initialState, isAboutAnother } from './trigger-state.ts';
import type { Gpus, OpenSource, World } from './world.ts';

export interface TriggerOptions {
  readonly maxEndpoints: number;
  /** How often a gateway is read while nothing runs. */
  readonly activationScrapeIntervalMs: number;
  /** How long replicas that start keep their place, where the trigger does not say. */
  readonly startingForMs: number;
  /** How long a workload's traffic is kept; 0 or left out: not at all. */
  readonly recordingSpanMs?: number | undefined;
}

interface Identity {
  readonly key: string;
  /** The metadata as one string, as its ScaledObject's triggers are told apart. */
  readonly metadataKey: string;
  readonly namespace: string;
  readonly name: string;
}

/** One trigger that KEDA asks about: what it watches, who listens, and the state that its cycles have come to. */
export class Trigger {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly metadata: TriggerMetadata;
  readonly metricName: string;
  readonly addedMs: number;
  readonly streams = new PushStreams();
  /** `undefined` where nothing is recorded. An edit goes on with what was. */
  recording: TrafficRecording | undefined;
  readonly nextCycle: NextCycle;
  readonly firstAnswer = new FirstAnswer();
  /** The other workloads behind its gateway, as the registry last saw them. */
  others: readonly GatewaySide[] = [];
  /** Replaced whole after each cycle, by the registry alone. */
  state: TriggerState;
  /** When KEDA last asked, or was last seen listening. */
  askedMs: number;
  readonly #metadataKey: string;
  readonly #options: TriggerOptions;
  readonly #replicas: OpenSource;
  readonly #gateway: OpenSource | undefined;
  readonly #replicaPages: EndpointWatch;
  readonly #gatewayPages: EndpointWatch | undefined;
  /** The list that the last cycle saw. */
  #followed: EndpointSnapshot | undefined;

  constructor(identity: Identity, metadata: TriggerMetadata, world: World, options: TriggerOptions) {
    const nowMs = world.nowMs();
    this.key = identity.key;
    this.namespace = identity.namespace;
    this.name = identity.name;
    this.metadata = metadata;
    this.metricName = metricNameOf(metadata);
    this.addedMs = nowMs;
    this.askedMs = nowMs;
    this.nextCycle = new NextCycle(nowMs);
    this.state = initialState(metadata);
    const { recordingSpanMs = 0 } = options;
    this.recording = recordingSpanMs > 0 ? new TrafficRecording(recordingSpanMs) : undefined;
    this.#metadataKey = identity.metadataKey;
    this.#options = options;
    const noticed = (reading: Reading, memory: EndpointMemory): void =>
      this.nextCycle.noticed(mayActivate(reading, memory, this.state));
    this.#replicas = world.openReplicas(identity.namespace, identity.name, metadata);
    this.#replicaPages = new EndpointWatch(world, replicaWatch(identity, metadata, options), noticed);
    this.#gateway = world.openGateway(identity.namespace, metadata);
    this.#gatewayPages = this.#gateway && new EndpointWatch(world, gatewayWatch(identity, metadata, options), noticed);
  }

  /** Takes up the newest endpoint lists. A trigger at zero reads its gateway often: nothing else can wake it. */
  follow(gpus: Gpus | undefined): EndpointSnapshot {
    const discovered = this.#replicas.current();
    const isOther = isAboutAnother(discovered.subject, this.#followed?.subject);
    this.#followed = discovered;
    if (discovered.synced) this.#replicaPages.follow(discovered.endpoints);
    else if (isOther) this.#replicaPages.follow([]);
    const inFront = this.#gateway?.current();
    if (inFront?.synced) this.#gatewayPages?.follow(inFront.endpoints);
    else if (inFront?.invalid) this.#gatewayPages?.follow([]);
    const atZero = discovered.synced && (discovered.replicas ?? discovered.endpoints.length) === 0;
    const { scrapeIntervalMs } = this.metadata;
    const idleIntervalMs = Math.min(scrapeIntervalMs, this.#options.activationScrapeIntervalMs);
    this.#gatewayPages?.setIntervalMs(atZero ? idleIntervalMs : scrapeIntervalMs);
    gpus?.want(this, nodesOf(this.#replicaPages.list));
    return discovered;
  }

  /** KEDA's `pollingInterval`, where the ScaledObject could be read. */
  get pollingIntervalMs(): number | undefined {
    return this.#replicas.current().pollingIntervalMs;
  }

  /** Whether something was read, or the list has changed, since the last cycle. */
  get hasNews(): boolean {
    return this.nextCycle.hasNews || this.#replicas.current() !== this.#followed;
  }

  /** What it was at its last cycle to a gateway that it may share with others. */
  get side(): GatewaySide {
    const { outcome } = this.state;
    const ready = this.#replicaPages.list.endpoints.filter(({ endpoint }) => endpoint.phase === 'ready');
    const engines = countsRequests(this.metadata.metric) ? (outcome?.observation.engines.low ?? 0) : 0;
    return { engines, readyReplicas: ready.length };
  }

  /** What is known now. Changes nothing. */
  momentAt(nowMs: number, gpus: Gpus | undefined): Moment {
    const { problem, invalid: isMissing = false } = this.#gateway?.current() ?? { problem: undefined };
    const gateway = this.#gatewayPages && { ...this.#gatewayPages.list, problem, isMissing, others: this.others };
    const discovered = this.#replicas.current();
    const metricType = metricTypeOf(discovered.scaling?.metricTypes, this.#metadataKey);
    const startingForMs = this.metadata.startingForMs ?? this.#options.startingForMs;
    return { nowMs, discovered, metricType, replicas: this.#replicaPages.list, gateway, gpus, startingForMs };
  }

  /** True when every endpoint that could be scraped has said something, and so has every gateway. */
  get everyoneAnswered(): boolean {
    if (!this.#replicas.current().synced || !this.#replicaPages.everyoneAnswered) return false;
    return this.#gateway === undefined || (this.#gateway.current().synced && this.#gatewayPages!.everyoneAnswered);
  }

  /** Ends all it watches, and lets go who waits. */
  close(gpus: Gpus | undefined): void {
    this.#replicaPages.close();
    this.#gatewayPages?.close();
    this.#replicas.close();
    this.#gateway?.close();
    gpus?.want(this, new Set());
    this.firstAnswer.give();
  }
}

/** A trigger whose metadata KEDA has filled in from the environment is not found among those that differ. */
function metricTypeOf(types: MetricTypes | undefined, metadataKey: string): MetricType | undefined {
  return types === undefined || typeof types === 'string' ? types : types.get(metadataKey);
}

/** An inactive trigger hears of a first request at once, not at its next turn: also of one that was refused. */
function mayActivate(reading: Reading, { counters }: EndpointMemory, { activity }: TriggerState): boolean {
  if (activity.active || !reading.ok) return false;
  return reading.signals.concurrency !== 0 || counters.requestsTotal?.movedMs === reading.atMs;
}

function replicaWatch({ namespace, name }: Identity, metadata: TriggerMetadata, options: TriggerOptions) {
  return {
    namespace,
    scaledObject: name,
    isNamed: metadata.location.kind === 'dns' || metadata.location.kind === 'endpoints',
    role: 'replica' as const,
    page: { engine: metadata.engine, port: metadata.port, path: metadata.path, scheme: metadata.scheme },
    ports: metadata.ports,
    looksBeside: metadata.port === undefined && metadata.ports === undefined && !isGpuMetric(metadata.metric),
    models: metadata.models,
    route: undefined,
    memory: { metric: metadata.metric, windowMs: metadata.windowMs, burstWindowMs: metadata.burstWindowMs },
    intervalMs: metadata.scrapeIntervalMs,
    timeoutMs: metadata.scrapeTimeoutMs,
    maxEndpoints: options.maxEndpoints,
  };
}

function gatewayWatch(identity: Identity, metadata: TriggerMetadata, options: TriggerOptions) {
  const names = metadata.gateway?.models;
  return {
    namespace: identity.namespace,
    scaledObject: identity.name,
    isNamed: metadata.gateway?.location.kind === 'endpoints',
    role: 'gateway' as const,
    page: {
      engine: gatewayEngine(metadata),
      port: metadata.gateway?.port,
      path: metadata.gateway?.path,
      scheme: 'http' as const,
    },
    looksBeside: false,
    models: gatewayModels(metadata),
    route: names === undefined ? `${identity.namespace}/${identity.name}` : undefined,
    memory: {
      metric: 'concurrency' as const,
      windowMs: metadata.windowMs,
      burstWindowMs: metadata.burstWindowMs,
    },
    intervalMs: metadata.scrapeIntervalMs,
    timeoutMs: metadata.scrapeTimeoutMs,
    maxEndpoints: options.maxEndpoints,
  };
}

/** Whose requests a gateway's page is asked for. Families that are named choose their series by themselves. */
export function gatewayModels({ gateway, models }: TriggerMetadata): readonly string[] | undefined {
  return gateway?.models ?? (typeof gateway?.engine === 'object' ? undefined : models);
}

function gatewayEngine({ gateway }: TriggerMetadata): EngineSelection {
  const engine = gateway?.engine;
  if (engine === undefined) return { kind: 'auto' };
  return typeof engine === 'string' ? { kind: 'preset', name: engine } : engine;
}
