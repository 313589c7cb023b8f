import { expect, it } from 'vitest';
import { systemClock } from '../../src/time/system-clock.ts';

it('sleeps for the time given', async () => {
  const startMs = systemClock.nowMs();
  await systemClock.sleep(20, new AbortController().signal);
  expect(systemClock.nowMs() - startMs).toBeGreaterThanOrEqual(19);
});

it.each(['before', 'during'])('wakes at once when it is stopped %s its sleep', async (when) => {
  const stop = new AbortController();
  if (when === 'before') stop.abort();
  const sleep = systemClock.sleep(3_600_000, stop.signal);
  stop.abort();
  await sleep;
});

it('draws from 0 up to 1', () => {
  const drawn = systemClock.random();
  expect(drawn).toBeGreaterThanOrEqual(0);
  expect(drawn).toBeLessThan(1);
});
