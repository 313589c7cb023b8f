import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Observation } from '../../src/aggregation/observation.ts';
import type { Decision, HoldReason } from '../../src/decision/decide.ts';
import { decide } from '../../src/decision/decide.ts';

const policy = { targetValue: 10, aggregation: 'sum' } as const;

/** Endpoints whose load has been the same for the whole window; `undefined` could not be read. */
function seeing(loads: readonly (number | undefined)[], inFront = 0, replicas = loads.length): Observation {
  const readable = loads.filter((load) => load !== undefined);
  const unreadable = loads.length - readable.length;
  const low = readable.reduce((total, load) => total + load, inFront);
  const bounds = { low, high: low + unreadable * policy.targetValue };
  return {
    discoverySynced: true,
    replicas,
    readable: readable.length,
    unreadable,
    now: bounds,
    unseen: { burst: { low: 0, high: 0 }, window: { low: 0, high: 0 } },
    windowed: bounds,
    requestsInFront: inFront,
    gatewayState: undefined,
    engines: bounds,
    unreadInFront: 0,
    isGatewayGivenUp: false,
  };
}

type Settled = Extract<Decision, { kind: 'report' }>['settledBy'];
const reports: [name: string, seen: Observation, metricValue: number, settledBy: Settled][] = [
  ['the sum of readable endpoints', seeing([4, 8]), 12, 'exact'],
  ['exactly zero when every endpoint is idle', seeing([0, 0]), 0, 'exact'],
  ['an unreadable endpoint beside an idle one as on target', seeing([0, undefined]), 10, 'upper-bound'],
  ['an unreadable endpoint beside an overload as idle', seeing([35, undefined]), 35, 'lower-bound'],
  ['no change where the direction is unknown', seeing([10, undefined]), 20, 'upper-bound'],
  ['no change where it lies between the bounds', seeing([15, undefined, undefined]), 30, 'no-change'],
  ['no change when nothing is readable but requests are held', seeing([undefined, undefined], 4), 20, 'no-change'],
  ['a place for a replica that is still starting', seeing([15, undefined], 0, 3), 25, 'upper-bound'],
  ['what is held at zero replicas', seeing([], 3), 3, 'exact'],
  ['zero at zero replicas with nothing held', seeing([]), 0, 'exact'],
];
it.each(reports)('reports %s', (_name, seen, metricValue, settledBy) => {
  expect(decide(seen, policy)).toMatchObject({ kind: 'report', metricValue, settledBy });
});

// A Record, so that a new reason does not compile until it has a row.
const holds: Record<HoldReason, Observation> = {
  'discovery-not-synced': { ...seeing([5]), discoverySynced: false },
  'nothing-readable': seeing([undefined, undefined]),
};
it.each(Object.entries(holds))('holds: %s', (reason, seen) => {
  expect(decide(seen, policy)).toEqual({ kind: 'hold', reason });
});

it.each(['mean', 'max'] as const)('asks for no change by the target itself when it reports a %s', (aggregation) => {
  const seen = { ...seeing([4, undefined]), now: { low: 4, high: 14 }, windowed: { low: 4, high: 14 } };
  expect(decide(seen, { targetValue: 10, aggregation })).toMatchObject({ metricValue: 10, noChangeValue: 10 });
});

it('takes the load of this moment, not of the window, for activation', () => {
  const seen = { ...seeing([0]), windowed: { low: 7, high: 7 } };
  expect(decide(seen, policy)).toMatchObject({ metricValue: 7, loadNow: 0 });
});

it('lets unreadable endpoints move the ask only where the readable ones justify it', () => {
  const loads = fc.array(fc.nat(40), { minLength: 1, maxLength: 12 });
  const property = fc.property(loads, fc.nat(6), fc.nat(3), (readable, unreadable, starting) => {
    const all = [...readable, ...Array<undefined>(unreadable).fill(undefined)];
    const replicas = all.length + starting;
    const decision = decide(seeing(all, 0, replicas), policy);
    const asked = decision.kind === 'report' ? Math.ceil(decision.metricValue / 10) : Number.NaN;
    const total = readable.reduce((a, b) => a + b);
    if (asked > replicas) expect(total).toBeGreaterThan(replicas * 10);
    else if (asked < replicas) expect(total).toBeLessThan((replicas - unreadable) * 10);
    else expect(asked).toBe(replicas);
  });
  fc.assert(property);
});
