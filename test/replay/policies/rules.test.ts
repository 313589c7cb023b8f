import { describe, expect, it } from 'vitest';
import { apaReplicas, guardedReplicas } from '../../../src/replay/policies/aibrix.ts';
import { Kpa } from '../../../src/replay/policies/knative.ts';
import { MeanWindow } from '../../../src/replay/policies/mean-window.ts';
import { wvaStep } from '../../../src/replay/policies/wva.ts';

describe('AIBrix APA', () => {
  const settings = { target: 0.5, upTolerance: 0.1, downTolerance: 0.2, maxScaleUpRate: 2, maxScaleDownRate: 2 };
  it.each([
    ['inside the band: as it is', 4, 0.54, 4],
    ['above it: in proportion', 4, 0.6, 5],
    ['far above: at most doubled', 4, 1.4, 8],
    ['a little below: as it is', 4, 0.41, 4],
    ['below the band: in proportion', 4, 0.3, 3],
    ['far below: at most halved', 4, 0, 2],
  ])('%s', (_name, current, perPod, wanted) => expect(apaReplicas(current, perPod, settings)).toBe(wanted));

  it.each([
    ['all are ready: the rule alone', { current: 4, ready: 4 }, 1, 8],
    ['those starting count as idle on the way up', { current: 4, ready: 2 }, 1, 4],
    ['and as on target on the way down', { current: 4, ready: 2 }, 0.1, 3],
    ['the direction is not turned round', { current: 6, ready: 2 }, 0.7, 6],
  ])('%s', (_name, sizes, perPod, wanted) => expect(guardedReplicas(sizes, perPod, settings)).toBe(wanted));
});

describe('llm-d WVA V1', () => {
  const settings = { kvCacheThreshold: 0.8, queueLengthThreshold: 5, kvSpareTrigger: 0.1, queueSpareTrigger: 3 };
  const at = (kvCacheRatio: number, waiting = 0) => ({ kvCacheRatio, waiting });
  it.each([
    ['all are saturated: one more', [at(0.9), at(0.1, 6)], 1],
    ['little cache to spare: one more', [at(0.75), at(0.7)], 1],
    ['little queue to spare: one more', [at(0.1, 3)], 1],
    ['the rest could carry it: one fewer', [at(0.2), at(0.2), at(0.2)], -1],
    ['the rest could not: the same', [at(0.5), at(0.5)], 0],
    ['a last one stays', [at(0)], 0],
    ['a saturated one is left out of the means', [at(0.95), at(0.3), at(0.3)], -1],
  ])('%s', (_name, gauges, step) => expect(wvaStep(gauges, settings)).toBe(step));
});

describe("Knative's pod autoscaler", () => {
  const settings = { target: 10, stableWindowMs: 60_000, panicThreshold: 2, maxScaleUpRate: 1000, maxScaleDownRate: 2 };
  const kpa = (readyPods = 1) => new Kpa(settings, 0, readyPods);
  const at = (nowMs: number, readyPods: number, stableValue: number, panicValue = stableValue) => ({
    nowMs,
    readyPods,
    stableValue,
    panicValue,
  });

  it('follows the stable window', () => expect(kpa().scale(at(0, 1, 11))).toBe(2));
  it('halves at most', () => expect(kpa().scale(at(0, 1, 0))).toBe(0));
  it('takes nothing away in a panic, nor for a stable window after it', () => {
    const one = kpa();
    expect(one.scale(at(2000, 1, 10, 45))).toBe(5);
    expect(one.scale(at(30_000, 5, 10, 10))).toBe(5);
    expect(one.scale(at(62_000, 5, 10, 10))).toBe(5);
    expect(one.scale(at(62_001, 5, 10, 10))).toBe(2);
  });
  it('begins in a panic where there are several', () => expect(kpa(4).scale(at(1000, 4, 0))).toBe(4));
});

it('keeps a mean of what lies in the window, and of nothing else', () => {
  const window = new MeanWindow(3000);
  expect(window.mean).toBe(0);
  for (let second = 1; second <= 1000; second += 1) window.record(second * 1000, second);
  expect(window.mean).toBeCloseTo(999);
});
