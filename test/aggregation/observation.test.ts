import { expect, it } from 'vitest';
import { BoundWindow } from '../../src/aggregation/bound-window.ts';
import type { EndpointLoad, Legibility } from '../../src/aggregation/endpoint-load.ts';
import type { GatewayLoad } from '../../src/aggregation/gateway-load.ts';
import type { Observation, ObservationPolicy } from '../../src/aggregation/observation.ts';
import { observe } from '../../src/aggregation/observation.ts';

const policy: ObservationPolicy = {
  metric: 'concurrency',
  targetValue: 10,
  aggregation: 'sum',
  windowMs: 60_000,
  burstWindowMs: 6_000,
};
const load = (
  low: number,
  high = low,
  legibility: Legibility = low === high ? 'read' : 'unreadable',
): EndpointLoad => ({
  legibility,
  bounds: { low, high },
  shown: { low, high },
  overWindow: { low, high },
});
const held = (requests: number): GatewayLoad => ({
  state: 'read',
  held: requests,
  inFlight: 0,
  unknown: 0,
  isGivenUp: false,
});

interface Moment {
  readonly loads: readonly EndpointLoad[];
  readonly gateway?: GatewayLoad;
  readonly synced?: boolean;
  /** As many as there are loads and lost ones, unless a rollout adds some. */
  readonly replicas?: number;
  readonly lost?: number;
}

/** What is seen at the last of these moments, one a second. */
function after(moments: readonly Moment[], more: Partial<ObservationPolicy> = {}): Observation {
  const window = new BoundWindow(policy.windowMs, policy.burstWindowMs);
  const seen = moments.map(({ loads, gateway, synced = true, lost = 0, replicas = loads.length + lost }, second) =>
    observe({ discoverySynced: synced, replicas, loads, lost, gateway }, window, { ...policy, ...more }, second * 1000),
  );
  return seen.at(-1)!;
}
const times = (count: number, moment: Moment): Moment[] => Array<Moment>(count).fill(moment);

it('rises with the burst window and falls with the stable one', () => {
  const quiet = { loads: [load(0)] };
  const busy = { loads: [load(30)] };
  expect(after([...times(60, quiet), ...times(6, busy)]).windowed).toEqual({ low: 30, high: 30 });
  expect(after([...times(60, busy), ...times(6, quiet)]).windowed).toEqual({ low: 27, high: 27 });
});

it('counts all that is held from the first moment, for as long as nothing serves', () => {
  const idle = { loads: [], gateway: held(0) };
  const wave = { loads: [], gateway: held(100), replicas: 1 };
  const loading = { ...wave, loads: [load(0, 0, 'not-serving')] };
  expect(after([...times(60, idle), wave]).windowed).toEqual({ low: 100, high: 100 });
  expect(after([...times(60, idle), wave, loading]).windowed).toEqual({ low: 100, high: 100 });
  expect(after([...times(60, idle), wave], { metric: 'kvCache' }).windowed).toEqual({ low: 0, high: 0 });
});

it('averages what is held where something serves or may serve', () => {
  const quiet = { loads: [load(0)], gateway: held(0) };
  const ripple = { loads: [load(0)], gateway: held(60) };
  expect(after([...times(60, quiet), ripple]).windowed.low).toBeCloseTo(10);
  expect(after([...times(60, quiet), { ...ripple, loads: [], lost: 1 }]).windowed.low).toBeCloseTo(10);
});

it('keeps the upper bound of the last seconds, though nothing is unreadable any more', () => {
  const outage = { loads: [load(0, 10)] };
  const idle = { loads: [load(0)] };
  const seen = after([...times(60, idle), ...times(5, outage), idle]);
  expect(seen.windowed.low).toBe(0);
  expect(seen.windowed.high).toBeCloseTo(50 / 6);
});

it('counts readable and unreadable endpoints, and leaves those that do not serve out of a mean', () => {
  const loads = [load(4), load(0, 8, 'stale'), load(0, 10), load(0, 0, 'not-serving')];
  expect(after([{ loads }])).toMatchObject({ readable: 2, unreadable: 1, now: { low: 4, high: 22 } });
  const mean = after([{ loads }], { aggregation: 'mean' }).now;
  expect(mean.low).toBeCloseTo(4 / 3);
  expect(mean.high).toBeCloseTo(22 / 3);
  expect(after([{ loads }], { aggregation: 'max' }).now).toEqual({ low: 4, high: 10 });
});

it('shares a mean among the replicas that are asked for, though a surge carries a part of it', () => {
  const loads = Array<EndpointLoad>(8).fill(load(4));
  expect(after([{ loads, replicas: 4 }], { aggregation: 'mean' }).now).toEqual({ low: 8, high: 8 });
  expect(after([{ loads: loads.slice(0, 2), replicas: 4 }], { aggregation: 'mean' }).now).toEqual({ low: 4, high: 4 });
  expect(after([{ loads, replicas: 0 }], { aggregation: 'mean' }).now).toEqual({ low: 4, high: 4 });
});

it('takes what is lost for anything from nothing to its target, and for nothing that ought to be readable', () => {
  const seen = after([{ loads: [load(4)], lost: 3 }]);
  expect(seen).toMatchObject({ readable: 1, unreadable: 0, lost: 3, now: { low: 4, high: 34 } });
  expect(after([{ loads: [load(4)], lost: 3 }], { aggregation: 'mean' }).now).toEqual({ low: 1, high: 8.5 });
});

it.each([
  ['concurrency', 7],
  ['waiting', 7],
  ['running', 4],
  ['kvCache', 4],
  ['requestRate', 4],
] as const)('adds what is held to requests only: %s', (metric, want) => {
  expect(after([{ loads: [load(4)], gateway: held(3) }], { metric }).now.low).toBe(want);
});

it('remembers nothing of a time in which the endpoints were not known', () => {
  const unknown = { loads: [], synced: false };
  expect(after([...times(10, unknown), { loads: [load(12)] }]).windowed).toEqual({ low: 12, high: 12 });
});

it('takes a time to first token as it is, for it is a mean over the window already', () => {
  const seen = after([...times(30, { loads: [load(1)] }), { loads: [load(4)] }], { metric: 'timeToFirstToken' });
  expect(seen.windowed).toEqual({ low: 4, high: 4 });
});
