import { expect, it } from 'vitest';
import { burstStream, defaultBurst, spanOf } from '../../../src/simulate/traffic/burst.ts';
import { seededRandom } from '../../../src/simulate/traffic/seeded-random.ts';

const requests = [...burstStream(defaultBurst, 7)];

it('is the same for the same seed and another for another', () => {
  expect([...burstStream(defaultBurst, 7)]).toEqual(requests);
  expect([...burstStream(defaultBurst, 8)]).not.toEqual(requests);
});

it('is silent first and begins exactly with its first phase', () => {
  expect(requests[0]!.atMs).toBe(defaultBurst[0]!.spanMs);
});

it('comes in order and ends with its phases', () => {
  const times = requests.map((request) => request.atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeLessThan(spanOf(defaultBurst));
});

it('follows the rates of its phases', () => {
  let startMs = 0;
  let compared = 0;
  for (const { spanMs, fromPerSecond, toPerSecond } of defaultBurst) {
    const count = requests.filter(({ atMs }) => atMs >= startMs && atMs < startMs + spanMs).length;
    const expected = ((fromPerSecond + toPerSecond) / 2) * (spanMs / 1000);
    expect(Math.abs(count - expected)).toBeLessThanOrEqual(3 * Math.sqrt(expected + 1));
    startMs += spanMs;
    compared += 1;
  }
  expect(compared).toBe(5);
});

it('asks for whole tokens, at least one', () => {
  expect(requests.length).toBeGreaterThan(1000);
  for (const { promptTokens, outputTokens } of requests) {
    expect(Number.isInteger(promptTokens) && promptTokens >= 1 && promptTokens <= 8000).toBe(true);
    expect(Number.isInteger(outputTokens) && outputTokens >= 1 && outputTokens <= 1000).toBe(true);
  }
});

it('draws evenly from [0, 1)', () => {
  const random = seededRandom(1);
  const draws = Array.from({ length: 10_000 }, random);
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const share = draws.filter((draw) => Math.floor(draw * 10) === tenth).length;
    expect(Math.abs(share - 1000)).toBeLessThan(150);
  }
});
