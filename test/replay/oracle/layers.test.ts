import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planLayers } from '../../../src/replay/oracle/layers.ts';

const options = { perReplica: 1, startSeconds: 3, minReplicas: 0, maxReplicas: 100 };
const plan = (offered: readonly number[], changes = {}) =>
  planLayers(Float64Array.from(offered), { ...options, ...changes });

it.each([
  ['nothing is offered: nothing runs', [0, 0, 0], {}, 0],
  ['what is there at the beginning need not start', [1, 1, 0, 0], {}, 2],
  ['a gap as long as a start is kept', [1, 0, 0, 0, 1], {}, 5],
  ['a longer gap is not: the start is paid instead', [1, 0, 0, 0, 0, 1], {}, 1 + 3 + 1],
  ['a later need pays its start', [0, 0, 0, 0, 0, 1, 1], {}, 3 + 2],
  ['two layers are two', [2, 2, 1, 1], {}, 2 + 4],
  ['a part of a replica is a whole one', [0.2, 1.2], {}, 2 + 1 + 1],
  ['the least stays throughout', [0, 0, 0], { minReplicas: 2 }, 6],
  ['the most is the most', [5, 5], { maxReplicas: 2 }, 4],
])('%s', (_name, offered, changes, seconds) => expect(plan(offered, changes).replicaSeconds).toBe(seconds));

it('says when each size is to be asked for, with the start before the need', () => {
  expect(plan([0, 0, 0, 0, 0, 1, 1, 0, 0])).toEqual({
    initialReplicas: 0,
    changes: [
      { atMs: 2000, replicas: 1 },
      { atMs: 7000, replicas: 0 },
    ],
    replicaSeconds: 5,
  });
});

/** The cheapest way for one layer by trying every one: each second it is on or off, and turning on costs a start. */
function cheapest(isNeeded: readonly boolean[], startSeconds: number): number {
  let [off, on] = [isNeeded[0] ? Number.POSITIVE_INFINITY : 0, 1];
  for (const needed of isNeeded.slice(1)) {
    const nextOn = 1 + Math.min(on, off + startSeconds);
    [off, on] = [needed ? Number.POSITIVE_INFINITY : Math.min(on, off), nextOn];
  }
  return Math.min(off, on);
}

it('costs what trying every way costs, but for starts that the beginning has no room for', () => {
  const loads = fc.array(fc.nat(3), { minLength: 1, maxLength: 40 });
  const property = fc.property(loads, fc.integer({ min: 1, max: 6 }), (offered, startSeconds) => {
    // Room for a start before the first need, so that both count the same.
    const padded = [offered[0]!, ...Array<number>(startSeconds).fill(offered[0]!), ...offered];
    const layers = [0, 1, 2].map((layer) =>
      cheapest(
        padded.map((requests) => requests > layer),
        startSeconds,
      ),
    );
    const best = layers.reduce((sum, cost) => sum + cost, 0);
    expect(plan(padded, { startSeconds }).replicaSeconds).toBe(best);
  });
  fc.assert(property, { numRuns: 300 });
});
