import { expect, it } from 'vitest';
import { desiredReplicas } from '../../src/keda/desired-replicas.ts';

it.each([
  ['rounds up', 41, 10, 2, 5],
  ['keeps the count exactly on target', 40, 10, 4, 4],
  ['keeps the count at the edge of the tolerance', 44, 10, 4, 4],
  ['moves just beyond the tolerance', 44.5, 10, 4, 5],
  ['keeps the count just below target', 36, 10, 4, 4],
  ['moves below the tolerance', 29, 10, 4, 3],
  ['asks for none when idle', 0, 10, 4, 0],
  ['is not asked at zero replicas', 30, 10, 0, 0],
])('%s', (_name, value, target, replicas, want) => expect(desiredReplicas(value, target, replicas)).toBe(want));
