import { beforeEach, expect, it } from 'vitest';
import type { Endpoint } from '../../src/discovery/endpoint.ts';
import type { Signals } from '../../src/presets/signals.ts';
import { statusOf } from '../../src/triggers/status-of.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';

const limits = {
  maxTriggers: 9,
  maxTriggersPerNamespace: 9,
  maxEndpointsPerTrigger: 20,
  idleTimeoutMs: 6_000_000,
  activationScrapeIntervalMs: 50,
  startingForMs: 600_000,
  refusalOf: () => undefined,
};

let world: FakeWorld;
let registry: TriggerRegistry;
beforeEach(() => {
  world = new FakeWorld();
  registry = new TriggerRegistry(world, new RecordedEvents(), limits);
});

const refOf = (metadata: Readonly<Record<string, string>>) => ({
  namespace: 'models',
  name: 'llama',
  metadata: { targetValue: '8', ...metadata },
});
const withPorts = (name: string, ...numbers: number[]): Endpoint => ({
  ...pod(name),
  ports: numbers.map((number) => ({ name: undefined, number })),
});

type Pages = Readonly<Record<string, Partial<Signals> | undefined>>;

/** Every scrape says what is on the port that it looks at, as often as it looks; requests are counted from 1. */
function say(pages: Pages): void {
  for (const { request, onReading } of world.open) {
    const url = request.candidates.find((candidate) => pages[new URL(candidate).port] !== undefined);
    const signals = url === undefined ? undefined : pages[new URL(url).port];
    onReading(signals === undefined ? failedReading(world.now) : { ...goodReading(world.now, signals), url: url! });
    world.now += 10; // One after the other, so that pages can be compared.
  }
}

async function valueAfter(
  pages: Pages,
  metadata: Readonly<Record<string, string>> = {},
  seconds = 70,
): Promise<number> {
  const first = registry.answer(refOf(metadata));
  first.catch(() => {});
  for (let second = 0; second < seconds; second++) {
    say(pages);
    world.now += 900;
    registry.tick();
  }
  await first;
  return (await registry.answer(refOf(metadata))).metricValue;
}

function endpoints() {
  const [trigger] = registry.all;
  return statusOf(trigger!, undefined, world.now).endpoints;
}

const server = (processStartSeconds: number, concurrency: number) => ({
  processStartSeconds,
  concurrency,
  requestsTotal: 9,
});

it('adds up the servers of a pod whose ports are asked for', async () => {
  world.list([withPorts('a', 9)]);
  const pages = { 8000: server(1, 3), 8001: server(2, 4), 8002: server(3, 0), 8003: server(4, 5) };
  expect(await valueAfter(pages, { port: '8000-8003' })).toBe(12);
  expect(endpoints().map(({ name, state }) => `${name} ${state}`)).toEqual([
    'a:8000 read',
    'a:8001 read',
    'a:8002 read',
    'a:8003 read',
  ]);
});

it('lets a server that is asked for and silent be its share of a replica at most', async () => {
  world.list([withPorts('a', 9)]);
  const pages = { 8000: server(1, 1), 8001: server(2, 1), 8002: server(3, 1) };
  await valueAfter(pages, { port: '8000-8003' });
  const [trigger] = registry.all;
  expect(trigger!.state.outcome!.observation.now).toEqual({ low: 3, high: 5 });
});

it('counts every declared port that has a page of its own, without being asked', async () => {
  world.list([withPorts('a', 8000, 8080, 50_051), withPorts('b', 8000, 8080, 50_051)]);
  expect(await valueAfter({ 8000: server(1, 5), 8080: server(2, 1) })).toBe(12);
  expect(endpoints().map(({ name }) => name)).toEqual(['a', 'b', 'a:8080', 'b:8080']);
});

it('counts a page once that a proxy shows on another port', async () => {
  world.list([withPorts('a', 8000, 8200)]);
  expect(await valueAfter({ 8000: server(1, 5), 8200: server(1, 5) })).toBe(5);
  const mirror = endpoints().find(({ name }) => name === 'a:8200');
  expect(mirror).toMatchObject({ state: 'not-serving', bounds: { low: 0, high: 0 } });
  expect(mirror!.problems[0]).toContain('where it counts');
});

it('keeps a mirror one across a restart of the server, and two servers two', async () => {
  world.list([withPorts('a', 8000, 8200)]);
  await valueAfter({ 8000: server(1, 5), 8200: server(1, 5) });
  expect(await valueAfter({ 8000: server(7, 2), 8200: server(7, 2) })).toBe(2);
  // Started in one hundredth of a second by one launcher, and told apart by their counts.
  const later = { ...server(7, 2), requestsTotal: 4 };
  expect(await valueAfter({ 8000: server(7, 2), 8200: later })).toBe(4);
  expect(await valueAfter({ 8000: server(7, 2), 8200: { ...later, requestsTotal: 9 } })).toBe(4);
});

it('follows a page that moves to another declared port, and counts it once', async () => {
  world.list([withPorts('a', 8000, 8080)]);
  await valueAfter({ 8000: server(1, 3), 8080: server(2, 1) });
  expect(await valueAfter({ 8080: server(2, 1) }, {}, 200)).toBe(1);
  expect(endpoints().map(({ name }) => name)).toEqual(['a']);
});

it('looks seldom at declared ports that have no page, and lets them bound nothing', async () => {
  world.list([withPorts('a', 8000, 9000)]);
  expect(await valueAfter({ 8000: server(1, 5) })).toBe(5);
  const beside = world.open.filter(({ request }) => request.candidates.every((url) => new URL(url).port === '9000'));
  expect(beside.map(({ intervalMs }) => intervalMs)).toEqual([30_000]);
  expect(endpoints().map(({ name }) => name)).toEqual(['a']);
  world.list([]);
  world.now += 1_000;
  registry.tick();
  expect(world.open).toEqual([]);
});

it('means the load of a replica, not of a server', async () => {
  world.list([withPorts('a', 9), withPorts('b', 9)]);
  const pages = { 8000: server(1, 3), 8001: server(2, 5) };
  expect(await valueAfter(pages, { port: '8000,8001', aggregation: 'mean' })).toBe(8);
  const caches = { 8000: { kvCacheRatio: 0.2 }, 8001: { kvCacheRatio: 0.6 } };
  const ratio = await valueAfter(caches, {
    port: '8000,8001',
    aggregation: 'mean',
    metric: 'kvCache',
    targetValue: '0.8',
  });
  expect(ratio).toBeCloseTo(0.4);
});

it('bounds a server that has shown itself and then goes silent, as it does any other', async () => {
  world.list([withPorts('a', 8000, 8080)]);
  await valueAfter({ 8000: server(1, 2), 8080: server(2, 2) });
  await valueAfter({ 8000: server(1, 2) }, {}, 20);
  const [trigger] = registry.all;
  expect(trigger!.state.outcome!.observation.now).toEqual({ low: 2, high: 6 });
});
