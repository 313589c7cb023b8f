import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BoundWindow } from '../../src/aggregation/bound-window.ts';

const exactly = (value: number) => ({ low: value, high: value });

/** A window of 60 s and 6 s with one value a second, the newest last. */
function secondsOf(values: readonly number[]): { window: BoundWindow; nowMs: number } {
  const window = new BoundWindow(60_000, 6_000);
  values.forEach((value, second) => {
    window.record(second * 1000, exactly(value));
  });
  return { window, nowMs: (values.length - 1) * 1000 };
}

it('knows nothing before the first record', () => {
  expect(new BoundWindow(60_000, 6_000).means(0, 60_000)).toBeUndefined();
});

it.each([
  ['is the first value while there is only one', [7], 60_000, 7],
  ['is the mean over the whole span', Array.from({ length: 60 }, (_, i) => i), 60_000, 29.5],
  ['forgets what is older than the span', [...Array(60).fill(100), ...Array(60).fill(0)], 60_000, 0],
  ['keeps what is exactly inside the span', [...Array(60).fill(60), ...Array(59).fill(0)], 60_000, 1],
  ['takes the burst span alone when asked', [...Array(60).fill(0), ...Array(6).fill(30)], 6_000, 30],
] as [string, number[], number, number][])('%s', (_name, values, spanMs, want) => {
  const { window, nowMs } = secondsOf(values);
  expect(window.means(nowMs, spanMs)).toEqual(exactly(want));
});

it('counts a second once, with what was seen last in it', () => {
  const { window } = secondsOf([10]);
  window.record(1000, exactly(99));
  window.record(1900, exactly(20));
  expect(window.means(1900, 60_000)).toEqual(exactly(15));
});

it('leaves out seconds in which nothing was recorded', () => {
  const { window } = secondsOf([10]);
  window.record(30_000, exactly(20));
  expect(window.means(30_000, 60_000)).toEqual(exactly(15));
});

it('keeps both bounds apart', () => {
  const window = new BoundWindow(60_000, 6_000);
  window.record(0, { low: 0, high: 10 });
  window.record(1000, { low: 4, high: 4 });
  expect(window.means(1000, 60_000)).toEqual({ low: 2, high: 7 });
});

it('has finer buckets for short windows, and a bounded number for long ones', () => {
  expect(new BoundWindow(6_000, 600).bucketMs).toBe(100);
  expect(new BoundWindow(3_600_000, 60_000).bucketMs).toBe(6_000);
});

it('lies between the smallest and the largest value recorded, whatever the times', () => {
  const record = fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.nat(1000));
  const property = fc.property(fc.array(record, { minLength: 1, maxLength: 200 }), (records) => {
    const window = new BoundWindow(60_000, 6_000);
    const ordered = records.toSorted(([a], [b]) => a - b);
    for (const [atMs, value] of ordered) window.record(atMs, exactly(value));
    const nowMs = ordered[ordered.length - 1]![0];
    const recent = ordered.filter(([atMs]) => atMs > nowMs - 61_000).map(([, value]) => value);
    const { low, high } = window.means(nowMs, 60_000)!;
    expect(low).toBe(high);
    expect(low).toBeGreaterThanOrEqual(Math.min(...recent));
    expect(low).toBeLessThanOrEqual(Math.max(...recent));
  });
  fc.assert(property);
});

it('is exactly zero once zeros fill the span, after any values', () => {
  const property = fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 80 }), (values) => {
    const { window, nowMs } = secondsOf([...values, ...Array<number>(60).fill(0)]);
    expect(window.means(nowMs, 60_000)).toEqual(exactly(0));
  });
  fc.assert(property);
});

it('copies both bounds of its past, and then goes its own way', () => {
  const window = new BoundWindow(60_000, 6_000);
  window.record(0, { low: 2, high: 10 });
  const copy = window.copy();
  expect(copy.means(0, 60_000)).toEqual({ low: 2, high: 10 });
  copy.record(1000, exactly(4));
  expect(window.means(1000, 60_000)).toEqual({ low: 2, high: 10 });
  expect(copy.means(1000, 60_000)).toEqual({ low: 3, high: 7 });
});
