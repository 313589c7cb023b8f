import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseNumber } from '../../src/exposition/number.ts';

const parse = (printed: string) => parseNumber(Buffer.from(`x${printed}x`), 1, 1 + Buffer.byteLength(printed));

it.each([
  ['0', 0],
  ['-0', -0],
  ['+5', 5],
  ['08', 8],
  ['1.', 1],
  ['.5', 0.5],
  ['-.5e1', -5],
  ['123456789012345', 123456789012345],
  ['1234567890123456', 1234567890123456],
  ['0.4173228346456693', 0.4173228346456693],
  ['0.000000000000001', 1e-15],
  ['1.15e+011', 1.15e11],
  ['3E3', 3000],
  ['4.9e-324', 5e-324],
  ['1e-400', 0],
  ['NaN', Number.NaN],
  ['nan', Number.NaN],
  ['Inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-INFINITY', Number.NEGATIVE_INFINITY],
  ['0x1p-2', 0.25],
  ['-0X1.8P3', -12],
  ['0x_1F.8p0', 31.5],
  ['1_000.5', 1000.5],
])('reads %s', (printed, value) => expect(parse(printed)).toBe(value));

it.each([
  ...[
    '',
    '.',
    '+',
    '-',
    '+.',
    'e5',
    '1e',
    '1e+',
    '1.2.3',
    '--1',
    '+-1',
    '1-',
    '1+1',
    ' 1',
    '1 ',
    '1,5',
    '1f',
    '0b1',
    '0o7',
  ],
  ...[
    '0x10',
    '0xp1',
    '0x1p',
    '0x.p1',
    '_1',
    '1_',
    '1__0',
    '1_.5',
    '1e_1',
    '0x1_p1',
    'infin',
    'nann',
    '+nan',
    '-nan',
    '1e400',
    '0x1p99999',
  ],
  ...['١', '１', '1'.repeat(513), 'null', 'true'],
])('refuses %s', (printed) => expect(parse(printed)).toBeUndefined());

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 20 });
const sign = fc.constantFrom('', '+', '-');
const decimal = fc
  .tuple(sign, digits, fc.option(digits), fc.option(fc.tuple(sign, fc.integer({ min: 0, max: 330 }))))
  .map(
    ([s, whole, fraction, e]) =>
      `${s}${whole}${fraction === null ? '' : `.${fraction}`}${e === null ? '' : `e${e.join('')}`}`,
  );

it('equals Number() for every decimal and every double as printed', () => {
  const printedDouble = fc.double({ noDefaultInfinity: true, noNaN: true }).map(String);
  const property = fc.property(fc.oneof(decimal, printedDouble), (printed) => {
    const value = Number(printed);
    const isNumber = /\d/.test(printed.replace(/e.*/, '')) && Number.isFinite(value);
    expect(parse(printed)).toBe(isNumber ? value : undefined);
  });
  fc.assert(property, { numRuns: 5000 });
});

it('accepts no other decimal than Number() does', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'0123456789+-.eE_ xXpPinfa'), maxLength: 8 });
  const property = fc.property(noise, (printed) => {
    const value = parse(printed);
    if (value === undefined || /[_xi]|nan/i.test(printed)) return;
    expect(value).toBe(Number(printed));
    expect(printed).toBe(printed.trim());
  });
  fc.assert(property, { numRuns: 5000 });
});
