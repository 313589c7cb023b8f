import { lastMoveMs } from '../aggregation/counters.ts';
import type { EndpointMemory } from '../aggregation/endpoint-memory.ts';
import type { LatencyEstimate } from '../aggregation/littles-law.ts';
import { latencyWords } from '../aggregation/littles-law.ts';
import { windowMeans } from '../aggregation/observation.ts';
import { isIgnored, isSuspect } from '../aggregation/standstill.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import { foreseenReplicas } from '../decision/hpa-view.ts';
import { presets } from '../presets/catalogue/presets.ts';
import { gatewayOf, sharersOf } from './gateway-now.ts';
import type { PhasedLoad } from './loads.ts';
import { loadsOf } from './loads.ts';
import { missingMetric } from './missing-metric.ts';
import type { Moment } from './moment.ts';
import { refusedWords } from './refused-requests.ts';
import { scopeOf } from './scope-of.ts';
import type { Trigger } from './trigger.ts';
import type { Sight } from './trigger-state.ts';
import type { EndpointStatus, GatewayStatus, TriggerStatus } from './trigger-status.ts';
import type { WatchedEndpoint } from './watched-list.ts';
import type { Gpus } from './world.ts';

/**
 * Everything that explains one trigger's number. What was read is what the last cycle saw, so that the parts add up to
 * the number that KEDA is told; before the first cycle, and after one that failed, it is what is known now. Ages count
 * from `nowMs`. Reads, changes nothing.
 */
export function statusOf(trigger: Trigger, gpus: Gpus | undefined, nowMs: number): TriggerStatus {
  const { metadata } = trigger;
  const { outcome, changes } = trigger.state;
  const sight = outcome?.sight ?? sightAt(trigger, gpus, nowMs);
  const { moment, loads } = sight;
  const { discovered, replicas } = moment;
  const report = outcome?.decision.kind === 'report' ? outcome.decision : undefined;
  const seen = outcome?.observation;
  const listed = seen?.discoverySynced ? seen : undefined;
  const anyMovedMs = latestOf(replicas.endpoints.map(({ memory }) => lastMoveMs(memory.counters)));
  return {
    namespace: trigger.namespace,
    scaledObject: trigger.name,
    metric: metadata.metric,
    metricName: trigger.metricName,
    scope: scopeOf(metadata),
    why: outcome?.why ?? 'no cycle has run yet',
    decision: outcome?.decision.kind ?? 'hold',
    holdReason: outcome?.decision.kind === 'hold' ? outcome.decision.reason : undefined,
    metricValue: report?.metricValue,
    told: outcome?.told,
    targetValue: metadata.targetValue,
    aggregation: metadata.aggregation,
    activationTargetValue: metadata.activationTargetValue,
    active: report && outcome?.activity.active,
    activeReason: report && outcome?.activity.reason,
    loadNow: report?.loadNow,
    now: listed?.now,
    windows: windowsOf(trigger),
    windowed: listed?.windowed,
    noChangeValue: report?.noChangeValue,
    settledBy: report?.settledBy,
    replicas: listed?.replicas,
    desiredReplicas: wantedReplicas(trigger),
    hpa: hpaStatus(trigger),
    discoverySynced: discovered.synced,
    problem: discovered.problem,
    invalid: discovered.invalid,
    readable: seen?.readable ?? 0,
    unreadable: seen?.unreadable ?? 0,
    endpoints: replicas.endpoints.flatMap((watched, index) => {
      return isServer(watched)
        ? [endpointStatus(watched, loads[index]!, { gpus, nowMs }, { ...metadata, anyMovedMs })]
        : [];
    }),
    endpointsBeyondLimit: replicas.surplus,
    gateway: gatewayStatus(sight, metadata, nowMs),
    dataAgeMs: oldestAgeMs(moment, nowMs),
    askedAgoMs: nowMs - trigger.askedMs,
    openPushStreams: trigger.streams.size,
    changes: changes.map(({ atMs, ...change }) => ({ agoMs: nowMs - atMs, ...change })),
  };
}

/** What a cycle would see now. */
function sightAt(trigger: Trigger, gpus: Gpus | undefined, nowMs: number): Sight {
  const moment = trigger.momentAt(nowMs, gpus);
  const { metadata } = trigger;
  return { moment, loads: loadsOf(moment, metadata), gateway: gatewayOf(moment, metadata, trigger.state.gatewayWatch) };
}

/** The means that the last cycle took the larger of. */
function windowsOf({ metadata, state: { outcome, window } }: Trigger): TriggerStatus['windows'] {
  const { windowMs, burstWindowMs, metric } = metadata;
  const isMean = metric === 'timeToFirstToken';
  if (outcome === undefined || isMean) return { windowMs, burstWindowMs, stable: undefined, burst: undefined };
  return { windowMs, burstWindowMs, ...windowMeans(window, outcome.observation.unseen, metadata, outcome.atMs) };
}

/** What the HPA will make of what it is told. */
function wantedReplicas({ metadata, state: { activity, outcome } }: Trigger): number | undefined {
  if (outcome?.decision.kind !== 'report') return undefined;
  const { observation, told, hpa } = outcome;
  const { replicas } = observation;
  if (replicas === 0) return activity.active ? 1 : 0;
  if (told === undefined) return replicas;
  return foreseenReplicas(told.metricValue, { ...metadata, replicas }, hpa);
}

function hpaStatus({ state: { outcome } }: Trigger): TriggerStatus['hpa'] {
  if (outcome?.hpa === undefined) return undefined;
  const { kind, sight, minReplicas, maxReplicas } = outcome.hpa;
  return {
    metricType: kind === 'value' ? 'Value' : 'AverageValue',
    statusReplicas: sight.statusReplicas[0]!,
    readyReplicas: sight.readyReplicas,
    toleranceUpRatio: sight.tolerances[0]!.up,
    toleranceDownRatio: sight.tolerances[0]!.down,
    minReplicas,
    maxReplicas,
  };
}

function latestOf(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((atMs) => atMs !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function endpointStatus(
  { endpoint, memory, problem, server }: WatchedEndpoint,
  { phase, load, workerOf }: PhasedLoad,
  { gpus, nowMs }: Pick<Moment, 'gpus' | 'nowMs'>,
  metadata: TriggerMetadata & { readonly anyMovedMs: number | undefined },
): EndpointStatus {
  const { windowMs, ignoreSuspectAfterMs: ignoreAfterMs, anyMovedMs } = metadata;
  const { latest, lastGood } = memory;
  const signals = lastGood?.signals;
  const failed = latest?.ok === false ? latest : undefined;
  const facts =
    endpoint.namespace === undefined ? undefined : gpus?.ofPod(endpoint.namespace, endpoint.name, endpoint.node);
  return {
    name: server === undefined ? endpoint.name : `${endpoint.name}:${server.port}`,
    url: latest?.url ?? endpoint.url,
    node: endpoint.node,
    phase,
    state: load.legibility,
    engine: lastGood?.engine,
    bounds: load.bounds,
    running: signals?.running,
    waiting: signals?.waiting,
    concurrency: signals?.concurrency,
    latencySums: memory.estimate && latencySums(memory.estimate, signals?.concurrency, windowMs),
    capacity: signals?.capacity,
    kvCacheRatio: signals?.kvCacheRatio,
    requestsTotal: signals?.requestsTotal,
    models: signals?.models ?? [],
    ageMs: lastGood && nowMs - lastGood.atMs,
    scrapeDurationMs: lastGood?.durationMs,
    bodyBytes: lastGood?.bodyBytes,
    failure: failed?.failure ?? (problem && 'no-address'),
    detail: failed?.detail ?? problem,
    problems: [
      ...(server?.isMirror === true ? [mirrorWords] : []),
      ...(workerOf === undefined ? [] : [`it has no page of its own: counted as a worker of ${workerOf}`]),
      ...problemsOf(memory, metadata, nowMs),
    ],
    asleep: signals?.asleep ?? false,
    suspect: isSuspect(memory, { suspectAfterMs: suspectAfterMs(memory), anyMovedMs, ignoreAfterMs }, nowMs),
    suspectIgnored: isIgnored(memory, ignoreAfterMs, nowMs),
    gpuUtilizationRatio: facts?.gpus.utilizationRatio,
    gpuMemoryRatio: facts?.gpus.memoryRatio,
    gpuXids: facts?.gpus.xids ?? [],
  };
}

const mirrorWords = 'this page is that of another port of the same pod, where it counts: same process, same counters';

/** A declared port on which no server has shown itself is none. */
function isServer({ server, memory }: WatchedEndpoint): boolean {
  return server?.isOptional !== true || memory.lastGood !== undefined;
}

function latencySums(estimate: LatencyEstimate, gauge: number | undefined, windowMs: number) {
  const { burst, window, meanSeconds } = estimate;
  return { burst, window, meanSeconds, words: latencyWords(estimate, gauge, windowMs) };
}

/** What the page lacks, and why it does not give what the trigger counts where no problem of its says so. */
function problemsOf(memory: EndpointMemory, metadata: TriggerMetadata, nowMs: number): readonly string[] {
  const problems = memory.lastGood?.signals.problems ?? [];
  const missing = missingMetric(memory, metadata.metric);
  const isSaid = missing === undefined || problems.some((problem) => missing.endsWith(problem));
  const refused = refusedWords(memory, metadata, nowMs);
  return [...problems, ...(isSaid ? [] : [missing]), ...(refused === undefined ? [] : [refused])];
}

function suspectAfterMs({ lastGood }: EndpointMemory): number | undefined {
  return lastGood === undefined || lastGood.engine === 'custom' ? undefined : presets[lastGood.engine].suspectAfterMs;
}

function gatewayStatus(
  { moment: { gateway }, gateway: load }: Sight,
  metadata: TriggerMetadata,
  nowMs: number,
): GatewayStatus | undefined {
  if (load === undefined || gateway === undefined) return undefined;
  return {
    state: load.state,
    held: load.held,
    inFlight: load.inFlight,
    unknown: load.unknown,
    sharedWith: sharersOf(gateway, metadata).length,
    isGivenUp: load.isGivenUp,
    problem: gateway.problem,
    endpoints: gateway.endpoints.map(({ endpoint, memory, problem }) => {
      const failed = memory.latest?.ok === false ? memory.latest : undefined;
      return {
        name: endpoint.name,
        url: memory.latest?.url ?? endpoint.url,
        engine: memory.lastGood?.engine,
        requests: memory.lastLoad,
        ageMs: memory.lastGood && nowMs - memory.lastGood.atMs,
        failure: failed?.failure ?? (problem && 'no-address'),
        detail: failed?.detail ?? problem ?? memory.lastGood?.signals.problems[0],
      };
    }),
  };
}

function oldestAgeMs({ replicas }: Moment, nowMs: number): number | undefined {
  let oldest: number | undefined;
  for (const { memory } of replicas.endpoints) {
    if (memory.lastLoadMs !== undefined) oldest = Math.max(oldest ?? 0, nowMs - memory.lastLoadMs);
  }
  return oldest;
}
