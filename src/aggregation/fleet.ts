/** What is remembered of a workload's replicas as a whole, so that a loss of all of them is not taken for idleness. */
export interface Fleet {
  /** How many served when some last did; `undefined` until the first look. */
  readonly served: number | undefined;
  /** Replicas whose load is unknown because they have not come back yet. */
  readonly lost: number;
  /** Since when none serves though some did; `undefined` again once as many do as before. */
  readonly lostSinceMs: number | undefined;
  /** Since when no replica is asked for. */
  readonly zeroSinceMs: number | undefined;
}

export const unseenFleet: Fleet = { served: undefined, lost: 0, lostSinceMs: undefined, zeroSinceMs: undefined };

/** A workload at one moment. */
export interface FleetMoment {
  /** Replicas that are asked for. */
  readonly replicas: number;
  /** Those that are ready, or served before and may still. */
  readonly serving: number;
}

/** Between the end of the last pod and the next look at `spec.replicas` it seems that none is asked for. */
const ZERO_IS_MEANT_AFTER_MS = 5_000;

/**
 * Follows a workload from one moment to the next. Replicas that all go at once, and are to come back, are lost until
 * as many serve as before: with a node pool, by `strategy: Recreate`, by a crash. Who sees a workload for the first
 * time, and none of its replicas serves, can't know what they carried, so that those are lost as well. A workload that
 * was scaled to zero has lost nothing. What has not come back after `startingForMs` is given up.
 */
export function followFleet(before: Fleet, moment: FleetMoment, startingForMs: number, nowMs: number): Fleet {
  const { replicas, serving } = moment;
  if (replicas === 0) {
    const zeroSinceMs = before.zeroSinceMs ?? nowMs;
    const isMeant = before.served === undefined || nowMs - zeroSinceMs >= ZERO_IS_MEANT_AFTER_MS;
    return isMeant ? { ...unseenFleet, served: 0, zeroSinceMs } : { ...before, lost: 0, zeroSinceMs };
  }
  const served = before.served ?? replicas;
  const missing = Math.min(served, replicas) - serving;
  const isLost = before.lostSinceMs !== undefined || serving === 0;
  if (!isLost || missing <= 0) return { ...unseenFleet, served: serving > 0 ? serving : served };
  const lostSinceMs = before.lostSinceMs ?? nowMs;
  const isGivenUp = nowMs - lostSinceMs >= startingForMs;
  if (isGivenUp && serving > 0) return { ...unseenFleet, served: serving };
  return { served, lost: isGivenUp ? 0 : missing, lostSinceMs, zeroSinceMs: undefined };
}
