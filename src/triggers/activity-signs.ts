import type { ActivityPolicy, ActivitySigns } from '../aggregation/activity.ts';
import type { Observation } from '../aggregation/observation.ts';
import { isIgnored } from '../aggregation/standstill.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Decision } from '../decision/decide.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import type { Quantities } from '../presets/quantities.ts';
import { gatewayMovedMs } from './gateway-now.ts';
import { isGpuBusy } from './gpu-guard.ts';
import type { Moment } from './moment.ts';

/** KEDA measures its interval from poll to poll, but a poll may take a moment. */
const POLL_SLACK_MS = 1_000;

/** What a cycle has found out before it looks for activity. */
interface Found {
  readonly observation: Observation;
  readonly decision: Decision;
  readonly startingSinceMs: number | undefined;
  /** Requests in front that no engine has yet. */
  readonly held: number;
}

/** What speaks for activity at this moment. */
export function activitySigns(
  { observation, decision, startingSinceMs, held }: Found,
  moment: Moment,
  metadata: TriggerMetadata,
): ActivitySigns {
  let requestsMovedMs: number | undefined;
  let isBusy = false;
  for (const { endpoint, memory } of moment.replicas.endpoints) {
    // At zero, what a pod still finishes on its way out is no reason to start another one.
    if (observation.replicas === 0 && endpoint.phase === 'terminating') continue;
    const movedMs = memory.counters.requestsTotal?.movedMs;
    if (movedMs !== undefined) requestsMovedMs = Math.max(requestsMovedMs ?? 0, movedMs);
    if (isIgnored(memory, metadata.ignoreSuspectAfterMs, moment.nowMs)) continue;
    isBusy ||= memory.latest?.ok === true && isServing(memory.latest.signals);
  }
  const inFrontMovedMs = gatewayMovedMs(moment, metadata);
  if (inFrontMovedMs !== undefined) requestsMovedMs = Math.max(requestsMovedMs ?? 0, inFrontMovedMs);
  const isStarting = startingSinceMs !== undefined && moment.nowMs - startingSinceMs < moment.startingForMs;
  const loadNow = loadNowOf(observation, decision);
  const knownAtMost = observation.now.high - observation.unreadInFront;
  return {
    loadNow,
    unreadInFront: Math.max(0, (loadNow ?? 0) - knownAtMost),
    heldInFront: held > 0,
    isServing: isBusy,
    requestsMovedMs,
    gpuBusy: isGpuBusy(moment),
    starting: isStarting || observation.lost !== undefined,
  };
}

/** What lost replicas would carry asks for no change, and is no load that anybody saw. */
function loadNowOf({ lost, now }: Observation, decision: Decision): number | undefined {
  if (decision.kind !== 'report') return undefined;
  return lost === undefined ? decision.loadNow : now.low;
}

/** Since when there are replicas and none of them has been ready; `undefined` where one was, or where there are none. */
export function startingSince(
  beforeMs: number | undefined,
  { discoverySynced, replicas }: Observation,
  moment: Moment,
): number | undefined {
  const wasReady = moment.replicas.endpoints.some(
    ({ endpoint, memory }) => endpoint.phase !== 'starting' || memory.lastGood !== undefined,
  );
  return discoverySynced && replicas > 0 && !wasReady ? (beforeMs ?? moment.nowMs) : undefined;
}

/** Whichever metric a trigger follows: a replica at work must not count as idle, nor one with requests in its queue. */
function isServing({ concurrency, running, waiting }: Quantities): boolean {
  return (concurrency ?? running ?? 0) > 0 || (waiting ?? 0) > 0;
}

/** Activity has to outlast the time between two of KEDA's polls, or a poll could miss it. */
export function activityPolicy(
  { activationTargetValue, idleAfterMs }: TriggerMetadata,
  { pollingIntervalMs }: EndpointSnapshot,
): ActivityPolicy {
  const pollsMs = pollingIntervalMs === undefined ? 0 : pollingIntervalMs + POLL_SLACK_MS;
  return { activationTargetValue, lingerMs: Math.max(idleAfterMs, pollsMs) };
}
