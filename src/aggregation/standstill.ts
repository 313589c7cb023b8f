import { lastMoveMs } from './counters.ts';
import type { EndpointMemory } from './endpoint-memory.ts';

/** An endpoint that claims requests and has counted nothing for this long, while others have, is suspect. */
const suspectBesideOthersMs = 300_000;

/** What an endpoint's claims are held against. Moments and spans are in monotonic milliseconds. */
export interface Suspicion {
  /** How late the gauges of this kind of engine may be beside its step counter; `undefined`: it has none. */
  readonly suspectAfterMs: number | undefined;
  /** When a counter of any endpoint of the trigger last moved. */
  readonly anyMovedMs: number | undefined;
  /** The trigger's: how long claims count of which nothing moves; `undefined`: for ever. */
  readonly ignoreAfterMs: number | undefined;
}

/**
 * True when an endpoint claims requests though none of its counters moves: for longer than the gauges of an engine with
 * a step counter may lag, for minutes in which others counted requests, or for so long that its claims are ignored.
 * Any counter that moves is the sign of an engine at work, so of that it is never said.
 */
export function isSuspect(memory: EndpointMemory, suspicion: Suspicion, nowMs: number): boolean {
  const movedMs = lastMoveMs(memory.counters);
  if (movedMs === undefined || !claimsRequests(memory)) return false;
  const { suspectAfterMs, anyMovedMs, ignoreAfterMs } = suspicion;
  const stillMs = nowMs - movedMs;
  if (suspectAfterMs !== undefined && memory.counters.stepsTotal !== undefined && stillMs > suspectAfterMs) return true;
  const othersMove = anyMovedMs !== undefined && nowMs - anyMovedMs < suspectBesideOthersMs;
  return (othersMove && stillMs > suspectBesideOthersMs) || isIgnored(memory, ignoreAfterMs, nowMs);
}

/**
 * True when the requests that an endpoint claims are no longer believed: neither a counter of it nor the number itself
 * has moved for the time that its trigger sets. Never so without a counter, for then nothing could have moved.
 */
export function isIgnored(memory: EndpointMemory, ignoreAfterMs: number | undefined, nowMs: number): boolean {
  if (ignoreAfterMs === undefined || !claimsRequests(memory)) return false;
  const stirredMs = lastStirMs(memory);
  return stirredMs !== undefined && nowMs - stirredMs > ignoreAfterMs;
}

/** When a counter or the load of an endpoint last moved; `undefined` where it prints no counter. */
export function lastStirMs({ counters, loadChangedMs }: EndpointMemory): number | undefined {
  const movedMs = lastMoveMs(counters);
  return movedMs === undefined ? undefined : Math.max(movedMs, loadChangedMs ?? 0);
}

function claimsRequests({ latest }: EndpointMemory): boolean {
  if (latest?.ok !== true) return false;
  const { concurrency, running, waiting } = latest.signals;
  return (concurrency ?? running ?? 0) > 0 || (waiting ?? 0) > 0;
}
