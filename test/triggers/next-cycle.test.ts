import { expect, it } from 'vitest';
import { NextCycle } from '../../src/triggers/next-cycle.ts';

it('is due at its time, and at once when something may wake the trigger', () => {
  const next = new NextCycle(0);
  next.ran(1000);
  expect(next.isDue(999)).toBe(false);
  expect(next.isDue(1000)).toBe(true);
  next.noticed(false);
  expect(next.isDue(999)).toBe(false);
  next.noticed(true);
  expect(next.isDue(1)).toBe(true);
});

it('hurries once, not at every tick from then on', () => {
  const next = new NextCycle(0);
  next.noticed(true);
  next.ran(1000);
  expect(next.isDue(10)).toBe(false);
  next.hurry();
  expect(next.isDue(10)).toBe(true);
  next.ran(2000);
  expect(next.isDue(1999)).toBe(false);
});

it('has news from the first moment, and after each reading until the next cycle', () => {
  const next = new NextCycle(0);
  expect(next.hasNews).toBe(true);
  next.postpone(20);
  expect(next.hasNews).toBe(true);
  next.ran(1000);
  expect(next.hasNews).toBe(false);
  next.noticed(false);
  expect(next.hasNews).toBe(true);
});
