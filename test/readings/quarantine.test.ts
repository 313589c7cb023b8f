import { expect, it } from 'vitest';
import { Quarantine } from '../../src/readings/quarantine.ts';

const minute = 60_000;
const hour = 60 * minute;

it('lets a page rest for ten minutes after the second death, not after the first', () => {
  const quarantine = new Quarantine();
  quarantine.blame('a', 0);
  expect(quarantine.restMs('a', 0)).toBe(0);
  quarantine.blame('a', minute);
  expect(quarantine.restMs('a', minute)).toBe(10 * minute);
  expect(quarantine.restMs('a', 6 * minute)).toBe(5 * minute);
  expect(quarantine.restMs('a', 11 * minute)).toBe(0);
  expect(quarantine.restMs('b', minute)).toBe(0);
});

it('lets it rest at once when it is the end of the thread again after that', () => {
  const quarantine = new Quarantine();
  for (const atMs of [0, 1, 11 * minute]) quarantine.blame('a', atMs);
  expect(quarantine.restMs('a', 11 * minute)).toBe(10 * minute);
});

it('does not add up deaths that lie more than an hour apart', () => {
  const quarantine = new Quarantine();
  for (const atMs of [0, hour, 2 * hour]) quarantine.blame('a', atMs);
  expect(quarantine.restMs('a', 2 * hour)).toBe(0);
});

it('remembers the thousand that were blamed last', () => {
  const quarantine = new Quarantine();
  quarantine.blame('a', 0);
  for (let nth = 0; nth < 1000; nth++) quarantine.blame(`page-${nth}`, 1);
  quarantine.blame('a', 2);
  expect(quarantine.restMs('a', 2)).toBe(0);
  quarantine.blame('page-999', 2);
  expect(quarantine.restMs('page-999', 2)).toBeGreaterThan(0);
});
