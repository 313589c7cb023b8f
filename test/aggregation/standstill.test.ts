import { expect, it } from 'vitest';
import type { EndpointMemory } from '../../src/aggregation/endpoint-memory.ts';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import type { Suspicion } from '../../src/aggregation/standstill.ts';
import { isIgnored, isSuspect, lastStirMs } from '../../src/aggregation/standstill.ts';
import type { Signals } from '../../src/presets/signals.ts';
import { goodReading } from '../fakes/readings.ts';

const policy = { metric: 'concurrency', windowMs: 60_000, burstWindowMs: 6_000 } as const;
const minute = 60_000;

/** An endpoint that says this, every ten seconds up to a moment. */
function saying(untilMs: number, says: (atMs: number) => Partial<Signals>): EndpointMemory {
  let memory = emptyMemory;
  for (let atMs = 0; atMs <= untilMs; atMs += 10_000) memory = remember(memory, goodReading(atMs, says(atMs)), policy);
  return memory;
}

const nobody: Suspicion = { suspectAfterMs: undefined, anyMovedMs: undefined, ignoreAfterMs: undefined };
const suspect = (memory: EndpointMemory, suspicion: Partial<Suspicion>, nowMs: number) =>
  isSuspect(memory, { ...nobody, ...suspicion }, nowMs);

it('suspects requests beside a step counter that stands still, and nothing else', () => {
  const frozen = saying(40_000, () => ({ concurrency: 3, stepsTotal: 50, requestsTotal: 9 }));
  expect(suspect(frozen, { suspectAfterMs: 30_000 }, 40_000)).toBe(true);
  expect(suspect(frozen, { suspectAfterMs: 30_000 }, 30_000)).toBe(false);
  expect(suspect(frozen, {}, 40_000)).toBe(false);
  const idle = saying(40_000, () => ({ concurrency: 0, stepsTotal: 50 }));
  expect(suspect(idle, { suspectAfterMs: 30_000 }, 40_000)).toBe(false);
  const stepless = saying(40_000, () => ({ concurrency: 3, requestsTotal: 9 }));
  expect(suspect(stepless, { suspectAfterMs: 30_000 }, 40_000)).toBe(false);
});

const moving: [counter: string, says: (atMs: number) => Partial<Signals>][] = [
  ['requests', (atMs) => ({ requestsTotal: atMs })],
  ['steps or tokens', (atMs) => ({ stepsTotal: atMs })],
  ['seconds of requests', (atMs) => ({ requestSecondsSum: atMs })],
  ['first tokens', (atMs) => ({ timeToFirstTokenCount: atMs })],
];
it.each(moving)('never suspects an engine whose counter of %s moves', (_counter, says) => {
  const memory = saying(20 * minute, (atMs) => ({ concurrency: 3, stepsTotal: 50, requestsTotal: 9, ...says(atMs) }));
  const all = { suspectAfterMs: 30_000, anyMovedMs: 20 * minute, ignoreAfterMs: minute };
  expect(suspect(memory, all, 20 * minute)).toBe(false);
  expect(isIgnored(memory, minute, 20 * minute)).toBe(false);
});

it('suspects a worker that was killed: it claims requests for minutes while others have counted some', () => {
  const killed = saying(6 * minute, () => ({ concurrency: 3, requestsTotal: 9 }));
  expect(suspect(killed, { anyMovedMs: 6 * minute }, 6 * minute)).toBe(true);
  expect(suspect(killed, { anyMovedMs: 4 * minute }, 4 * minute)).toBe(false);
  expect(suspect(killed, { anyMovedMs: undefined }, 6 * minute)).toBe(false);
});

it('ignores what it claims after the time that the trigger sets, and by itself never', () => {
  const killed = saying(20 * minute, () => ({ concurrency: 3, requestsTotal: 9 }));
  expect(isIgnored(killed, undefined, 20 * minute)).toBe(false);
  expect(isIgnored(killed, 15 * minute, 20 * minute)).toBe(true);
  expect(isIgnored(killed, 25 * minute, 20 * minute)).toBe(false);
  expect(suspect(killed, { ignoreAfterMs: 15 * minute }, 20 * minute)).toBe(true);
});

it('believes a number that changes, and one beside which nothing could have moved', () => {
  const alive = saying(20 * minute, (atMs) => ({ concurrency: 1 + (atMs % 20_000) / 10_000, requestsTotal: 9 }));
  expect(isIgnored(alive, 5 * minute, 20 * minute)).toBe(false);
  const countless = saying(20 * minute, () => ({ concurrency: 3 }));
  expect(isIgnored(countless, 5 * minute, 20 * minute)).toBe(false);
  expect(lastStirMs(countless)).toBeUndefined();
});
