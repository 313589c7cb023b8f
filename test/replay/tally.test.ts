import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QuantileSketch } from '../../src/replay/quantile-sketch.ts';
import { Tally } from '../../src/replay/tally.ts';
import { OpenRequest } from '../../src/simulate/traffic/open-request.ts';

it('tells quantiles within half a per cent, of any values', () => {
  const values = fc.array(fc.double({ min: 0.02, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 });
  const property = fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
    const sketch = new QuantileSketch();
    for (const value of all) sketch.add(value);
    const exact = all.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * all.length)) - 1]!;
    expect(Math.abs(sketch.quantile(share)! / exact - 1)).toBeLessThan(0.005);
  });
  fc.assert(property);
});

it('knows no quantile of nothing', () => expect(new QuantileSketch().quantile(0.5)).toBeUndefined());

const slo = { timeToFirstTokenMs: 1000, timePerOutputTokenMs: 50 };

function told(firstTokenMs: number, finishedMs: number, outputTokens: number): Tally {
  const tally = new Tally(slo, 60_000);
  const request = new OpenRequest({ promptTokens: 1, outputTokens }, 0, false);
  tally.arrived();
  request.firstTokenMs = firstTokenMs;
  tally.gaveFirstToken(request);
  request.end = 'served';
  tally.ended(request, finishedMs);
  return tally;
}

it.each([
  ['both in time', 1000, 1450, 10, 1],
  ['the first token late', 1001, 1100, 10, 0],
  ['the others slow', 100, 560, 10, 0],
  ['one token alone has no others', 900, 900, 1, 1],
])('counts a request with %s', (_name, firstTokenMs, finishedMs, outputTokens, attained) => {
  expect(told(firstTokenMs, finishedMs, outputTokens)).toMatchObject({ served: 1, attained, sojournMs: finishedMs });
});

it('draws the 95th percentile of each span of time', () => {
  const tally = new Tally(slo, 7_200_000);
  for (let index = 0; index < 200; index += 1) {
    const request = new OpenRequest({ promptTokens: 1, outputTokens: 1 }, 15_000, false);
    request.firstTokenMs = 15_000 + (index < 180 ? 100 : 5000);
    tally.gaveFirstToken(request);
  }
  for (let point = 0; point < 720; point += 1) tally.timeline.look({ replicas: 1, ready: 1, starting: 0, open: point });
  const points = tally.timeline.points();
  expect(points).toHaveLength(720);
  expect(points[0]!.firstTokenP95Ms).toBeUndefined();
  expect(points[1]!.firstTokenP95Ms! / 100).toBeLessThan(1.4);
  expect(points[2]!.firstTokenP95Ms! / 5000).toBeLessThan(1.4);
});
