/**
 * How far a counter moved between two readings. A fall means that the server restarted and counts from 0 again,
 * so the new value is what came since; the rule is Prometheus' own for `increase()`.
 */
export function counterIncrease(before: number, now: number): number {
  return now < before ? now : now - before;
}
