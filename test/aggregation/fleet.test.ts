import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FleetMoment } from '../../src/aggregation/fleet.ts';
import { followFleet, unseenFleet } from '../../src/aggregation/fleet.ts';

const startingForMs = 600_000;
type Step = [atSeconds: number, replicas: number, serving: number];

/** What is lost after each step. */
function lost(...steps: readonly Step[]): number[] {
  let fleet = unseenFleet;
  return steps.map(([atSeconds, replicas, serving]) => {
    const moment = { replicas, serving };
    fleet = followFleet(fleet, moment, startingForMs, atSeconds * 1000);
    return fleet.lost;
  });
}

const stories: [string, Step[], number[]][] = [
  [
    'replicas that serve have lost nothing',
    [
      [0, 4, 4],
      [1, 4, 4],
    ],
    [0, 0],
  ],
  [
    'all that went at once are lost until they are back',
    [
      [0, 4, 4],
      [1, 4, 0],
      [60, 4, 0],
      [61, 4, 4],
    ],
    [0, 4, 4, 0],
  ],
  [
    'those that are not back yet stay lost',
    [
      [0, 4, 4],
      [1, 4, 0],
      [60, 4, 1],
      [70, 4, 3],
      [80, 4, 4],
    ],
    [0, 4, 3, 1, 0],
  ],
  [
    'some that go are not all',
    [
      [0, 4, 4],
      [1, 4, 1],
      [2, 4, 1],
    ],
    [0, 0, 0],
  ],
  [
    'after startingFor they are lost for good',
    [
      [0, 4, 4],
      [1, 4, 0],
      [600, 4, 0],
      [601, 4, 0],
    ],
    [0, 4, 4, 0],
  ],
  [
    'who comes back later may be lost again',
    [
      [0, 2, 2],
      [1, 2, 0],
      [700, 2, 0],
      [710, 2, 2],
      [720, 2, 0],
    ],
    [0, 2, 0, 0, 2],
  ],
  [
    'never more are lost than served',
    [
      [0, 10, 3],
      [1, 10, 0],
    ],
    [0, 3],
  ],
  [
    'nor than are asked for now',
    [
      [0, 10, 10],
      [1, 10, 0],
      [2, 4, 0],
    ],
    [0, 10, 4],
  ],
  [
    'a start from zero has lost nothing',
    [
      [0, 0, 0],
      [1, 1, 0],
      [60, 1, 1],
      [61, 5, 1],
    ],
    [0, 0, 0, 0],
  ],
  [
    'who was scaled to zero has lost nothing',
    [
      [0, 4, 4],
      [1, 0, 0],
      [6, 0, 0],
      [60, 1, 0],
    ],
    [0, 0, 0, 0],
  ],
  [
    'a moment without a pod is no scale to zero',
    [
      [0, 4, 4],
      [1, 0, 0],
      [2, 4, 0],
    ],
    [0, 0, 4],
  ],
  [
    'what is seen first while it starts may have served',
    [
      [0, 3, 0],
      [30, 3, 1],
      [31, 3, 3],
    ],
    [3, 2, 0],
  ],
];
it.each(stories)('%s', (_name, steps, expected) => {
  expect(lost(...steps)).toEqual(expected);
});

it('never counts more as lost than are asked for and do not serve', () => {
  const moments = fc.array(fc.tuple(fc.nat(900), fc.nat(12), fc.nat(12)), { maxLength: 40 });
  const property = fc.property(moments, (raw) => {
    let nowMs = 0;
    let fleet = unseenFleet;
    for (const [seconds, replicas, serving] of raw) {
      nowMs += seconds * 1000;
      const moment: FleetMoment = { replicas, serving };
      fleet = followFleet(fleet, moment, startingForMs, nowMs);
      expect(fleet.lost).toBeGreaterThanOrEqual(0);
      expect(fleet.lost).toBeLessThanOrEqual(Math.max(0, replicas - serving));
    }
  });
  fc.assert(property);
});
