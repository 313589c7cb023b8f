import type { RefusedTrigger } from '../../src/triggers/refusals.ts';
import type { Statuses } from '../../src/triggers/statuses.ts';
import type { EndpointStatus, TriggerStatus } from '../../src/triggers/trigger-status.ts';

/** One endpoint that was read, changed as asked. */
export function endpointStatus(changes: Partial<EndpointStatus> = {}): EndpointStatus {
  return {
    name: 'llama-0',
    url: 'http://10.0.0.1:8000/metrics',
    node: undefined,
    phase: 'ready',
    state: 'read',
    engine: 'vllm',
    bounds: { low: 12, high: 12 },
    running: 12,
    waiting: 0,
    concurrency: 12,
    latencySums: undefined,
    capacity: undefined,
    kvCacheRatio: undefined,
    requestsTotal: 40,
    models: ['llama'],
    ageMs: 400,
    scrapeDurationMs: 6,
    bodyBytes: 50_000,
    failure: undefined,
    detail: undefined,
    problems: [],
    asleep: false,
    suspect: false,
    suspectIgnored: false,
    gpuUtilizationRatio: undefined,
    gpuXids: [],
    gpuMemoryRatio: undefined,
    ...changes,
  };
}

/** A trigger that reports 12.5 for one replica, changed as asked. */
export function triggerStatus(changes: Partial<TriggerStatus> = {}): TriggerStatus {
  return {
    namespace: 'models',
    scaledObject: 'llama',
    metric: 'concurrency',
    metricName: 'llm-concurrency',
    why: '12.5 requests on 1 replica',
    decision: 'report',
    holdReason: undefined,
    metricValue: 12.5,
    targetValue: 32,
    aggregation: 'sum',
    activationTargetValue: 0,
    scope: undefined,
    told: { metricValue: 12.5, active: true },
    active: true,
    activeReason: 'load-above-activation',
    loadNow: 12,
    now: { low: 12, high: 12 },
    windows: {
      windowMs: 60_000,
      burstWindowMs: 6_000,
      stable: { low: 12.5, high: 12.5 },
      burst: { low: 12, high: 12 },
    },
    windowed: { low: 12.5, high: 12.5 },
    noChangeValue: 32,
    settledBy: 'exact',
    replicas: 1,
    desiredReplicas: 1,
    hpa: undefined,
    discoverySynced: true,
    problem: undefined,
    invalid: false,
    readable: 1,
    unreadable: 0,
    endpoints: [endpointStatus()],
    endpointsBeyondLimit: 0,
    gateway: undefined,
    dataAgeMs: 400,
    askedAgoMs: 3000,
    openPushStreams: 1,
    changes: [],
    ...changes,
  };
}

/** The same trigger while nothing is known. */
export function holdingStatus(changes: Partial<TriggerStatus> = {}): TriggerStatus {
  return triggerStatus({
    why: 'nothing readable',
    decision: 'hold',
    holdReason: 'nothing-readable',
    active: undefined,
    activeReason: undefined,
    told: undefined,
    metricValue: undefined,
    desiredReplicas: undefined,
    loadNow: undefined,
    dataAgeMs: undefined,
    readable: 0,
    unreadable: 1,
    endpoints: [
      endpointStatus({ state: 'unreadable', failure: 'timeout', running: undefined, concurrency: undefined }),
    ],
    ...changes,
  });
}

/** What a status page is made of, with nothing refused. */
export function statuses(...triggers: readonly TriggerStatus[]): Statuses {
  return { triggers, refused: [] };
}

/** One question that was refused, changed as asked. */
export function refusedTrigger(changes: Partial<RefusedTrigger> = {}): RefusedTrigger {
  return {
    namespace: 'models',
    scaledObject: 'typo',
    reason: 'invalid-trigger-metadata',
    detail: 'targetValue: expected a number above 0, found "eight"',
    askedAgoMs: 4000,
    ...changes,
  };
}
