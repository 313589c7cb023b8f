import { expect, it } from 'vitest';
import { requestPace } from '../../src/discovery/request-pace.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';

const never = new AbortController().signal;

/** How many of each asker's requests have had their turn after so many milliseconds. */
async function turnsAfter(ms: number, asked: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const clock = new VirtualClock();
  const pace = requestPace(clock);
  const had = Object.fromEntries(Object.keys(asked).map((asker) => [asker, 0]));
  for (const [asker, count] of Object.entries(asked)) {
    for (let nth = 0; nth < count; nth += 1) void pace(asker, never).then(() => (had[asker]! += 1));
  }
  for (let passedMs = 0; passedMs < ms; passedMs += 10) {
    await clock.settle(1);
    clock.advance(10);
  }
  await clock.settle(1);
  return had;
}

it('lets one namespace ask twenty times a second', async () => {
  expect(await turnsAfter(1_000, { models: 500 })).toEqual({ models: 21 });
});

it('lets nobody wait for the long list of another', async () => {
  expect(await turnsAfter(100, { hostile: 500, models: 2 })).toEqual({ hostile: 3, models: 2 });
});

it('lets all together ask a hundred times a second', async () => {
  const askers = Object.fromEntries(Array.from({ length: 20 }, (_, nth) => [`ns-${nth}`, 50]));
  const had = await turnsAfter(1_000, askers);
  const all = Object.values(had).reduce((sum, each) => sum + each, 0);
  expect(all).toBeGreaterThan(90);
  expect(all).toBeLessThanOrEqual(101);
});

it('does not wait for a turn that is no longer wanted', async () => {
  const clock = new VirtualClock();
  const pace = requestPace(clock);
  const stop = new AbortController();
  await pace('models', never);
  const waiting = pace('models', stop.signal);
  stop.abort();
  await waiting;
  expect(clock.nowMs()).toBe(0);
});
