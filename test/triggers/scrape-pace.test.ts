import { expect, it } from 'vitest';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';

const limits = {
  maxTriggers: 10,
  maxTriggersPerNamespace: 10,
  maxEndpointsPerTrigger: 1000,
  idleTimeoutMs: 600_000,
  activationScrapeIntervalMs: 50,
  startingForMs: 1_800_000,
  refusalOf: () => undefined,
};

it.each([
  [10, '1s', 1000],
  [1000, '1s', 1000],
  [10, '100ms', 100],
  [100, '100ms', 100],
  [500, '100ms', 500],
])('reads %i endpoints that are wanted every %s each %i ms', (count, scrapeInterval, wantMs) => {
  const world = new FakeWorld();
  const registry = new TriggerRegistry(world, new RecordedEvents(), limits);
  const pods = Array.from({ length: count }, (_, at) => pod(`replica-${at}`));
  world.list(pods);
  const metadata = { targetValue: '10', scrapeInterval, scrapeTimeout: '90ms' };
  registry.answer({ namespace: 'models', name: 'llama', metadata }).catch(() => {});
  expect(world.open).toHaveLength(count);
  expect(new Set(world.open.map(({ intervalMs }) => intervalMs))).toEqual(new Set([wantMs]));
  world.list(pods.slice(0, 1));
  world.now += 1000;
  registry.tick();
  expect(world.open[0]!.intervalMs).toBe(scrapeInterval === '1s' ? 1000 : 100);
});
