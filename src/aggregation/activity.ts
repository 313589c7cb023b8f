/** Why a trigger counts as active. A closed set: each is a word on the status page and a field in the log. */
export type ActiveReason =
  | 'load-above-activation'
  | 'requests-held'
  | 'serving'
  | 'request-finished'
  | 'recently-active'
  | 'gpu-busy'
  | 'starting'
  | 'gateway-unreadable';

export interface ActivityPolicy {
  readonly activationTargetValue: number;
  /** How long activity lingers, at least KEDA's polling interval, so that a poll between two requests sees it. */
  readonly lingerMs: number;
}

/** What speaks for activity at one moment. */
export interface ActivitySigns {
  /** The total at this moment, in the trigger's unit; `undefined` while nothing is known. */
  readonly loadNow: number | undefined;
  /** The part of it that is only what a gateway may hold that can't be read. */
  readonly unreadInFront: number;
  /** True when part of that load is held in front. */
  readonly heldInFront: boolean;
  /** True while a replica says that it is working on requests, whatever the trigger's metric says. */
  readonly isServing: boolean;
  /** When a request counter last moved. */
  readonly requestsMovedMs: number | undefined;
  /** True while a replica's GPU is busy though its page says idle. */
  readonly gpuBusy: boolean;
  /** True while there are replicas and none of them has been ready yet. */
  readonly starting: boolean;
}

/** When the trigger was last active by itself, lingering left out. */
export interface Activity {
  readonly active: boolean;
  readonly reason: ActiveReason | undefined;
  readonly lastActiveMs: number | undefined;
}

export const noActivity: Activity = { active: false, reason: undefined, lastActiveMs: undefined };

/**
 * Activity after one more moment. A request too short to be seen between two scrapes still moves the request
 * counter, and counts where one request is enough to be active.
 */
export function updateActivity(
  before: Activity,
  signs: ActivitySigns,
  policy: ActivityPolicy,
  nowMs: number,
): Activity {
  const reason = reasonNow(signs, policy);
  if (reason !== undefined) return { active: true, reason, lastActiveMs: nowMs };
  const movedMs = policy.activationTargetValue === 0 ? signs.requestsMovedMs : undefined;
  const lastActiveMs = latest(before.lastActiveMs, movedMs);
  if (lastActiveMs === undefined || nowMs - lastActiveMs >= policy.lingerMs) {
    return { active: false, reason: undefined, lastActiveMs };
  }
  const isRequest = movedMs !== undefined && movedMs === lastActiveMs;
  return { active: true, reason: isRequest ? 'request-finished' : 'recently-active', lastActiveMs };
}

function reasonNow(signs: ActivitySigns, policy: ActivityPolicy): ActiveReason | undefined {
  const loadNow = signs.loadNow ?? 0;
  if (loadNow - signs.unreadInFront > policy.activationTargetValue) {
    return signs.heldInFront ? 'requests-held' : 'load-above-activation';
  }
  if (signs.isServing && policy.activationTargetValue === 0) return 'serving';
  if (signs.gpuBusy) return 'gpu-busy';
  if (signs.starting) return 'starting';
  return loadNow > policy.activationTargetValue ? 'gateway-unreadable' : undefined;
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}
