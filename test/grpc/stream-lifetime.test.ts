import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConnectionAges, streamLifetimeMs } from '../../src/grpc/stream-lifetime.ts';

const minute = 60_000;
const limits = { maxAgeMs: 10 * minute, graceMs: 5 * minute };

it.each([
  ['on a new connection: until after the last moment it may be asked to end', 0, 0, 11 * minute],
  ['spread over a quarter of the grace', 0, 1, 12.25 * minute],
  ['on an old connection: the rest', 4 * minute, 0, 7 * minute],
  ['as the connection is being asked to end: a quarter of the grace', 11 * minute, 0, 1.25 * minute],
])('%s', (_name, ageMs, chance, want) => expect(streamLifetimeMs(ageMs, limits, chance)).toBe(want));

it('always ends before the connection is cut', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 86_400_000 }),
    fc.integer({ min: 1, max: 3_600_000 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0.9, max: 1.1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (maxAgeMs, graceMs, chance, jitter, part) => {
      const goodbyeMs = maxAgeMs * jitter;
      const openedAtMs = goodbyeMs * part; // No stream opens after the goodbye.
      const endMs = openedAtMs + streamLifetimeMs(openedAtMs, { maxAgeMs, graceMs }, chance);
      expect(endMs).toBeLessThan(goodbyeMs + graceMs);
    },
  );
  fc.assert(property);
});

it('counts a connection’s age from its first call and forgets it once it must be gone', () => {
  const ages = new ConnectionAges(1000);
  expect([ages.ageMs('a:1', 0), ages.ageMs('b:2', 400), ages.ageMs('a:1', 900)]).toEqual([0, 0, 900]);
  expect(ages.size).toBe(2);
  expect(ages.ageMs('c:3', 1001)).toBe(0);
  expect(ages.size).toBe(2);
  expect(ages.ageMs('a:1', 1002)).toBe(0);
});
