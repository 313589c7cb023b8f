import { expect, it } from 'vitest';
import { targetOf, totalOf } from '../../src/keda/keda-values.ts';

function total(metricValueFloat: number, metricValue: number): number {
  return totalOf([{ metricName: 'x', metricValue, metricValueFloat }]);
}

it.each([
  ['the float where it is above 0', 12.5, 13, 12.5],
  ['the integer where the float is 0', 0, 5, 5],
  ['the integer where the float is negative', -1, 5, 5],
  ['the integer where the float is no number', Number.NaN, 5, 5],
  ['0 for what is infinite', Number.POSITIVE_INFINITY, 5, 0],
  ['0 for what is negative', 0, -5, 0],
  ['three decimals', 1.23456, 2, 1.235],
  ['0 for what is too small', 0.0004, 0, 0],
])('takes %s', (_name, float, integer, want) => expect(total(float, integer)).toBe(want));

it('adds what is returned, whatever it is called', () => {
  const values = [
    { metricName: 'a', metricValue: 1, metricValueFloat: 1.5 },
    { metricName: 'b', metricValue: 2, metricValueFloat: 0 },
  ];
  expect(totalOf(values)).toBe(3.5);
});

it.each([
  [32, 0, 32],
  [32, 0.5, 0.5],
  [0, 0, undefined],
  [0, 0.0001, undefined],
  [-3, 0, undefined],
])('reads a target of %d and %d as %s', (targetSize, targetSizeFloat, want) => {
  expect(targetOf({ metricName: 'x', targetSize, targetSizeFloat })).toBe(want);
});
