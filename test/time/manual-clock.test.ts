import { expect, it } from 'vitest';
import { ManualClock } from '../../src/time/manual-clock.ts';

it('wakes sleepers in the order of their times, and none early', async () => {
  const clock = new ManualClock(100);
  const woken: string[] = [];
  const sleep = (name: string, spanMs: number) => clock.sleep(spanMs).then(() => woken.push(name));
  const all = [sleep('late', 30), sleep('early', 10), sleep('later', 50)];
  clock.advanceTo(139);
  await Promise.all(all.slice(0, 2));
  expect(woken).toEqual(['early', 'late']);
  expect(clock.nextWakeMs()).toBe(150);
});

it('wakes at once who is told to stop', async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(1000, stop.signal);
  stop.abort();
  await sleeping;
  await clock.sleep(1000, stop.signal);
  expect(clock.nextWakeMs()).toBeUndefined();
});
