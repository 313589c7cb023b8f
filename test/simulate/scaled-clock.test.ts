import { expect, it } from 'vitest';
import { scaledClock } from '../../src/simulate/scaled-clock.ts';

it('runs as many times as fast as the wall clock', async () => {
  const clock = scaledClock(1000);
  const startedMs = performance.now();
  await clock.sleep(20_000);
  const wallMs = performance.now() - startedMs;
  expect(wallMs).toBeGreaterThanOrEqual(18);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(20_000 * 0.9);
  const stop = new AbortController();
  const sleeping = clock.sleep(3_600_000_000, stop.signal);
  stop.abort();
  await sleeping;
});
