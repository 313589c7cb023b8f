import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HpaMetric, HpaSettings } from '../../src/keda/hpa.ts';
import { Hpa } from '../../src/keda/hpa.ts';
import type { HpaBehavior } from '../../src/keda/hpa-behavior.ts';

const settings: HpaSettings = {
  minReplicas: 1,
  maxReplicas: 20,
  behavior: undefined,
  tolerance: 0.1,
  downscaleStabilizationMs: 300_000,
};
const second = 1000;

function total(value: number | undefined, target = 10): HpaMetric {
  return { kind: 'average-value', target, total: value };
}

/** Syncs every 15 s with these totals, each sync's result being the next one's size. */
function follow(hpa: Hpa, from: number, totals: readonly (number | undefined)[], startMs = 0): number[] {
  let replicas = from;
  return totals.map((value, index) => {
    const nowMs = startMs + index * 15 * second;
    const sizes = { specReplicas: replicas, statusReplicas: replicas, readyReplicas: replicas };
    replicas = hpa.sync({ nowMs, ...sizes, metrics: [total(value)] }).replicas;
    return replicas;
  });
}

function proposal(metrics: readonly HpaMetric[], specReplicas: number, readyReplicas: number | undefined) {
  const outcome = new Hpa(settings).sync({
    nowMs: 0,
    specReplicas,
    statusReplicas: specReplicas,
    readyReplicas,
    metrics,
  });
  return outcome.kind === 'computed' ? outcome.proposal : outcome.kind;
}

const proposals: [
  name: string,
  metrics: HpaMetric[],
  spec: number,
  ready: number | undefined,
  want: number | string,
][] = [
  ['the total over the target, rounded up', [total(41)], 2, 2, 5],
  ['an exact multiple is not rounded up', [total(40)], 2, 2, 4],
  ['within the tolerance nothing changes', [total(110)], 10, 10, 10],
  ['just above the tolerance it does', [total(110.2)], 10, 10, 12],
  ['within the tolerance downwards nothing changes', [total(90)], 10, 10, 10],
  ['just below it does', [total(89.9)], 10, 10, 9],
  ['readiness plays no role for an average', [total(40)], 2, 0, 4],
  ['a value counts ready pods', [{ kind: 'value', target: 10, total: 20 }], 4, 2, 4],
  ['a value with no ready pod asks for none', [{ kind: 'value', target: 10, total: 20 }], 4, 0, 0],
  ['a value without any pod is invalid', [{ kind: 'value', target: 10, total: 20 }], 4, undefined, 'metrics-invalid'],
  ['a value within the tolerance keeps the size', [{ kind: 'value', target: 10, total: 10.5 }], 4, 1, 4],
  ['the highest of several metrics wins', [total(20), total(60)], 3, 3, 6],
  ['an unreadable metric does not stop growth', [total(undefined), total(60)], 3, 3, 6],
  ['an unreadable metric stops shrinking', [total(undefined), total(10)], 3, 3, 'metrics-invalid'],
  ['nothing readable: nothing happens', [total(undefined)], 3, 3, 'metrics-invalid'],
  ['no metrics: nothing happens', [], 3, 3, 'metrics-invalid'],
  ['at zero the HPA is off', [total(100)], 0, 0, 'scaling-disabled'],
  ['above the maximum it does not look', [total(10)], 21, 21, 'out-of-bounds'],
];
it.each(proposals)('%s', (_name, metrics, spec, ready, want) => expect(proposal(metrics, spec, ready)).toBe(want));

it('asks for no metrics at zero and outside the bounds', () => {
  const hpa = new Hpa({ ...settings, minReplicas: 2, maxReplicas: 5 });
  expect([0, 1, 2, 5, 6].map((replicas) => hpa.needsMetrics(replicas))).toEqual([false, false, true, true, false]);
});

const up: [name: string, behavior: HpaBehavior | undefined, from: number, want: number[]][] = [
  ['without behavior it doubles, at least to four', undefined, 1, [4, 8, 16, 16]],
  ['with behavior four pods or a doubling each period', { scaleUp: {} }, 1, [5, 10, 16, 16]],
  [
    'one pod a minute',
    { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
    1,
    [2, 2, 2, 2, 3, 3, 3, 3, 4],
  ],
  [
    'percentages round up on the way up',
    { scaleUp: { policies: [{ type: 'Percent', value: 10, periodSeconds: 15 }] } },
    1,
    [2, 3, 4],
  ],
  [
    'the smallest of several policies',
    {
      scaleUp: {
        selectPolicy: 'Min',
        policies: [
          { type: 'Pods', value: 1, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
    },
    4,
    [5, 6, 7],
  ],
  ['scaling up switched off', { scaleUp: { selectPolicy: 'Disabled' } }, 3, [3, 3]],
];
it.each(up)('grows: %s', (_name, behavior, from, want) => {
  const hpa = new Hpa({ ...settings, behavior });
  expect(
    follow(
      hpa,
      from,
      want.map(() => 160),
    ),
  ).toEqual(want);
});

it('waits out the window for scaling up', () => {
  const hpa = new Hpa({ ...settings, behavior: { scaleUp: { stabilizationWindowSeconds: 30 } } });
  expect(follow(hpa, 2, [20, 80, 80, 80, 80])).toEqual([2, 2, 6, 8, 8]);
});

it('shrinks at once to what the window for scaling down has seen as the highest', () => {
  const hpa = new Hpa({ ...settings, behavior: { scaleDown: { stabilizationWindowSeconds: 30 } } });
  expect(follow(hpa, 8, [80, 50, 20, 10, 10])).toEqual([8, 8, 5, 2, 1]);
});

it('shrinks by whole pods: percentages are truncated', () => {
  const scaleDown = {
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Percent', value: 30, periodSeconds: 15 }],
  } as const;
  const hpa = new Hpa({ ...settings, behavior: { scaleDown } });
  expect(follow(hpa, 10, [100, 10, 10, 10, 10, 10])).toEqual([10, 7, 4, 2, 1, 1]);
});

it('forgets what it took away by the policies for that, though those for adding look back further', () => {
  const hpa = new Hpa({
    ...settings,
    behavior: {
      scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 120 }] },
      scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] },
    },
  });
  // From 12 to 8, 4 and 3; the event of the third takes the place of the first's, so that 3 + 5 + 1 are allowed, not 13.
  expect(follow(hpa, 12, [80, 40, 30, 130])).toEqual([8, 4, 3, 9]);
});

it('without behavior holds the highest recommendation of five minutes, then falls without a limit', () => {
  const hpa = new Hpa(settings);
  const sizes = follow(hpa, 8, [80, ...Array<number>(21).fill(10)]);
  expect(sizes).toEqual([...Array<number>(21).fill(8), 1]);
});

it('takes the size it first meets for a recommendation', () => {
  const hpa = new Hpa(settings);
  expect(follow(hpa, 6, [10, 10])).toEqual([6, 6]);
});

const trap: [name: string, behavior: HpaBehavior | undefined, want: number[]][] = [
  ['without behavior jumps back towards the old size', undefined, [4, 8, 8]],
  ['with any behavior stays at one', { scaleUp: {} }, [1, 1, 1]],
];
it.each(trap)('a return from zero soon after high load: %s', (_name, behavior, want) => {
  const hpa = new Hpa({ ...settings, behavior });
  follow(hpa, 8, [80]);
  expect(follow(hpa, 0, [10, 10], 30 * second)).toEqual([0, 0]);
  expect(follow(hpa, 1, [10, 10, 10], 120 * second)).toEqual(want);
});

it('forgets the old size once the window has passed', () => {
  const hpa = new Hpa(settings);
  follow(hpa, 8, [80]);
  expect(follow(hpa, 1, [10], 301 * second)).toEqual([1]);
});

it('never leaves its bounds, whatever it is told', () => {
  const totals = fc.array(fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }), { minLength: 1 });
  const behaviors = fc.constantFrom<HpaBehavior | undefined>(undefined, {}, { scaleDown: { selectPolicy: 'Min' } });
  const property = fc.property(totals, behaviors, fc.integer({ min: 1, max: 20 }), (each, behavior, from) => {
    const sizes = follow(new Hpa({ ...settings, behavior }), from, each);
    expect(sizes).toHaveLength(each.length);
    for (const size of sizes) expect(size >= 1 && size <= 20).toBe(true);
  });
  fc.assert(property);
});
