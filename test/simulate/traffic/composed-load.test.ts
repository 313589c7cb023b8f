import { describe, expect, it } from 'vitest';
import { composedLoad, typicalService } from '../../../src/simulate/traffic/composed-load.ts';
import { scaledLoad } from '../../../src/simulate/traffic/scaled-load.ts';
import { gapSampler, seededRandom } from '../../../src/simulate/traffic/seeded-random.ts';
import { allOf } from './all-of.ts';

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe.each(['gamma', 'weibull'] as const)('gaps of the %s law', (law) => {
  it.each([0.5, 1, 3])('have a mean of 1 and a variation of %s', (variation) => {
    const draw = gapSampler(law, variation, seededRandom(7));
    const gaps = Array.from({ length: 200_000 }, draw);
    const mean = meanOf(gaps);
    const deviation = Math.sqrt(meanOf(gaps.map((gap) => (gap - mean) ** 2)));
    expect(mean).toBeCloseTo(1, 1);
    expect(Math.abs(deviation / mean / variation - 1)).toBeLessThan(0.05);
  });
});

describe('a composed load', () => {
  const load = { ...typicalService, durationMs: 4 * 3_600_000 };
  const requests = [...composedLoad(load, 3)].flat();

  it('is the same for the same seed and another for another', () => {
    expect([...composedLoad(load, 3)].flat()).toEqual(requests);
    expect([...composedLoad(load, 4)].flat()).not.toEqual(requests);
  });

  it('comes in order, inside its span, at about its rate', () => {
    expect(requests.every((one, index) => index === 0 || one.atMs >= requests[index - 1]!.atMs)).toBe(true);
    expect(requests.at(-1)!.atMs).toBeLessThan(load.durationMs);
    const perSecond = requests.length / (load.durationMs / 1000);
    expect(perSecond / load.perSecond).toBeGreaterThan(0.6);
    expect(perSecond / load.perSecond).toBeLessThan(2);
  });

  it('is burstier than what comes by chance alone', () => {
    const minutes = new Map<number, number>();
    for (const { atMs } of requests)
      minutes.set(Math.floor(atMs / 60_000), (minutes.get(Math.floor(atMs / 60_000)) ?? 0) + 1);
    const counts = [...minutes.values()];
    const mean = meanOf(counts);
    expect(meanOf(counts.map((count) => (count - mean) ** 2)) / mean).toBeGreaterThan(2);
  });

  it('has tokens to read and to give in every request', () => {
    expect(requests.every(({ promptTokens, outputTokens }) => promptTokens >= 1 && outputTokens >= 1)).toBe(true);
  });
});

describe('a scaled load', () => {
  const requests = Array.from({ length: 4000 }, (_, index) => ({
    atMs: index * 500,
    promptTokens: index + 1,
    outputTokens: 2,
  }));

  it.each([0.25, 1, 2.5, 10])('has %s times the requests, in order and in the same time', async (factor) => {
    const scaled = await allOf(scaledLoad([requests], factor, 1));
    expect(scaled.length / requests.length).toBeCloseTo(factor, 1);
    expect(scaled.every((one, index) => index === 0 || one.atMs >= scaled[index - 1]!.atMs)).toBe(true);
    expect(scaled.at(-1)!.atMs).toBeLessThan(2_000_000 + 1000);
  });

  it('is the trace itself at 1', async () => {
    expect(await allOf(scaledLoad([requests], 1, 1))).toEqual(requests);
  });
});
