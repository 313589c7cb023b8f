import type { Bounds } from './bound-window.ts';
import type { EndpointMemory } from './endpoint-memory.ts';

/** Where an endpoint is in its life, in the words of an EndpointSlice. */
export type EndpointPhase = 'ready' | 'starting' | 'terminating';

/**
 * `read`: its newest reading counts as it is. `stale`: it can't be read now, and its last reading bounds it.
 * `unreadable`: nothing usable inside `staleAfter`. `not-serving`: starting or ending, and not expected to be read.
 */
export type Legibility = 'read' | 'stale' | 'unreadable' | 'not-serving';

/** One endpoint's load at one moment, in the trigger's unit. */
export interface EndpointLoad {
  readonly legibility: Legibility;
  /** Its share of a replica, 0 to 1, where a replica is several servers; left out where it is the whole of one. */
  readonly share?: number;
  /** What it carries at this moment: what its gauges show, and what only its latency sums have shown over the burst window. */
  readonly bounds: Bounds;
  /** The gauges alone: what a window takes the mean of. */
  readonly shown: Bounds;
  /** The gauges, and what only the latency sums have shown over the whole window. */
  readonly overWindow: Bounds;
}

/** Requests that no gauge shows, by Little's law: see `littles-law.ts`. */
export interface Unseen {
  readonly burst: number;
  readonly window: number;
}

export const nothingUnseen: Unseen = { burst: 0, window: 0 };

/** What is known of one endpoint's load, wherever it was read. */
export interface LoadEvidence {
  /** The newest load, in the trigger's unit, and its moment. */
  readonly load: number | undefined;
  readonly loadMs: number | undefined;
  /** False when something newer than that load was seen to fail, or to lack it. */
  readonly isLatest: boolean;
  /** True when the endpoint ever served a page. */
  readonly wasRead: boolean;
  /**
   * True where requests move to this endpoint from others, which were read a moment earlier and may show them too, and
   * where the endpoint may be another workload's.
   */
  readonly mayCountTwice: boolean;
  /** True where one of several ranks or engines on the page says no number: the load is that of the others. */
  readonly isPartial: boolean;
  /** What that load does not show. */
  readonly unseen: Unseen;
  /** How long its server was to be left alone after it: for so long it is no older than it should be. */
  readonly restMs?: number;
}

/** What an endpoint's own page says of its load. `isIgnored`: what it claims is not believed, and counts as nothing. */
export function pageEvidence(memory: EndpointMemory, isIgnored = false): LoadEvidence {
  const { lastLoad, lastLoadMs: loadMs, latest, lastGood, isPartial, estimate } = memory;
  const isLatest = latest?.ok === true && latest.atMs === loadMs;
  const unseen = { burst: estimate?.unseenInBurst ?? 0, window: estimate?.unseenInWindow ?? 0 };
  const load = isIgnored && lastLoad !== undefined ? 0 : lastLoad;
  const restMs = lastGood?.restMs ?? 0;
  return { load, loadMs, isLatest, wasRead: lastGood !== undefined, mayCountTwice: false, isPartial, unseen, restMs };
}

export interface LoadPolicy {
  /** Load one replica should carry: the most that is assumed of an endpoint nobody could read. */
  readonly targetValue: number;
  /** A reading older than this is not current any more, though nothing was seen to fail. */
  readonly currentForMs: number;
  /** How long a last reading bounds an endpoint that can't be read. */
  readonly staleAfterMs: number;
}

/** The same bounds whatever the window. */
function always(legibility: Legibility, bounds: Bounds): EndpointLoad {
  return { legibility, bounds, shown: bounds, overWindow: bounds };
}

/** The load of an endpoint of which nothing is known: idle at best, on target at worst. */
export function unreadableLoad(targetValue: number): EndpointLoad {
  return always('unreadable', { low: 0, high: targetValue });
}

/** A load that is known for certain, or may as well be none; what a part of it did not say is bounded by one target. */
function known(
  legibility: Legibility,
  { load = 0, isPartial, unseen }: LoadEvidence,
  isCertain: boolean,
  { targetValue }: LoadPolicy,
): EndpointLoad {
  const from = (least: number): Bounds => ({
    low: isCertain ? least : 0,
    high: isPartial ? least + targetValue : least,
  });
  return { legibility, bounds: from(load + unseen.burst), shown: from(load), overWindow: from(load + unseen.window) };
}

/**
 * What is known of one endpoint's load. Unreadable is never zero: such an endpoint is idle at best and, at worst,
 * at its last reading while that is fresh, on target afterwards. An endpoint that is starting and was never read
 * can hold no request yet. What a terminating one says is only possible: its requests are finished where they are, or
 * are with another endpoint by now, whose page was read a moment later, and must not count twice; likewise what one
 * says that has just joined others. A terminating one may close its page at once and still finish what it has, so that
 * its last reading bounds it like any other; once that is stale it has ended.
 */
export function endpointLoad(
  evidence: LoadEvidence,
  phase: EndpointPhase,
  policy: LoadPolicy,
  nowMs: number,
): EndpointLoad {
  const { load, loadMs } = evidence;
  if (load !== undefined && loadMs !== undefined) {
    const ageMs = nowMs - loadMs - (evidence.restMs ?? 0);
    if (evidence.isLatest && ageMs <= policy.currentForMs) {
      const isCertain = phase !== 'terminating' && !evidence.mayCountTwice;
      return known('read', evidence, isCertain, policy);
    }
    if (ageMs <= policy.staleAfterMs) return known('stale', evidence, false, policy);
  }
  if (phase === 'terminating' || (phase === 'starting' && !evidence.wasRead)) {
    return always('not-serving', { low: 0, high: 0 });
  }
  return unreadableLoad(policy.targetValue);
}
