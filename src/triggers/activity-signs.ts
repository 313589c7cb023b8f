import type { ActivityPolicy, ActivitySigns } from '../aggregation/activity.ts';
import type { Observation } from '../aggregation/observation.ts';
import type { Decision } from '../decision/decide.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import { isGpuBusy } from './gpu-guard.ts';
import type { Trigger } from './trigger.ts';
import type { Gpus } from './world.ts';

/** While replicas start and none has been ready, the workload counts as wanted for at most this long. */
const STARTING_COUNTS_FOR_MS = 600_000;
/** KEDA measures its interval from poll to poll, but a poll may take a moment. */
const POLL_SLACK_MS = 1_000;

/** What speaks for activity at this moment. */
export function activitySigns(
  trigger: Trigger,
  seen: Observation,
  decision: Decision,
  { gpus, nowMs }: { readonly gpus: Gpus | undefined; readonly nowMs: number },
): ActivitySigns {
  let requestsMovedMs: number | undefined;
  let wasReady = false;
  let isBusy = false;
  for (const { endpoint, memory } of trigger.endpoints.all) {
    wasReady ||= endpoint.phase !== 'starting' || memory.lastGood !== undefined;
    // At zero, what a pod still finishes on its way out is no reason to start another one.
    if (seen.replicas === 0 && endpoint.phase === 'terminating') continue;
    const movedMs = memory.counters.requestsTotal?.movedMs;
    if (movedMs !== undefined) requestsMovedMs = Math.max(requestsMovedMs ?? 0, movedMs);
    isBusy ||= memory.latest?.ok === true && isServing(memory.latest.signals);
  }
  const isStarting = seen.discoverySynced && seen.replicas > 0 && !wasReady;
  trigger.startingSinceMs = isStarting ? (trigger.startingSinceMs ?? nowMs) : undefined;
  return {
    loadNow: decision.kind === 'report' ? decision.loadNow : undefined,
    heldInFront: (seen.requestsInFront ?? 0) > 0,
    isServing: isBusy,
    requestsMovedMs,
    gpuBusy: isGpuBusy(trigger, gpus, nowMs),
    starting: isStarting && nowMs - (trigger.startingSinceMs ?? nowMs) < STARTING_COUNTS_FOR_MS,
  };
}

/** Whichever metric a trigger follows: a replica at work must not count as idle. */
function isServing({
  concurrency,
  running,
}: {
  readonly concurrency: number | undefined;
  readonly running: number | undefined;
}): boolean {
  return (concurrency ?? running ?? 0) > 0;
}

/** Activity has to outlast the time between two of KEDA's polls, or a poll could miss it. */
export function activityPolicy(trigger: Trigger, { pollingIntervalMs }: EndpointSnapshot): ActivityPolicy {
  const { activationTargetValue, idleAfterMs } = trigger.metadata;
  const pollsMs = pollingIntervalMs === undefined ? 0 : pollingIntervalMs + POLL_SLACK_MS;
  return { activationTargetValue, lingerMs: Math.max(idleAfterMs, pollsMs) };
}
