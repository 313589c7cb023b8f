import { expect, it } from 'vitest';
import { Fallback } from '../../src/keda/fallback.ts';

const average = { kind: 'average-value', target: 10 } as const;

it('stands in after more failures than the threshold, until one success', () => {
  const fallback = new Fallback({ failureThreshold: 2, replicas: 3 });
  const failures = () => [1, 2, 3].map(() => fallback.failed('s0-x', average, 1));
  expect(failures()).toEqual([undefined, undefined, 30]);
  fallback.succeeded('s0-x');
  expect(failures()).toEqual([undefined, undefined, 30]);
});

it('counts each metric for itself', () => {
  const fallback = new Fallback({ failureThreshold: 0, replicas: 3 });
  expect(fallback.failed('s0-x', average, 1)).toBe(30);
  expect(fallback.failed('s1-y', { kind: 'value', target: 10 }, 2)).toBe(15);
});

it('is impossible for a value with no ready pod', () => {
  expect(new Fallback({ failureThreshold: 0, replicas: 3 }).failed('x', { kind: 'value', target: 10 }, 0)).toBe(
    undefined,
  );
});

it('does nothing where there is none', () => {
  expect(new Fallback(undefined).failed('x', average, 1)).toBe(undefined);
});
