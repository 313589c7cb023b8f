import { beforeEach, expect, it } from 'vitest';
import { parseTriggerMetadata } from '../../src/config/metadata/parse-trigger-metadata.ts';
import { scopeOf } from '../../src/triggers/scope-of.ts';
import { statusOf } from '../../src/triggers/status-of.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import type { TriggerStatus } from '../../src/triggers/trigger-status.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';

let world: FakeWorld;
let events: RecordedEvents;
let registry: TriggerRegistry;
beforeEach(() => {
  world = new FakeWorld();
  events = new RecordedEvents();
  registry = new TriggerRegistry(world, events, {
    maxTriggers: 10,
    maxTriggersPerNamespace: 10,
    maxEndpointsPerTrigger: 2,
    idleTimeoutMs: 600_000,
    activationScrapeIntervalMs: 50,
    startingForMs: 1_800_000,
    refusalOf: () => undefined,
  });
});

/** The status after a second in which every replica said so once. */
async function statusAfter(says: () => void): Promise<TriggerStatus> {
  const asked = registry
    .answer({ namespace: 'models', name: 'llama', metadata: { targetValue: '10' } })
    .catch(() => undefined);
  says();
  for (let tick = 0; tick < 20; tick++) {
    world.now += 50;
    registry.tick();
  }
  await asked;
  return statusOf([...registry.all][0]!, undefined, world.now);
}

it('has every number of a trigger whose replicas can be read', async () => {
  world.list([pod('a')]);
  const status = await statusAfter(() => world.say({ concurrency: 4 }));
  expect(status).toMatchObject({
    decision: 'report',
    active: true,
    activeReason: 'load-above-activation',
    replicas: 1,
  });
  expect(status).toMatchObject({ metricValue: 4, now: { low: 4, high: 4 } });
  expect(status.changes.at(-1)).toMatchObject({ metricValue: 4, active: true });
});

it('does not call a trigger inactive that holds: nothing is known', async () => {
  world.list([pod('a')]);
  const status = await statusAfter(() => world.say('fails'));
  expect(status).toMatchObject({
    decision: 'hold',
    active: undefined,
    activeReason: undefined,
    metricValue: undefined,
  });
  expect(status).toMatchObject({ replicas: 1, now: { low: 0, high: 10 } });
  expect(status.changes.at(-1)).toMatchObject({ metricValue: undefined, active: undefined });
  expect(events.changes.at(-1)).toMatchObject({ metricValue: undefined, active: undefined });
});

it('has no number at all while nobody knows which replicas there are', async () => {
  world.replicas = { ...world.replicas, synced: false };
  const status = await statusAfter(() => {});
  expect(status).toMatchObject({ discoverySynced: false, replicas: undefined, now: undefined, windowed: undefined });
});

it.each([
  [{}, undefined],
  [{ model: 'llama' }, 'model llama'],
  [{ model: 'a,b,c,d,e,f,g' }, 'model a, b, c, d, e and 2 more'],
  [{ service: 'vllm', engine: 'vllm' }, 'service vllm; engine vllm'],
  [{ dns: 'vllm.models' }, 'dns vllm.models'],
  [{ endpoints: 'http://a:1/metrics' }, 'endpoint http://a:1/metrics'],
  [{ model: 'a', endpoints: 'http://a:1,http://b:2' }, 'model a; 2 endpoints'],
])('tells triggers apart by their metadata %j: %s', (metadata, scope) => {
  const parsed = parseTriggerMetadata({ targetValue: '10', ...metadata });
  if (!parsed.ok) throw new Error(parsed.faults.join());
  expect(scopeOf(parsed.value)).toBe(scope);
});

it.each([
  ['requests held, where something is held', 2, 'requests-held'],
  ['load, where everything in front was forwarded', 0, 'load-above-activation'],
])('tells of %s', async (_what, waiting, reason) => {
  world.list([pod('a')]);
  world.listGateway([pod('front')]);
  const status = await statusAfter(() => {
    world.say({ concurrency: 1 });
    world.say({ running: 3, waiting, concurrency: 3 + waiting }, 'gateway');
  });
  expect(status.activeReason).toBe(reason);
});
