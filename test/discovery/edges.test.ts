import { expect, it } from 'vitest';
import { realEdges } from '../../src/discovery/edges.ts';

it('sleeps for the time given', async () => {
  const startMs = realEdges.nowMs();
  await realEdges.sleep(20, new AbortController().signal);
  expect(realEdges.nowMs() - startMs).toBeGreaterThanOrEqual(19);
});

it.each(['before', 'during'])('wakes at once when it is stopped %s its sleep', async (when) => {
  const stop = new AbortController();
  if (when === 'before') stop.abort();
  const sleep = realEdges.sleep(3_600_000, stop.signal);
  stop.abort();
  await sleep;
});

it('draws from 0 up to 1', () => {
  const drawn = realEdges.random();
  expect(drawn).toBeGreaterThanOrEqual(0);
  expect(drawn).toBeLessThan(1);
});
