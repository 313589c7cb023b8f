import { expect, it } from 'vitest';
import { WriteBudget } from '../../../src/simulate/keda/write-budget.ts';
import { ManualClock } from '../../../src/time/manual-clock.ts';

it('lets a burst through and then so many a second, in order', async () => {
  const clock = new ManualClock();
  const budget = new WriteBudget(clock, 2, 3);
  const { signal } = new AbortController();
  const done: number[] = [];
  const all = Promise.all(
    [1, 2, 3, 4, 5].map(async (write) => {
      await budget.take(signal);
      done.push(write);
    }),
  );
  await Promise.resolve();
  await Promise.resolve();
  expect(done).toEqual([1, 2, 3]);
  expect(clock.nextWakeMs()).toBe(500);
  clock.advanceTo(500);
  expect(clock.nextWakeMs()).toBe(1000);
  clock.advanceTo(1000);
  await all;
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

it('fills up again with time, to the burst and no further', async () => {
  const clock = new ManualClock();
  const budget = new WriteBudget(clock, 2, 3);
  const { signal } = new AbortController();
  await Promise.all([1, 2, 3].map(() => budget.take(signal)));
  clock.advanceTo(60_000);
  await Promise.all([1, 2, 3].map(() => budget.take(signal)));
  void budget.take(signal);
  expect(clock.nextWakeMs()).toBe(60_500);
});
