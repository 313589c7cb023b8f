import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quantityFrom, wholeNumberWithin } from '../../src/config/quantity.ts';

it.each([
  ['0', 0],
  ['32', 32],
  ['007', 7],
  ['0.000001', 0.000001],
  ['99999999999.9999', 99_999_999_999.9999],
])('reads %s', (text, value) => expect(quantityFrom(0)(text)).toEqual({ ok: true, value }));

const plainDigits = 'must be a number in plain digits, such as "32" or "0.5"';
const tooLong = 'has too many digits: at most 12 before the point and 6 after it';
it.each([
  ['-1', 'must not be negative'],
  ['Infinity', 'must be a finite number'],
  ['-inf', 'must be a finite number'],
  ['nan', 'must be a finite number'],
  ['1000000000000', tooLong],
  ['0.0000001', tooLong],
  ['', plainDigits],
  ['.', plainDigits],
  ['.5', plainDigits],
  ['5.', plainDigits],
  ['+5', plainDigits],
  ['0x10', plainDigits],
  ['1,5', plainDigits],
  ['1_000', plainDigits],
  ['٣', plainDigits],
  ['10 requests', plainDigits],
])('refuses "%s"', (text, fault) => expect(quantityFrom(0)(text)).toEqual({ ok: false, faults: [fault] }));

it('gives only finite numbers that are not below the least', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789.-+eE') });
  let numbers = 0;
  const property = fc.property(text, (written) => {
    const parsed = quantityFrom(2)(written);
    if (!parsed.ok) return;
    numbers++;
    expect(Number.isFinite(parsed.value)).toBe(true);
    expect(parsed.value).toBeGreaterThanOrEqual(2);
  });
  fc.assert(property, { numRuns: 2000 });
  expect(numbers).toBeGreaterThan(20);
});

it('reads whole numbers within bounds, both included', () => {
  const reader = wholeNumberWithin(1, 10);
  expect(['1', '10'].map(reader)).toEqual([1, 10].map((value) => ({ ok: true, value })));
  const wrong = ['0', '11', '1.5', '-1', '', 'ten', '9'.repeat(400)].map(reader);
  expect(wrong).toEqual(Array(7).fill({ ok: false, faults: ['must be a whole number from 1 to 10'] }));
});
