import { beforeEach, expect, it } from 'vitest';
import type { EndpointSnapshot } from '../../src/discovery/endpoint.ts';
import type { Scaling } from '../../src/discovery/scaling.ts';
import { metadataKey } from '../../src/discovery/scaling.ts';
import { statusOf } from '../../src/triggers/status-of.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';

const scaling: Scaling = {
  minReplicaCount: 1,
  maxReplicaCount: 100,
  idleReplicaCount: undefined,
  behavior: undefined,
  hasFormula: false,
  usesCachedMetrics: false,
  metricTypes: 'AverageValue',
};

let world: FakeWorld;
let registry: TriggerRegistry;

beforeEach(() => {
  world = new FakeWorld();
  registry = new TriggerRegistry(world, new RecordedEvents(), {
    maxTriggers: 10,
    maxTriggersPerNamespace: 10,
    maxEndpointsPerTrigger: 100,
    idleTimeoutMs: 600_000,
    activationScrapeIntervalMs: 50,
    startingForMs: 600_000,
    refusalOf: () => undefined,
  });
});

/** So many replicas are asked for, and the HPA may find these. */
function found(replicas: number, statusReplicas: readonly number[], more: Partial<EndpointSnapshot> = {}): void {
  const pods = Array.from({ length: Math.max(replicas, ...statusReplicas) }, (_, index) => pod(`llama-${index}`));
  const scale = { statusReplicas, readyReplicas: replicas };
  world.list(pods, { replicas, scale, scaling, hasFallback: false, ...more });
}

/** Every replica of `replicas` says its share; what a rollout has added says nothing is running. */
function say(replicas: number, each: number): void {
  world.open.forEach((scrape, index) => {
    world.sayOne(scrape, { concurrency: index < replicas ? each : 0 });
  });
}

async function answer(metadata: Record<string, string> = {}): Promise<number | string> {
  const ref = {
    namespace: 'models',
    name: 'llama',
    metadata: { targetValue: '8', window: '1s', burstWindow: '1s', ...metadata },
  };
  const asked = registry.answer(ref).then(
    ({ metricValue }) => metricValue,
    (error: Error) => error.message,
  );
  // A first question waits for pages, which come with the next tick.
  say(world.replicas.replicas ?? 0, 8);
  world.now += 1000;
  registry.tick();
  return asked;
}

async function next(afterMs: number): Promise<number | string> {
  world.now += afterMs;
  say(world.replicas.replicas ?? 0, 8);
  registry.tick();
  return answer();
}

it('tells what keeps the size from the moment a surge is seen until the HPA has forgotten it', async () => {
  found(12, [12]);
  expect(await answer()).toBe(96);
  found(12, [13, 12]);
  // The list is news by itself: the HPA may look before any page is read again.
  expect(
    await registry.answer({
      namespace: 'models',
      name: 'llama',
      metadata: { targetValue: '8', window: '1s', burstWindow: '1s' },
    }),
  ).toEqual({ metricValue: 93, active: true });
  found(12, [12]);
  expect(await next(1000)).toBe(93);
  expect(await next(10_000)).toBe(96);
});

it('remembers a surge for longer where KEDA hands on old values', async () => {
  const cached = { scaling: { ...scaling, usesCachedMetrics: true }, pollingIntervalMs: 30_000 };
  found(12, [13], cached);
  expect(await answer()).toBe(93);
  found(12, [12], cached);
  expect(await next(20_000)).toBe(93);
  expect(await next(40_000)).toBe(96);
});

it('tells an error where only that keeps the size, and says so', async () => {
  found(40, [41]);
  expect(await answer()).toMatch(/= 40 kept, 40 now; .*an error is told, for the autoscaler counts 41 of 40/);
});

it.each<[string, Partial<Scaling>, Partial<EndpointSnapshot>]>([
  ['KEDA may scale to zero', { minReplicaCount: 0 }, {}],
  ['KEDA may scale to an idle size', { idleReplicaCount: 0 }, {}],
  ['a fallback would take it for a failure', {}, { hasFallback: true }],
  ['nobody knows of a fallback', {}, { hasFallback: undefined as never }],
  ['the list may be out of date', {}, { problem: 'the API server is away' }],
])('tells the value where %s', async (_name, changes, more) => {
  found(40, [41], { scaling: { ...scaling, ...changes }, ...more });
  expect(await answer()).toBe(320);
});

it('tells the value where pods are missing for good: that is no rollout', async () => {
  found(40, [39]);
  expect(await answer()).toBe(320);
});

it('leaves alone what a formula of the ScaledObject is made of', async () => {
  found(12, [13], { scaling: { ...scaling, hasFormula: true } });
  expect(await answer()).toBe(96);
});

it('uses the tolerance that the ScaledObject sets', async () => {
  const behavior = { scaleUp: { tolerance: 0 }, scaleDown: { tolerance: 0 } };
  found(40, [41], { scaling: { ...scaling, behavior } });
  expect(await answer()).toBe(320);
  const [status] = [...registry.all].map((trigger) => statusOf(trigger, undefined, world.now));
  expect(status).toMatchObject({ desiredReplicas: 40, hpa: { statusReplicas: 41, toleranceUpRatio: 0 } });
});

it('keeps a loading workload that is overloaded, by the trigger’s own metric type', async () => {
  const mean = { targetValue: '4', window: '1s', burstWindow: '1s', aggregation: 'mean' };
  const metricTypes = new Map([
    [metadataKey(mean), 'Value' as const],
    [metadataKey({ targetValue: '8' }), 'AverageValue' as const],
  ]);
  found(4, [4], { scaling: { ...scaling, metricTypes }, scale: { statusReplicas: [4], readyReplicas: 1 } });
  expect(await answer(mean)).toBe(4);
  const [status] = [...registry.all].map((trigger) => statusOf(trigger, undefined, world.now));
  expect(status).toMatchObject({ metricValue: 8, told: { metricValue: 4 }, desiredReplicas: 4 });
});

it('does not let the HPA climb on the surge it has bought, where an error could be taken for idleness', async () => {
  const mayEnd = { scaling: { ...scaling, minReplicaCount: 0 } };
  const blindSecond = async (replicas: number, statusReplicas: readonly number[]): Promise<number | string> => {
    found(replicas, statusReplicas, mayEnd);
    world.now += 1000;
    world.say('fails');
    registry.tick();
    const metadata = { targetValue: '8', window: '1s', burstWindow: '1s' };
    return registry.answer({ namespace: 'models', name: 'llama', metadata }).then(({ metricValue }) => metricValue);
  };
  found(40, [40], mayEnd);
  await answer();
  for (let turn = 0; turn < 30; turn++) await blindSecond(40, [41]);
  expect(await blindSecond(40, [41])).toBe(320);
  // It was bought, and for a moment there is no surge; then the rollout adds another.
  expect(await blindSecond(41, [41])).toBe(328);
  expect(await blindSecond(41, [42])).toBe(320);
});
