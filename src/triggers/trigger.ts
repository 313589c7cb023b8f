import type { Activity } from '../aggregation/activity.ts';
import { noActivity } from '../aggregation/activity.ts';
import { BoundWindow } from '../aggregation/bound-window.ts';
import type { Observation } from '../aggregation/observation.ts';
import type { Reading } from '../aggregation/reading.ts';
import { metricNameOf } from '../config/metadata/metric-name.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Decision } from '../decision/decide.ts';
import type { PushState } from '../decision/next-push.ts';
import type { Told } from '../decision/told.ts';
import type { PushStream } from './answers.ts';
import { EndpointWatch } from './endpoint-watch.ts';
import type { OpenSource, World } from './world.ts';

/** What one cycle made of the moment. */
export interface Outcome {
  readonly atMs: number;
  readonly observation: Observation;
  readonly decision: Decision;
  readonly activity: Activity;
  /** `undefined`: an error with `why` as its words. */
  readonly told: Told | undefined;
  readonly why: string;
}

/** A change of the decision, kept for the status page. */
export interface Change {
  readonly atMs: number;
  readonly metricValue: number | undefined;
  readonly active: boolean | undefined;
  readonly why: string;
}

export interface TriggerOptions {
  readonly maxEndpoints: number;
  /** How often a gateway is read while nothing runs. */
  readonly activationScrapeIntervalMs: number;
}

interface Identity {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
}

/** The state of one trigger that KEDA asks about. `cycle.ts` is what moves it. */
export class Trigger {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly metadata: TriggerMetadata;
  readonly metricName: string;
  readonly options: TriggerOptions;
  readonly replicas: OpenSource;
  readonly gateway: OpenSource | undefined;
  readonly endpoints: EndpointWatch;
  readonly gatewayEndpoints: EndpointWatch | undefined;
  window: BoundWindow;
  /** Wakes those who asked before the first cycle was whole. */
  readonly waiters: (() => void)[] = [];
  readonly streams = new Map<PushStream, PushState | undefined>();
  readonly changes: Change[] = [];
  readonly addedMs: number;
  activity: Activity = noActivity;
  /** What was last known of its activity; `undefined`: nothing yet. */
  wasActive: boolean | undefined;
  outcome: Outcome | undefined;
  /** Set once the first cycle was whole, or its time was up. */
  answering = false;
  /** Something was read since the last cycle. */
  dirty = true;
  /** What was read may make an inactive trigger active. */
  urgent = false;
  nextCycleMs: number;
  askedMs: number;
  /** When replicas were first seen without any of them ready; `undefined` once one was. */
  startingSinceMs: number | undefined;

  constructor(identity: Identity, metadata: TriggerMetadata, world: World, options: TriggerOptions) {
    const nowMs = world.nowMs();
    this.key = identity.key;
    this.namespace = identity.namespace;
    this.name = identity.name;
    this.metadata = metadata;
    this.metricName = metricNameOf(metadata);
    this.options = options;
    this.addedMs = nowMs;
    this.askedMs = nowMs;
    this.nextCycleMs = nowMs;
    this.window = new BoundWindow(metadata.windowMs, metadata.burstWindowMs);
    this.replicas = world.openReplicas(identity.namespace, identity.name, metadata);
    this.gateway = world.openGateway(identity.namespace, metadata);
    this.endpoints = new EndpointWatch(world, replicaWatch(identity, metadata, options), (reading) =>
      this.#noticed(reading),
    );
    this.gatewayEndpoints =
      this.gateway &&
      new EndpointWatch(world, gatewayWatch(identity, metadata, options), (reading) => this.#noticed(reading));
  }

  /** Takes over what an earlier version of the same trigger has seen, so that an edit does not forget the last minute. */
  continueFrom(before: Trigger): void {
    this.window = before.window.copy();
    this.activity = before.activity;
    this.wasActive = before.wasActive;
  }

  close(): void {
    this.endpoints.close();
    this.gatewayEndpoints?.close();
    this.replicas.close();
    this.gateway?.close();
  }

  #noticed(reading: Reading): void {
    this.dirty = true;
    if (!this.activity.active && reading.ok && reading.signals.concurrency !== 0) this.urgent = true;
  }
}

function replicaWatch({ namespace, name }: Identity, metadata: TriggerMetadata, options: TriggerOptions) {
  return {
    namespace,
    scaledObject: name,
    isNamed: metadata.location.kind === 'dns' || metadata.location.kind === 'endpoints',
    role: 'replica' as const,
    page: { engine: metadata.engine, port: metadata.port, path: metadata.path, scheme: metadata.scheme },
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
  const engine = metadata.gateway?.engine;
  return {
    namespace: identity.namespace,
    scaledObject: identity.name,
    isNamed: metadata.gateway?.location.kind === 'endpoints',
    role: 'gateway' as const,
    page: {
      engine: engine === undefined ? ({ kind: 'auto' } as const) : ({ kind: 'preset', name: engine } as const),
      port: metadata.gateway?.port,
      path: metadata.gateway?.path,
      scheme: 'http' as const,
    },
    models: names ?? metadata.models,
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
