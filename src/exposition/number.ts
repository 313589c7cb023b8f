import { isDigit } from './bytes.ts';

const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const LETTER_E = 69;
const LETTER_E_SMALL = 101;
/** Digits of the largest whole number up to which all are exact in a double: 2^53 has sixteen. */
const exactDigits = 16;
/** Powers of ten up to this one are exact in a double. */
const exactPowers = 22;
/** The longest number that is read at all; Go and Python print doubles in at most 25 bytes. */
const maxNumberBytes = 512;
const powersOfTen = Float64Array.from({ length: exactPowers + 1 }, (_, power) => Number(`1e${power}`));

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const infinity = /^[+-]?inf(?:inity)?$/i;
const hexadecimal = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i;
/** An underscore stands between two digits, or between the base prefix and a digit. */
const misplacedUnderscore = /(?<!\d)_|_(?!\d)/;
const misplacedHexUnderscore = /(?<![\da-fx])_|_(?![\da-f])/i;

/**
 * Reads the number in `bytes[start, end)` as Go's ParseFloat does, Prometheus' reference: decimals, hexadecimals with
 * a `p` exponent, underscores between digits, `NaN` and signed `Inf` or `Infinity` in any case. Undefined for anything
 * else, for the empty text, and for a finite number beyond a double's range.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  const first = bytes[start];
  let at = first === MINUS || first === PLUS ? start + 1 : start;
  let mantissa = 0;
  let digits = 0;
  let dotAt = -1;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (isDigit(byte)) {
      mantissa = mantissa * 10 + (byte - 48);
      digits++;
    } else if (byte === DOT && dotAt < 0) dotAt = at;
    else break;
  }
  if (digits === 0 || digits > exactDigits || mantissa > Number.MAX_SAFE_INTEGER) return parseRare(bytes, start, end);
  const fraction = dotAt < 0 ? 0 : at - dotAt - 1;
  const exponent = at === end ? 0 : readExponent(bytes, at, end);
  const power = exponent - fraction;
  // Both are exact, so that one operation rounds once, as the written number does.
  if (!(power >= -exactPowers && power <= exactPowers)) return parseRare(bytes, start, end);
  const size = power < 0 ? mantissa / powersOfTen[-power]! : mantissa * powersOfTen[power]!;
  return first === MINUS ? -size : size;
}

/** The exponent in `bytes[at, end)`: `e`, a sign or none, and one or two digits. NaN for anything else. */
function readExponent(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== LETTER_E && bytes[at] !== LETTER_E_SMALL) return Number.NaN;
  const sign = bytes[at + 1];
  const from = sign === MINUS || sign === PLUS ? at + 2 : at + 1;
  if (from >= end || end - from > 2) return Number.NaN;
  let exponent = 0;
  for (let digit = from; digit < end; digit++) {
    if (!isDigit(bytes[digit]!)) return Number.NaN;
    exponent = exponent * 10 + (bytes[digit]! - 48);
  }
  return sign === MINUS ? -exponent : exponent;
}

function parseRare(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start >= end || end - start > maxNumberBytes) return undefined;
  const printed = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  if (decimal.test(printed)) return finite(Number(printed));
  if (/^nan$/i.test(printed)) return Number.NaN;
  if (infinity.test(printed)) return printed.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const misplaced = /0x/i.test(printed) ? misplacedHexUnderscore : misplacedUnderscore;
  if (misplaced.test(printed)) return undefined;
  const plain = printed.replaceAll('_', '');
  return finite(decimal.test(plain) ? Number(plain) : parseHexadecimal(plain));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** NaN for what is no hexadecimal number. */
function parseHexadecimal(printed: string): number {
  const [, sign, whole = '', fraction = '', exponent] = hexadecimal.exec(printed) ?? [];
  if (`${whole}${fraction}` === '') return Number.NaN;
  const mantissa = Number(`0x${whole}${fraction}`);
  const size = mantissa === 0 ? 0 : mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -size : size;
}
