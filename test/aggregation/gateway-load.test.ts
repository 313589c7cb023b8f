import { expect, it } from 'vitest';
import type { EndpointPhase } from '../../src/aggregation/endpoint-load.ts';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import type { GatewayCount, GatewayLoad } from '../../src/aggregation/gateway-load.ts';
import { gatewayLoad, requestsInFront, withGateway } from '../../src/aggregation/gateway-load.ts';
import type { Reading } from '../../src/aggregation/reading.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';

const engines = { low: 20, high: 24 };
const at = (state: GatewayLoad['state'], held: number, inFlight: number, unknown = 0): GatewayLoad => ({
  state,
  held,
  inFlight,
  unknown,
  isGivenUp: false,
});

it.each([
  ['nothing in front leaves the engines as they are', undefined, 20, 24],
  ['held requests add', at('read', 5, 0), 25, 29],
  ['requests in flight replace a smaller number', at('read', 0, 30), 30, 30],
  ['requests in flight below the engines are among them', at('read', 0, 12), 20, 24],
  ['requests in flight between the bounds lift the lower one', at('read', 0, 22), 22, 24],
  ['both kinds at once', at('read', 5, 30), 35, 35],
  ['what can not be read of it may be there or not', at('stale', 0, 0, 35), 20, 59],
  ['what can be read counts beside what can not', at('unreadable', 5, 0, 10), 25, 39],
])('%s', (_name, gateway, low, high) => {
  expect(withGateway(engines, gateway)).toEqual({ low, high });
});

function load(
  readings: readonly (readonly Reading[])[],
  counts: GatewayCount,
  nowMs: number,
  phases: readonly EndpointPhase[] = [],
  neverReadForMs?: number,
): GatewayLoad {
  const endpoints = readings.map((said, place) => ({
    phase: phases[place] ?? ('ready' as const),
    memory: said.reduce(
      (memory, reading) => remember(memory, reading, { metric: 'concurrency', windowMs: 1000, burstWindowMs: 6_000 }),
      emptyMemory,
    ),
  }));
  const policy = { targetValue: 10, currentForMs: 3_000, staleAfterMs: 15_000 };
  return gatewayLoad(endpoints, { ...policy, countOf: () => counts, neverReadForMs }, nowMs);
}
const inclusive = goodReading(0, { concurrency: 7 });
const split = goodReading(0, { concurrency: 7, running: 5, waiting: 2 });
const lost = [inclusive, failedReading(1000)];

it.each([
  ['takes a single number for held where the gateway only holds', load([[inclusive]], 'held', 0), at('read', 7, 0)],
  ['takes a single number for in flight elsewhere', load([[inclusive]], 'in-flight', 0), at('read', 0, 7)],
  ['takes what waits for held and the rest for in flight', load([[split]], 'in-flight', 0), at('read', 2, 5)],
  ['adds its endpoints', load([[split], [inclusive]], 'in-flight', 0), at('read', 2, 12)],
  ['bounds by the last reading after a failed scrape', load([lost], 'held', 1000), at('stale', 0, 0, 7)],
  ['bounds by the last reading when nothing new comes', load([[inclusive]], 'held', 3_001), at('stale', 0, 0, 7)],
  ['bounds by one target when that lasts', load([[inclusive]], 'held', 15_001), at('unreadable', 0, 0, 10)],
  [
    'counts one endpoint beside another that never answered',
    load([[inclusive], []], 'held', 0),
    at('unreadable', 7, 0, 10),
  ],
  ['counts one endpoint beside another that just failed', load([[split], lost], 'held', 1000), at('stale', 2, 5, 7)],
  [
    'does not wait for an endpoint that is starting',
    load([[inclusive], []], 'held', 0, ['ready', 'starting']),
    at('read', 7, 0),
  ],
  ['does not miss one that is ending', load([[inclusive], []], 'held', 0, ['ready', 'terminating']), at('read', 7, 0)],
  ['knows nothing while all are starting', load([[]], 'held', 0, ['starting']), at('unreadable', 0, 0, 10)],
  ['knows nothing without endpoints', load([], 'held', 0), at('unreadable', 0, 0, 10)],
])('%s', (_name, seen, want) => expect(seen).toEqual(want));

it('says how many requests are in front as far as they can be read', () => {
  expect(requestsInFront(at('read', 2, 5))).toBe(7);
  expect(requestsInFront(at('read', 0, 0))).toBe(0);
  expect(requestsInFront(at('unreadable', 2, 0, 10))).toBe(2);
  expect(requestsInFront(at('stale', 0, 0, 5))).toBeUndefined();
  expect(requestsInFront(undefined)).toBeUndefined();
});

it.each([
  ['may hold one target while it was never read for less than five minutes', 299_999, 10, false],
  ['counts as nothing after that', 300_000, 0, true],
])('a gateway %s', (_name, neverReadForMs, unknown, isGivenUp) => {
  expect(load([[failedReading(0)]], 'held', 400_000, [], neverReadForMs)).toEqual({
    ...at('unreadable', 0, 0, unknown),
    isGivenUp,
  });
});

it('what a gateway may hold that was read before stays possible, however long ago that was', () => {
  expect(load([[inclusive, failedReading(1000)]], 'held', 4_000_000).unknown).toBe(10);
});
