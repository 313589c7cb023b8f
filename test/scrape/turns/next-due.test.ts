import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstDueMs, missedStarts, nextDueMs } from '../../../src/scrape/turns/next-due.ts';

it.each([
  ['started on time: one interval later', 250, 1250, 0],
  ['started late: the lateness is not carried on', 990, 1250, 0],
  ['a standstill of three intervals: no burst, same phase', 3400, 4250, 3],
  ['a standstill to the very next start: that start is this one', 2250, 3250, 2],
])('%s', (_name, nowMs, next, missed) => {
  expect(nextDueMs(250, 1000, nowMs)).toBe(next);
  expect(missedStarts(250, 1000, nowMs)).toBe(missed);
});

it('puts the second start half to one and a half intervals after the first, always at the same phase', () => {
  const property = fc.property(
    fc.nat(1e6),
    fc.integer({ min: 1, max: 60_000 }),
    fc.nat(1e9),
    (id, intervalMs, nowMs) => {
      const due = firstDueMs(id, intervalMs, nowMs);
      expect(due - nowMs).toBeGreaterThanOrEqual(intervalMs / 2 - 1e-3);
      expect(due - nowMs).toBeLessThan(intervalMs * 1.5 + 1e-3);
      const later = (firstDueMs(id, intervalMs, nowMs + 12_345) - due) / intervalMs;
      expect(later).toBeCloseTo(Math.round(later), 5);
    },
  );
  fc.assert(property);
});

it('spreads endpoints that are met in one instant evenly over the interval', () => {
  const tenths = Array<number>(10).fill(0);
  for (let id = 1; id <= 1000; id++) tenths[Math.floor((firstDueMs(id, 1000, 0) % 1000) / 100)]!++;
  expect(Math.min(...tenths)).toBeGreaterThanOrEqual(95);
  expect(Math.max(...tenths)).toBeLessThanOrEqual(105);
});
