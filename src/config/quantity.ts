import type { Parsed } from './parsed.ts';
import { read, refuse } from './parsed.ts';

const digits = /^\d{1,12}(?:\.\d{1,6})?$/;
const longDigits = /^\d*(?:\.\d*)?$/;

/**
 * Reads a number of at least `least`, written in at most 12 digits before the point and 6 after it: more could round
 * to infinity or to nothing on its way to the HPA. A fault is a predicate, to follow the name of what was read.
 */
export function quantityFrom(least: number): (text: string) => Parsed<number> {
  return (text) => {
    if (/^[+-]?(?:inf|infinity|nan)$/i.test(text)) return refuse('must be a finite number');
    if (/^-\d/.test(text)) return refuse(belowLeast(least));
    if (!digits.test(text)) return refuse(malformed(text));
    const value = Number(text);
    return value >= least ? read(value) : refuse(belowLeast(least));
  };
}

/** Reads a whole number from `least` to `most`, both included. */
export function wholeNumberWithin(least: number, most: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? read(value) : refuse(`must be a whole number from ${least} to ${most}`);
  };
}

function belowLeast(least: number): string {
  return least === 0 ? 'must not be negative' : `must be a positive number, at least ${least}`;
}

function malformed(text: string): string {
  const isLong = /\d/.test(text) && longDigits.test(text) && !text.startsWith('.') && !text.endsWith('.');
  if (isLong) return 'has too many digits: at most 12 before the point and 6 after it';
  return 'must be a number in plain digits, such as "32" or "0.5"';
}
