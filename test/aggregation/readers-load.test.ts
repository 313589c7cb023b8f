import { expect, it } from 'vitest';
import type { EndpointMemory } from '../../src/aggregation/endpoint-memory.ts';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import { goodReading } from '../fakes/readings.ts';

const policy = { metric: 'concurrency', windowMs: 60_000, burstWindowMs: 6_000 } as const;

/** A LiteLLM proxy that says these numbers one after the other, our own read taken off already. */
function saying(everyMs: number, ...numbers: number[]): EndpointMemory {
  return numbers.reduce((memory, concurrency, at) => {
    const reading = { ...goodReading(at * everyMs, { concurrency, running: concurrency }), engine: 'litellm' as const };
    return remember(memory, reading, policy);
  }, emptyMemory);
}

it('takes one look at an idle proxy for what it is', () => {
  expect(saying(1000, 0).lastLoad).toBe(0);
});

it('does not take a second reader for a request', () => {
  for (let at = 3; at < 60; at++) {
    const numbers = Array.from({ length: at }, (_, look) => (look % 20 < 19 ? 0 : 1));
    expect(saying(50, ...numbers).lastLoad).toBe(0);
  }
  expect(saying(1000, 0, 1).lastLoad).toBe(0);
  expect(saying(1000, 1).lastLoad).toBeUndefined();
});

it('finds a request as soon as looks of a second agree on it', () => {
  const held = Array<number>(21).fill(2);
  expect(saying(50, 0, 0, ...held.slice(0, 10)).lastLoad).toBe(0);
  expect(saying(50, 0, 0, ...held).lastLoad).toBe(2);
  expect(saying(1000, 0, 4, 4, 5).lastLoad).toBe(4);
});

it('remembers no more looks than it compares', () => {
  expect(saying(10, ...Array<number>(500).fill(1)).looks.length).toBeLessThanOrEqual(32);
});
