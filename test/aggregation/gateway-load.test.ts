import { expect, it } from 'vitest';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import type { GatewayCount, GatewayLoad } from '../../src/aggregation/gateway-load.ts';
import { gatewayLoad, requestsInFront, withGateway } from '../../src/aggregation/gateway-load.ts';
import type { Reading } from '../../src/aggregation/reading.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';

const engines = { low: 20, high: 24 };
const at = (state: GatewayLoad['state'], held: number, inFlight: number): GatewayLoad => ({ state, held, inFlight });

it.each([
  ['nothing in front leaves the engines as they are', undefined, 20, 24],
  ['held requests add', at('read', 5, 0), 25, 29],
  ['requests in flight replace a smaller number', at('read', 0, 30), 30, 30],
  ['requests in flight below the engines are among them', at('read', 0, 12), 20, 24],
  ['requests in flight between the bounds lift the lower one', at('read', 0, 22), 22, 24],
  ['both kinds at once', at('read', 5, 30), 35, 35],
  ['a gateway that fails now may hold as many as it last held, or none', at('stale', 5, 30), 20, 35],
  ['a gateway nobody can read may hold one target, or none', at('unreadable', 0, 0), 20, 34],
])('%s', (_name, gateway, low, high) => {
  expect(withGateway(engines, gateway, 10)).toEqual({ low, high });
});

function load(readings: readonly (readonly Reading[])[], counts: GatewayCount, nowMs: number): GatewayLoad {
  const memories = readings.map((said) =>
    said.reduce((memory, reading) => remember(memory, reading, { metric: 'concurrency', windowMs: 1000 }), emptyMemory),
  );
  return gatewayLoad(memories, () => counts, { currentForMs: 3_000, staleAfterMs: 15_000 }, nowMs);
}
const inclusive = goodReading(0, { concurrency: 7 });
const split = goodReading(0, { concurrency: 7, running: 5, waiting: 2 });

it.each([
  ['takes a single number for held where the gateway only holds', load([[inclusive]], 'held', 0), at('read', 7, 0)],
  ['takes a single number for in flight elsewhere', load([[inclusive]], 'in-flight', 0), at('read', 0, 7)],
  ['takes what waits for held and the rest for in flight', load([[split]], 'in-flight', 0), at('read', 2, 5)],
  ['adds its endpoints', load([[split], [inclusive]], 'in-flight', 0), at('read', 2, 12)],
  ['is stale after a failed scrape', load([[inclusive, failedReading(1000)]], 'held', 1000), at('stale', 7, 0)],
  ['is stale when nothing new comes', load([[inclusive]], 'held', 3_001), at('stale', 7, 0)],
  ['is unreadable when that lasts', load([[inclusive]], 'held', 15_001), at('unreadable', 0, 0)],
  ['is unreadable when one endpoint never answered', load([[inclusive], []], 'held', 0), at('unreadable', 0, 0)],
  ['is unreadable without endpoints', load([], 'held', 0), at('unreadable', 0, 0)],
])('%s', (_name, seen, want) => expect(seen).toEqual(want));

it('says how many requests are in front only while they can be read', () => {
  expect(requestsInFront(at('read', 2, 5))).toBe(7);
  expect(requestsInFront(at('stale', 2, 5))).toBeUndefined();
  expect(requestsInFront(undefined)).toBeUndefined();
});
