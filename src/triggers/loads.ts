import type { Bounds } from '../aggregation/bound-window.ts';
import type { EndpointLoad, EndpointPhase, LoadEvidence, LoadPolicy } from '../aggregation/endpoint-load.ts';
import { endpointLoad, nothingUnseen, pageEvidence } from '../aggregation/endpoint-load.ts';
import { isIgnored } from '../aggregation/standstill.ts';
import type { Metric, TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Moment } from './moment.ts';
import { isCounted, mayBeMirror, serversByReplica } from './pod-servers.ts';
import { headsOfWorkers, loadOfWorker } from './set-workers.ts';
import type { WatchedEndpoint } from './watched-list.ts';
import type { Gpus } from './world.ts';

/** GPU exporters refresh their page every 30 s; after three times that nothing on it is current. */
export const GPU_STALE_AFTER_MS = 90_000;
const CURRENT_INTERVALS = 3;
/** A page that comes within this part of its interval is as good as new. */
const QUICK_PAGE_RATIO = 0.8;

export interface PhasedLoad {
  readonly phase: EndpointPhase;
  readonly load: EndpointLoad;
  /** The pod on whose page its load is, where it has none of its own. */
  readonly workerOf?: string;
}

/**
 * How the readings of pages are judged: current until the next page could have come three times over, for a page that
 * is waited for is asked for again only once it has come.
 */
export function pagePolicy(metadata: TriggerMetadata): LoadPolicy {
  const { targetValue, staleAfterMs, scrapeIntervalMs, scrapeTimeoutMs } = metadata;
  const currentForMs = CURRENT_INTERVALS * scrapeIntervalMs + scrapeTimeoutMs;
  return { targetValue, staleAfterMs, currentForMs: Math.min(currentForMs, staleAfterMs) };
}

export function isGpuMetric(metric: Metric): boolean {
  return metric === 'gpuUtilization' || metric === 'gpuMemory';
}

const neverRead: LoadEvidence = {
  load: undefined,
  loadMs: undefined,
  isLatest: false,
  wasRead: false,
  mayCountTwice: false,
  isPartial: false,
  unseen: nothingUnseen,
};

/** The load of each endpoint of a trigger, in the trigger's unit. */
export function loadsOf({ replicas, gpus, nowMs }: Moment, metadata: TriggerMetadata): readonly PhasedLoad[] {
  const { targetValue, metric } = metadata;
  const policy = pagePolicy(metadata);
  const gpuPolicy: LoadPolicy = { targetValue, staleAfterMs: GPU_STALE_AFTER_MS, currentForMs: GPU_STALE_AFTER_MS };
  const isGpu = isGpuMetric(metric);
  const countsRequests = metric === 'concurrency' || metric === 'running' || metric === 'waiting';
  const graceMs = joiningGraceMs(replicas.endpoints, metadata);
  const joinsOthers = hasSettledReplica(replicas.endpoints, graceMs, nowMs);
  const servers = serversByReplica(replicas.endpoints);
  const read = replicas.endpoints.map((watched): PhasedLoad => {
    if (!isCounted(watched)) return { phase: watched.endpoint.phase, load: countedElsewhere };
    const share = 1 / servers.get(watched.endpoint.name)!;
    const isUnseen = hasJustBecomeReady(watched, graceMs, nowMs);
    const phase = isUnseen ? 'starting' : watched.endpoint.phase;
    const mayBelongToOthers = watched.endpoint.isOwnerUnknown === true;
    const hasJoined = joinsOthers && hasJustJoined(watched, graceMs, nowMs);
    const mayCountTwice = mayBelongToOthers || hasJoined || mayBeMirror(watched);
    const ignored = countsRequests && isIgnored(watched.memory, metadata.ignoreSuspectAfterMs, nowMs);
    const evidence = isGpu
      ? gpuEvidence(watched, gpus, metric)
      : { ...ownEvidence(watched, ignored, isUnseen), mayCountTwice };
    const load = endpointLoad(evidence, phase, isGpu ? gpuPolicy : sharedPolicy(policy, share, metadata), nowMs);
    return { phase, load: sharedLoad(load, share, metadata) };
  });
  // What the limit leaves out is not known, so it is judged like what can't be read.
  const beyond = { phase: 'ready', load: endpointLoad(neverRead, 'ready', policy, nowMs) } as const;
  const own = isGpu ? read : withWorkers(read, replicas.endpoints, nowMs);
  return [...own, ...Array<PhasedLoad>(replicas.surplus).fill(beyond)];
}

function withWorkers(
  loads: readonly PhasedLoad[],
  endpoints: readonly WatchedEndpoint[],
  nowMs: number,
): readonly PhasedLoad[] {
  const heads = headsOfWorkers(endpoints, (at) => loads[at]?.load.legibility === 'read', nowMs);
  if (heads.size === 0) return loads;
  return loads.map((phased, at) => {
    const workerOf = heads.get(endpoints[at]!.endpoint.name);
    return workerOf === undefined ? phased : { phase: phased.phase, load: loadOfWorker, workerOf };
  });
}

/** Within this every page is read again: three intervals, and what the slowest page took last. */
function joiningGraceMs(endpoints: readonly WatchedEndpoint[], { scrapeIntervalMs }: TriggerMetadata): number {
  let slowestMs = QUICK_PAGE_RATIO * scrapeIntervalMs;
  for (const { memory } of endpoints) slowestMs = Math.max(slowestMs, memory.lastGood?.durationMs ?? 0);
  return CURRENT_INTERVALS * scrapeIntervalMs + slowestMs;
}

const countedElsewhere = endpointLoad(
  neverRead,
  'terminating',
  { targetValue: 0, currentForMs: 0, staleAfterMs: 0 },
  0,
);

/** Of a ratio or a latency a replica's servers have a mean, of everything else a sum. */
function isMeanOfServers({ metric, aggregation }: TriggerMetadata): boolean {
  return (metric === 'kvCache' || metric === 'timeToFirstToken') && aggregation !== 'max';
}

/** What a replica should carry is shared by its servers, where they add up. */
function sharedPolicy(policy: LoadPolicy, share: number, metadata: TriggerMetadata): LoadPolicy {
  return isMeanOfServers(metadata) ? policy : { ...policy, targetValue: policy.targetValue * share };
}

function sharedLoad(load: EndpointLoad, share: number, metadata: TriggerMetadata): EndpointLoad {
  if (share === 1) return load;
  if (!isMeanOfServers(metadata)) return { ...load, share };
  const part = ({ low, high }: Bounds): Bounds => ({ low: low * share, high: high * share });
  const { legibility, bounds, shown, overWindow } = load;
  return { legibility, share, bounds: part(bounds), shown: part(shown), overWindow: part(overWindow) };
}

/**
 * What the replica's own page says. One that was ready has served, though its page was never read. What it said before it became ready is no bound on what it carries since: one that
 * rejoins the others, and can't be read any more, may carry as much as they do.
 */
function ownEvidence(watched: WatchedEndpoint, ignored: boolean, isUnseen: boolean): LoadEvidence {
  const { wasReady, becameReadyMs, memory } = watched;
  const page = pageEvidence(memory, ignored);
  const evidence = { ...page, wasRead: page.wasRead || (wasReady && !isUnseen) };
  const failsSince = becameReadyMs !== undefined && memory.latest?.ok === false && memory.latest.atMs >= becameReadyMs;
  if (!failsSince || memory.lastLoadMs === undefined || memory.lastLoadMs >= becameReadyMs) return evidence;
  return { ...evidence, load: undefined, loadMs: undefined };
}

/**
 * A replica becomes ready between two scrapes. Until the first one since then it is known no worse than a moment ago,
 * when it was starting; counted as unreadable, each new replica of a rolling update would ask for one more.
 */
function hasJustBecomeReady({ becameReadyMs, memory }: WatchedEndpoint, graceMs: number, nowMs: number): boolean {
  if (becameReadyMs === undefined || nowMs - becameReadyMs > graceMs) return false;
  return memory.lastGood === undefined && (memory.latest === undefined || memory.latest.atMs < becameReadyMs);
}

/**
 * A replica that joins others takes the next requests of all of them within seconds, while their pages are up to a
 * scrape interval old: until every page was read again, what it has may still be on theirs.
 */
function hasJustJoined({ joinedMs }: WatchedEndpoint, graceMs: number, nowMs: number): boolean {
  return joinedMs !== undefined && nowMs - joinedMs <= graceMs;
}

/** True when there is a ready endpoint that did not join just now: one from which requests could have moved. */
function hasSettledReplica(endpoints: readonly WatchedEndpoint[], graceMs: number, nowMs: number): boolean {
  return endpoints.some((watched) => watched.endpoint.phase === 'ready' && !hasJustJoined(watched, graceMs, nowMs));
}

/** What the pod's GPUs say, in place of its page. */
function gpuEvidence({ endpoint }: WatchedEndpoint, gpus: Gpus | undefined, metric: Metric): LoadEvidence {
  const facts =
    endpoint.namespace === undefined ? undefined : gpus?.ofPod(endpoint.namespace, endpoint.name, endpoint.node);
  const load = metric === 'gpuMemory' ? facts?.gpus.memoryRatio : facts?.gpus.utilizationRatio;
  return { ...neverRead, load, loadMs: facts?.atMs, isLatest: true, wasRead: facts !== undefined };
}
