import fc from 'fast-check';
import { expect, it } from 'vitest';
import { durationWithin, formatDuration, parseDuration } from '../../src/config/duration.ts';

it.each([
  ['800ms', 800],
  ['60s', 60_000],
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['0.5h', 1_800_000],
  ['.5s', 500],
  ['1.s', 1000],
  ['0.1h', 360_000],
  ['1.0006s', 1001],
  ['1h1m1s1ms', 3_661_001],
  ['30s1m', 90_000],
  ['0', 0],
  ['0s', 0],
])('reads %s as %d ms', (text, spanMs) => expect(parseDuration(text)).toEqual({ ok: true, value: spanMs }));

const notADuration = 'is not a duration: write a number with a unit (ms, s, m, h), such as "800ms", "60s" or "1m30s"';
it.each([
  ['60', 'has no unit: write "60s"'],
  ['1.5', 'has no unit: write "1.5s"'],
  ['-5s', 'must not be negative'],
  ['60 s', notADuration],
  ['60S', notADuration],
  ['1d', notADuration],
  ['5us', notADuration],
  ['s', notADuration],
  ['.s', notADuration],
  ['1e3s', notADuration],
  ['1m30', notADuration],
  [`${'9'.repeat(13)}s`, notADuration],
])('refuses %s', (text, fault) => expect(parseDuration(text)).toEqual({ ok: false, faults: [fault] }));

it.each([
  [0, '0s'],
  [800, '800ms'],
  [1500, '1.5s'],
  [60_000, '1m'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [3_661_001, '1h1m1.001s'],
  [86_400_000, '24h'],
])('writes %d ms as %s', (spanMs, text) => expect(formatDuration(spanMs)).toBe(text));

it('reads back what it writes', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000), (spanMs) => {
      expect(parseDuration(formatDuration(spanMs))).toEqual({ ok: true, value: spanMs });
    }),
  );
});

it('is quick with long nonsense', () => {
  expect(parseDuration(`${'1.1'.repeat(1400)}x`).ok).toBe(false);
});

it('keeps to its bounds, both included', () => {
  const reader = durationWithin(1000, 2000);
  expect(['999ms', '1s', '2s', '2001ms'].map((text) => reader(text).ok)).toEqual([false, true, true, false]);
  expect(reader('3s')).toEqual({ ok: false, faults: ['must be from 1s to 2s'] });
});
