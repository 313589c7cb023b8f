import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Step } from '../../src/aggregation/step-window.ts';
import { StepWindow } from '../../src/aggregation/step-window.ts';

const windowMs = 60_000;

function stepsIn(window: StepWindow, sinceMs: number): Step[] {
  const steps: Step[] = [];
  window.forEach(sinceMs, (step) => steps.push(step));
  return steps;
}

function filled(readings: readonly (readonly [atMs: number, seconds: number])[]): StepWindow {
  const window = new StepWindow(windowMs, 6000);
  let fromMs = 0;
  for (const [toMs, seconds] of readings) {
    window.add({ fromMs, toMs, seconds, count: seconds, gauge: 0 });
    fromMs = toMs;
  }
  return window;
}

it('keeps what every second brought, and forgets it with the window', () => {
  const window = filled(Array.from({ length: 90 }, (_, second) => [(second + 1) * 1000, second + 1] as const));
  expect(stepsIn(window, 0)).toHaveLength(60);
  expect(stepsIn(window, 87_000).map(({ fromMs, toMs, seconds }) => [fromMs, toMs, seconds])).toEqual([
    [87_000, 88_000, 88],
    [88_000, 89_000, 89],
    [89_000, 90_000, 90],
  ]);
});

it('needs no more room for twenty readings a second than for one', () => {
  const window = filled(Array.from({ length: 20 * 120 }, (_, reading) => [(reading + 1) * 50, 1] as const));
  const steps = stepsIn(window, 0);
  expect(steps.length).toBeLessThan(70);
  expect(steps.reduce((sum, { seconds }) => sum + seconds, 0)).toBeGreaterThanOrEqual(1200);
});

it('keeps the mean of a gauge over merged readings', () => {
  const window = new StepWindow(windowMs, 6000);
  window.add({ fromMs: 0, toMs: 250, seconds: 1, count: 1, gauge: 8 });
  window.add({ fromMs: 250, toMs: 1000, seconds: 1, count: 1, gauge: 4 });
  expect(stepsIn(window, 0)).toEqual([{ fromMs: 0, toMs: 1000, seconds: 2, count: 2, gauge: 5 }]);
});

it('keeps an hour of nothing as one step', () => {
  const window = filled(Array.from({ length: 3600 }, (_, second) => [(second + 1) * 1000, 0] as const));
  expect(stepsIn(window, 0)).toEqual([{ fromMs: 0, toMs: 3_600_000, seconds: 0, count: 0, gauge: 0 }]);
});

it('starts anew where a step does not follow the last one', () => {
  const window = filled([[1000, 5]]);
  window.add({ fromMs: 7000, toMs: 8000, seconds: 1, count: 1, gauge: 0 });
  expect(stepsIn(window, 0)).toHaveLength(1);
  expect(window.startMs).toBe(7000);
});

it('loses nothing inside the window, however often it is read', () => {
  const spans = fc.array(fc.record({ spanMs: fc.integer({ min: 20, max: 4000 }), seconds: fc.nat(9) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(spans, (readings) => {
      const ends = readings.map((_, place) => readings.slice(0, place + 1).reduce((sum, one) => sum + one.spanMs, 0));
      const atMs = ends.at(-1)!;
      const window = filled(readings.map(({ seconds }, place) => [ends[place]!, seconds] as const));
      const counted = readings.filter((_, place) => ends[place]! > atMs - windowMs);
      const inside = counted.reduce((sum, { seconds }) => sum + seconds, 0);
      const kept = stepsIn(window, atMs - windowMs);
      expect(kept.reduce((sum, { seconds }) => sum + seconds, 0)).toBeGreaterThanOrEqual(inside);
      expect(kept.length).toBeLessThanOrEqual(130);
      for (const [place, step] of kept.entries()) if (place > 0) expect(step.fromMs).toBe(kept[place - 1]!.toMs);
    }),
  );
});
