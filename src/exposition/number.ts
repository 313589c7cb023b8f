import { isDigit } from './bytes.ts';

const MINUS = 45;
const PLUS = 43;
const DOT = 46;
/** Up to this many digits are exact in a double, and so is every power of ten they can be divided by. */
const exactDigits = 15;
/** The longest number that is read at all; Go and Python print doubles in at most 25 bytes. */
const maxNumberBytes = 512;
const powersOfTen = Float64Array.from({ length: exactDigits + 1 }, (_, power) => Number(`1e${power}`));

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
  if (at < end || digits === 0 || digits > exactDigits) return parseRare(bytes, start, end);
  const size = dotAt < 0 ? mantissa : mantissa / powersOfTen[end - dotAt - 1]!;
  return first === MINUS ? -size : size;
}

function parseRare(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start >= end || end - start > maxNumberBytes) return undefined;
  let printed = '';
  for (let at = start; at < end; at++) printed += String.fromCharCode(bytes[at]!);
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
