import { expect, it } from 'vitest';
import { RestartDelay } from '../../src/readings/restart-delay.ts';

it.each([
  [
    'grows while no thread lives, to ten seconds',
    [0, 10, 200, 0, 5, 0, 0, 0, 0],
    [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000],
  ],
  ['grows though a thread was at work for a while', [0, 20_000, 29_999], [100, 200, 400]],
  ['begins anew once a thread has lived for half a minute', [0, 0, 30_000, 0], [100, 200, 100, 200]],
])('the wait before the next thread %s', (_name, livedMs, waitsMs) => {
  const delay = new RestartDelay();
  expect(livedMs.map((lived) => delay.afterDeath(lived))).toEqual(waitsMs);
});
