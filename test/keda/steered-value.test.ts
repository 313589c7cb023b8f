import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HpaTarget } from '../../src/keda/hpa-proposal.ts';
import { defaultHpaTolerance, hpaProposal } from '../../src/keda/hpa-proposal.ts';
import type { HpaSight } from '../../src/keda/steered-value.ts';
import { justifiedReplicas, steeredValue } from '../../src/keda/steered-value.ts';

const average: HpaTarget = { kind: 'average-value', target: 8 };
const perPod: HpaTarget = { kind: 'value', target: 8 };

function sight(specReplicas: number, statusReplicas: number | readonly number[], more: Partial<HpaSight> = {}) {
  const seen = typeof statusReplicas === 'number' ? [statusReplicas] : statusReplicas;
  return {
    specReplicas,
    statusReplicas: seen,
    readyReplicas: specReplicas,
    tolerances: [defaultHpaTolerance],
    ...more,
  };
}

function asked(metric: HpaTarget, value: number, seen: HpaSight, statusReplicas = seen.statusReplicas[0]!) {
  return hpaProposal(metric, value, { ...seen, statusReplicas }, seen.tolerances[0]!);
}

it.each<[string, number, HpaSight]>([
  ['no rollout, exactly on target', 96, sight(12, 12)],
  ['no rollout, inside the tolerance', 101.25, sight(12, 12)],
  ['a surge beside few replicas', 32, sight(4, 5)],
  ['a load that asks for more whatever the surge', 240, sight(12, 13)],
  ['a load that asks for fewer whatever the surge', 40, sight(12, 13)],
])('says what was read where that is right: %s', (_name, value, seen) => {
  expect(steeredValue(average, value, seen)).toBe(value);
});

it.each<[string, number, HpaSight, number]>([
  ['one of surge, on target', 96, sight(12, 13), 93],
  ['one of surge, above the target but within the tolerance', 104, sight(12, 13), 93],
  ['a surge that takes the load out of the tolerance', 87, sight(12, 15), 89],
  ['the default surge of a quarter', 320, sight(40, 50), 320],
  ['either moment of a rollout that begins or ends', 96, sight(12, [12, 13]), 93],
  ['any moment of a rollout', 96, sight(12, [15, 14, 13, 12]), 93],
])('keeps the replicas: %s', (_name, value, seen, told) => {
  expect(steeredValue(average, value, seen)).toBe(told);
  for (const status of seen.statusReplicas) expect(asked(average, told, seen, status)).toBe(seen.specReplicas);
});

it('keeps N beside a surge of s exactly while N < 10 + 9 s', () => {
  for (let surge = 1; surge <= 5; surge++) {
    for (let replicas = 1; replicas <= 80; replicas++) {
      const found = steeredValue(average, replicas * 8, sight(replicas, replicas + surge));
      expect(found !== undefined, `${replicas} + ${surge}`).toBe(replicas < 10 + 9 * surge);
    }
  }
});

it('knows more room where the tolerance is smaller', () => {
  const tolerances = [{ up: 0.01, down: 0.01 }];
  const seen = sight(40, 41, { tolerances });
  expect(asked(average, steeredValue(average, 320, seen)!, seen)).toBe(40);
});

it('prefers what is right with the default tolerance too, which an older API server puts in place of the one set', () => {
  const tolerances = [{ up: 0, down: 0 }, defaultHpaTolerance];
  expect(steeredValue(average, 96, sight(12, 13, { tolerances }))).toBe(93);
  expect(steeredValue(average, 320, sight(40, 41, { tolerances }))).toBe(320);
});

it('settles for the likeliest size where none is right at all of them', () => {
  expect(steeredValue(average, 160, sight(20, [25, 21, 20]))).toBe(160);
  expect(steeredValue(average, 160, sight(20, [21, 25, 20]))).toBeUndefined();
  expect(steeredValue(average, 160, sight(20, [25, 21, 20]), false)).toBeUndefined();
});

it.each<[string, number, HpaSight, number]>([
  ['an overload with all ready grows', 16, sight(4, 4), 8],
  ['an overload with one ready of four keeps the four', 16, sight(4, 4, { readyReplicas: 1 }), 4],
  ['an overload beyond that grows', 48, sight(4, 4, { readyReplicas: 1 }), 6],
  ['with none ready nothing moves up', 16, sight(4, 4, { readyReplicas: 0 }), 4],
  ['with none ready nothing moves down', 0, sight(4, 4, { readyReplicas: 0 }), 4],
  ['a low value shrinks as if all were ready', 4, sight(4, 4, { readyReplicas: 1 }), 2],
  ['the surge of a rollout buys nothing', 12, sight(10, 12, { readyReplicas: 12 }), 15],
])('a value: %s', (_name, value, seen, want) => {
  expect(justifiedReplicas(perPod, value, seen)).toBe(want);
});

it('makes the HPA multiply ready pods into what is justified', () => {
  const loading = sight(4, 4, { readyReplicas: 1 });
  expect(asked(perPod, steeredValue(perPod, 16, loading)!, loading)).toBe(4);
  expect(asked(perPod, steeredValue(perPod, 4, loading)!, loading)).toBe(2);
  const none = sight(4, 4, { readyReplicas: 0 });
  expect(asked(perPod, steeredValue(perPod, 0, none)!, none)).toBe(4);
});

it('leaves a value alone where nobody counted who is ready', () => {
  expect(steeredValue(perPod, 3.5, sight(4, 4, { readyReplicas: undefined }))).toBe(3.5);
});

const targets = fc.constantFrom(0.001, 0.85, 1, 8, 32, 100.5);
const tolerance = fc.record({
  up: fc.double({ min: 0, max: 0.5, noNaN: true }),
  down: fc.double({ min: 0, max: 0.5, noNaN: true }),
});
const situations = fc.record({
  kind: fc.constantFrom('average-value' as const, 'value' as const),
  target: targets,
  specReplicas: fc.integer({ min: 1, max: 120 }),
  surge: fc.integer({ min: -3, max: 40 }),
  readyReplicas: fc.integer({ min: 0, max: 140 }),
  share: fc.double({ min: 0, max: 3, noNaN: true }),
  tolerances: fc.array(tolerance, { minLength: 1, maxLength: 2 }),
});

it('never leads the HPA outside of what there is and what the load justifies', () => {
  const property = fc.property(situations, ({ kind, target, specReplicas, surge, share, ...more }) => {
    const metric = { kind, target };
    const seen: HpaSight = { specReplicas, statusReplicas: [Math.max(1, specReplicas + surge)], ...more };
    const value = share * target * (kind === 'value' ? 1 : specReplicas);
    const told = steeredValue(metric, value, seen);
    if (told === undefined) return;
    const wanted = justifiedReplicas(metric, value, seen);
    const found = asked(metric, told, seen)!;
    expect(found).toBeGreaterThanOrEqual(Math.min(wanted, specReplicas));
    expect(found).toBeLessThanOrEqual(Math.max(wanted, specReplicas));
  });
  fc.assert(property, { numRuns: 3000 });
});

it('finds a value wherever there is one, tried thousandth by thousandth', () => {
  const small = fc.record({
    specReplicas: fc.integer({ min: 1, max: 30 }),
    surge: fc.integer({ min: -2, max: 6 }),
    share: fc.double({ min: 0, max: 2, noNaN: true }),
    tolerances: fc.tuple(tolerance),
  });
  const metric: HpaTarget = { kind: 'average-value', target: 0.02 };
  const property = fc.property(small, ({ specReplicas, surge, share, tolerances }) => {
    const seen = sight(specReplicas, Math.max(1, specReplicas + surge), { tolerances });
    const value = Math.round(share * 20 * specReplicas) / 1000;
    const wanted = justifiedReplicas(metric, value, seen);
    const told = steeredValue(metric, value, seen);
    const offs: number[] = [];
    for (let milli = 0; milli <= 20 * 2 * (specReplicas + 10); milli++) {
      const found = asked(metric, milli / 1000, seen)!;
      const isBetween = found >= Math.min(wanted, specReplicas) && found <= Math.max(wanted, specReplicas);
      if (isBetween) offs.push(Math.abs(found - wanted));
    }
    if (told === undefined) expect(offs).toEqual([]);
    else expect(Math.abs(asked(metric, told, seen)! - wanted)).toBe(Math.min(...offs));
  });
  fc.assert(property, { numRuns: 200 });
});
