/**
 * When an endpoint that was due at `dueMs` and is started at `nowMs` is due again. The interval counts from start
 * to start; starts missed while the event loop stood still are skipped, not made up for, and the phase is kept.
 */
export function nextDueMs(dueMs: number, intervalMs: number, nowMs: number): number {
  return dueMs + (missedStarts(dueMs, intervalMs, nowMs) + 1) * intervalMs;
}

/** How many further starts an endpoint that was due at `dueMs` has missed when it is started at `nowMs`. */
export function missedStarts(dueMs: number, intervalMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - dueMs) / intervalMs));
}

/**
 * When an endpoint that was started for the first time at `nowMs` is due again: at its own phase of the interval,
 * which follows from its number, so that endpoints met in the same instant do not go on answering in one instant.
 * At least half an interval and less than one and a half away.
 */
export function firstDueMs(id: number, intervalMs: number, nowMs: number): number {
  const phaseMs = phaseOf(id) * intervalMs;
  return phaseMs + Math.ceil((nowMs + intervalMs / 2 - phaseMs) / intervalMs) * intervalMs;
}

/** 0 to 1. Multiples of the golden ratio: consecutive numbers come to lie evenly, however many there are. */
function phaseOf(id: number): number {
  return (Math.imul(id, 0x9e3779b1) >>> 0) / 2 ** 32;
}
