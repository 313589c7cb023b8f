import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EndpointSnapshot, EndpointSource } from '../../../src/discovery/endpoint.ts';
import { metadataKey } from '../../../src/discovery/scaling.ts';
import type { Cluster } from '../cluster.ts';
import { cluster, pod, podsPath, scale, scaledObject, scaledObjectsPath, scalePath } from '../cluster.ts';

let world: Cluster;

beforeEach(async () => {
  world = await cluster();
  world.server.put(scaledObjectsPath, scaledObject('llama-so'));
  world.server.documents.set(scalePath, scale('app=llama', 0));
});

afterEach(() => world.stop());

function open(port?: string | number, name = 'llama-so'): EndpointSource {
  return world.discovery.open({ kind: 'scale-target', namespace: 'models', name, port });
}

async function synced(port?: string | number): Promise<EndpointSource> {
  const source = open(port);
  await world.clock.until(() => source.current().synced, 'a list');
  return source;
}

const until = (source: EndpointSource, holds: (now: EndpointSnapshot) => boolean, what: string): Promise<void> =>
  world.clock.until(() => holds(source.current()), what);
const statesOf = (source: EndpointSource): string[] =>
  source.current().endpoints.map(({ name, phase }) => `${name} ${phase}`);

it('knows nothing before the first full list, then zero replicas as a fact', async () => {
  const source = open();
  expect(source.current()).toMatchObject({ synced: false, problem: undefined, invalid: false });
  await until(source, ({ synced }) => synced, 'a list');
  expect(source.current()).toEqual({
    synced: true,
    endpoints: [],
    replicas: 0,
    pollingIntervalMs: 30_000,
    hasFallback: false,
    subject: expect.stringContaining('llama'),
    scaling: {
      minReplicaCount: 0,
      maxReplicaCount: 100,
      idleReplicaCount: undefined,
      behavior: undefined,
      hasFormula: false,
      usesCachedMetrics: false,
      metricTypes: 'AverageValue',
    },
    scale: { statusReplicas: [0], readyReplicas: 0 },
    problem: undefined,
    invalid: false,
  });
});

it('tells how the ScaledObject scales', async () => {
  const behavior = {
    scaleUp: {
      stabilizationWindowSeconds: null,
      tolerance: '50m',
      policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
    },
    scaleDown: { stabilizationWindowSeconds: 120, selectPolicy: 'Min', tolerance: '0.2' },
  };
  const spec = {
    minReplicaCount: 2,
    maxReplicaCount: 40,
    idleReplicaCount: 0,
    advanced: { scalingModifiers: { formula: 'a + b' }, horizontalPodAutoscalerConfig: { behavior } },
    triggers: [
      {
        type: 'external-push',
        metricType: 'Value',
        useCachedMetrics: true,
        metadata: { targetValue: '8', aggregation: 'mean' },
      },
      { type: 'external-push', metadata: { targetValue: '8' } },
    ],
  };
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { spec }));
  const source = await synced();
  expect(source.current().scaling).toEqual({
    minReplicaCount: 2,
    maxReplicaCount: 40,
    idleReplicaCount: 0,
    behavior: {
      scaleUp: { tolerance: 0.05, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      scaleDown: { stabilizationWindowSeconds: 120, selectPolicy: 'Min', tolerance: 0.2 },
    },
    hasFormula: true,
    usesCachedMetrics: true,
    metricTypes: new Map([
      [metadataKey({ aggregation: 'mean', targetValue: '8' }), 'Value'],
      [metadataKey({ targetValue: '8' }), 'AverageValue'],
    ]),
  });
});

it('tells whether a fallback waits for an error, and that of the newest edit', async () => {
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { fallback: { failureThreshold: 3, replicas: 2 } }));
  const source = await synced();
  expect(source.current()).toMatchObject({ hasFallback: true });
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { generation: 2 }));
  await until(source, ({ hasFallback }) => hasFallback === false, 'the edit');
});

it('describes a pod: address, ports with those of native sidecars, node, start', async () => {
  const ports = [
    { name: 'http', containerPort: 8000 },
    { containerPort: 9000 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ];
  const sidecarPorts = [{ name: 'proxy', containerPort: 15_000 }];
  world.server.put(podsPath, pod('a', { ports, sidecarPorts, podIPs: ['fd00::1', '10.1.0.7'] }));
  const source = await synced();
  expect(source.current().endpoints).toEqual([
    {
      name: 'a',
      address: '10.1.0.7',
      ports: [
        { name: 'http', number: 8000 },
        { name: undefined, number: 9000 },
        { name: 'proxy', number: 15_000 },
      ],
      phase: 'ready',
      namespace: 'models',
      node: 'node-1',
      url: undefined,
    },
  ]);
});

it('follows a pod from waiting for an address to its deletion', async () => {
  const source = await synced();
  const seen: unknown[] = [];
  source.subscribe(() => seen.push([...statesOf(source), source.current().replicas]));
  world.server.put(podsPath, pod('a', { ready: false, podIPs: [], phase: 'Pending' }));
  world.server.put(podsPath, pod('a', { ready: false }));
  world.server.put(podsPath, pod('a'));
  world.server.put(podsPath, pod('a', { terminating: true }));
  world.server.delete(podsPath, 'a');
  await world.clock.until(() => seen.length === 5, 'five changes');
  expect(seen).toEqual([[1], ['a starting', 1], ['a ready', 1], ['a terminating', 0], [0]]);
});

it('leaves finished pods and pods of other selectors out', async () => {
  world.server.put(podsPath, pod('done', { phase: 'Succeeded' }));
  world.server.put(podsPath, pod('evicted', { phase: 'Failed' }));
  world.server.put(podsPath, pod('other', { app: 'mistral' }));
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  expect(statesOf(source)).toEqual(['a ready']);
  expect(source.current().replicas).toBe(1);
});

it('reads the polling interval, and again when it changes', async () => {
  const source = await synced();
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { pollingInterval: 5, generation: 2 }));
  await until(source, ({ pollingIntervalMs }) => pollingIntervalMs === 5_000, '5 s');
});

it('keeps the same object until something changes', async () => {
  const source = await synced();
  expect(source.current()).toBe(source.current());
});

it('says that there is no such ScaledObject, and notices when there is', async () => {
  const source = open(undefined, 'lama');
  await until(source, ({ invalid }) => invalid, 'invalid');
  expect(source.current()).toMatchObject({
    synced: false,
    endpoints: [],
    problem:
      'no ScaledObject "lama" in namespace "models"; triggers of a ScaledJob need "service", "dns" or "endpoints"',
  });
  world.server.put(scaledObjectsPath, scaledObject('lama'));
  await until(source, ({ synced, invalid, problem }) => synced && !invalid && !problem, 'a list');
});

it('does not call a ScaledObject missing that it merely has not heard of yet', async () => {
  const first = await synced();
  world.server.fail({ path: scaledObjectsPath, only: 'watch', status: 500, times: 1_000 });
  world.server.cutWatches();
  await until(first, ({ problem }) => problem !== undefined, 'a problem');
  const source = open(undefined, 'later');
  expect(source.current()).toMatchObject({ synced: false, invalid: false, problem: expect.stringContaining('500') });
  expect(first.current().synced).toBe(true);
});

it('forgets the pods when the ScaledObject is deleted, and finds them again when it is made anew', async () => {
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  world.server.delete(scaledObjectsPath, 'llama-so');
  await until(source, ({ invalid }) => invalid, 'invalid');
  expect(source.current()).toMatchObject({ synced: false, endpoints: [], replicas: undefined });
  await world.clock.until(() => world.server.openWatches('pods') === 0, 'no watch of pods', 0);
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { uid: 'u2' }));
  await until(source, ({ synced }) => synced, 'a list');
  expect(statesOf(source)).toEqual(['a ready']);
});

it.each([
  ['at once when the ScaledObject changes', { generation: 2 }],
  ['at once when the ScaledObject was made anew', { uid: 'u2' }],
])('notices a new selector %s, and the old list stands until the new one is whole', async (_name, edited) => {
  world.server.put(podsPath, pod('a'));
  world.server.put(podsPath, pod('b', { app: 'next' }));
  const source = await synced();
  const seen = new Set<string>();
  source.subscribe(() => seen.add(statesOf(source).join()));
  world.server.documents.set(scalePath, scale('app=next'));
  const startMs = world.clock.nowMs();
  world.server.put(scaledObjectsPath, scaledObject('llama-so', edited));
  await until(source, ({ endpoints }) => endpoints[0]?.name === 'b', 'b');
  expect([...seen]).toEqual(['a ready', 'b ready']);
  expect(world.clock.nowMs() - startMs).toBeLessThan(5_000);
  await world.clock.until(() => world.server.openWatches('pods') === 1, 'one watch of pods', 0);
});

it.each([
  ['may not be read', 403, false],
  ['fails', 500, false],
  ['does not exist', 404, true],
])('knows nothing of a new scale target that %s, whatever the old one has', async (_name, status, isInvalid) => {
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  const mistral = scalePath.replace('llama', 'mistral');
  world.server.fail({ path: mistral, status, times: 1_000 });
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { generation: 2, target: { name: 'mistral' } }));
  await until(source, ({ problem }) => problem !== undefined, 'a problem');
  const nothing = { synced: false, endpoints: [], replicas: undefined, invalid: isInvalid };
  expect(source.current()).toMatchObject(nothing);
  for (const name of ['a']) world.server.delete(podsPath, name);
  for (let turn = 0; turn < 20; turn += 1) {
    world.clock.advance(1_000);
    await world.clock.settle(2);
    expect(source.current()).toMatchObject(nothing);
  }
  world.server.heal();
  world.server.documents.set(mistral, scale('app=mistral'));
  world.server.put(podsPath, pod('m', { app: 'mistral' }));
  await until(source, ({ synced }) => synced, 'the list of the new target');
  expect(statesOf(source)).toEqual(['m ready']);
});

it('never shows pods of the old scale target beside the name of the new one', async () => {
  world.server.put(podsPath, pod('a'));
  world.server.put(podsPath, pod('m', { app: 'mistral' }));
  world.server.documents.set(scalePath.replace('llama', 'mistral'), scale('app=mistral'));
  const source = await synced();
  const seen = new Set<string>();
  source.subscribe(() => seen.add(`${source.current().synced} ${statesOf(source)}`));
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { generation: 2, target: { name: 'mistral' } }));
  await until(source, ({ endpoints }) => endpoints[0]?.name === 'm', 'm');
  expect([...seen]).toEqual(['false ', 'true m ready']);
});

it('tells lists of different scale targets apart, and not editions of one', async () => {
  world.server.documents.set(scalePath.replace('llama', 'mistral'), scale('app=mistral'));
  const source = await synced();
  const { subject } = source.current();
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { generation: 2, pollingInterval: 5 }));
  await until(source, ({ pollingIntervalMs }) => pollingIntervalMs === 5_000, 'the edit');
  expect(source.current().subject).toBe(subject);
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { generation: 3, target: { name: 'mistral' } }));
  await until(source, ({ synced, subject: now }) => synced && now !== subject, 'the other target');
});

it('tells a pod from one that was made anew under its name', async () => {
  const { metadata, ...rest } = pod('a');
  world.server.put(podsPath, { ...rest, metadata: { ...metadata, uid: 'u7' } });
  const source = await synced();
  expect(source.current().endpoints).toMatchObject([{ name: 'a', uid: 'u7' }]);
});

const scaleReads = (): number => world.server.requestsTo(scalePath).length;

it('reads a settled scale again after five minutes, one that is not settled after half a minute', async () => {
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  for (let turn = 0; turn < 10; turn += 1) {
    world.clock.advance(1_000);
    await world.clock.settle(2);
    source.current();
  }
  const spans: number[] = [];
  for (const replicas of [1, 3, 3, 1]) {
    const before = scaleReads();
    const startMs = world.clock.nowMs();
    await world.clock.until(() => scaleReads() > before, 'a reading', 1_000);
    spans.push(Math.round((world.clock.nowMs() - startMs) / 1_000));
    world.server.documents.set(scalePath, { ...(scale('app=llama', 1) as object), spec: { replicas } });
  }
  // The third reading is the first to see three replicas asked for and one there.
  for (const span of spans.slice(0, 3)) expect(span).toBeGreaterThan(250);
  expect(spans[3]).toBeLessThan(40);
});

it('reads a scale once for all triggers of its target, whatever ports they ask for', async () => {
  world.server.put(podsPath, pod('a'));
  world.server.put(scaledObjectsPath, scaledObject('other-so'));
  const sources = [open(), open(8000), open('http'), open(undefined, 'other-so')];
  await world.clock.until(() => sources.every((source) => source.current().synced), 'all lists');
  await world.clock.settle();
  const atStart = scaleReads();
  expect(atStart).toBeLessThanOrEqual(2);
  for (const source of sources.slice(1)) source.close();
  world.server.documents.set(scalePath, scale('app=llama', 2));
  world.server.put(podsPath, pod('b'));
  await until(sources[0]!, ({ replicas }) => replicas === 2, 'two');
  sources[0]!.close();
  const atEnd = scaleReads();
  for (let turn = 0; turn < 10; turn += 1) {
    world.clock.advance(60_000);
    await world.clock.settle(2);
  }
  expect(scaleReads()).toBe(atEnd);
});

it('asks at once for a scale target that was missing when its ScaledObject is edited', async () => {
  world.server.documents.delete(scalePath);
  const source = open();
  await until(source, ({ invalid }) => invalid, 'invalid');
  world.clock.advance(60_000);
  await world.clock.settle();
  world.server.documents.set(scalePath, scale('app=llama'));
  const startMs = world.clock.nowMs();
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { generation: 2 }));
  await until(source, ({ synced }) => synced, 'a list');
  expect(world.clock.nowMs() - startMs).toBeLessThan(2_000);
});

/** What was put before has come through the watch that all sources share. */
async function untilWatched(): Promise<void> {
  const marker = open(undefined, 'marker');
  world.server.put(scaledObjectsPath, scaledObject('marker', { target: { name: 'marker' } }));
  const followed = () => marker.current().problem === 'no Deployment "marker" in namespace "models"';
  await world.clock.until(followed, 'the marker', 0);
  marker.close();
}

it.each(['llama-so', 'mistral-so'])('does nothing for what KEDA writes into the status of %s', async (name) => {
  world.server.put(scaledObjectsPath, scaledObject('mistral-so'));
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  const before = source.current();
  let told = 0;
  source.subscribe(() => {
    told += 1;
  });
  const readings = (): number => world.server.requestsTo(scalePath).length;
  const readBefore = readings();
  for (let time = 0; time < 5; time += 1) {
    world.server.put(scaledObjectsPath, { ...scaledObject(name), status: { lastActiveTime: String(time) } });
  }
  await untilWatched();
  expect(readings()).toBe(readBefore);
  expect(source.current()).toBe(before);
  expect(told).toBe(0);
});

it('tells of an edit of its own ScaledObject', async () => {
  const source = await synced();
  let told = 0;
  source.subscribe(() => {
    told += 1;
  });
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { pollingInterval: 5, generation: 2 }));
  await until(source, ({ pollingIntervalMs }) => pollingIntervalMs === 5_000, '5 s');
  expect(told).toBeGreaterThan(0);
});

it('counts the replicas that are asked for, not the surge of a rollout', async () => {
  world.server.documents.set(scalePath, scale('app=llama', 2));
  for (const name of ['a', 'b']) world.server.put(podsPath, pod(name));
  const source = await synced();
  await until(source, ({ replicas, endpoints }) => replicas === 2 && endpoints.length === 2, 'two');
  for (const name of ['surge', 'another', 'third']) {
    world.server.put(podsPath, pod(name));
    const before = source.current().endpoints.length;
    await until(
      source,
      ({ endpoints, replicas }) => {
        expect(replicas).toBe(2);
        return endpoints.length > before;
      },
      name,
    );
  }
  for (const name of ['another', 'third']) world.server.delete(podsPath, name);
  await until(source, ({ endpoints }) => endpoints.length === 3, 'less of a surge');
  world.server.documents.set(scalePath, scale('app=llama', 4));
  world.server.put(podsPath, pod('d'));
  await until(source, ({ replicas }) => replicas === 4, 'four');
  expect(source.current().endpoints).toHaveLength(4);
});

it('tells what the HPA may count: pods at once, and what their controllers have written once they have', async () => {
  world.server.documents.set(scalePath, scale('app=llama', 2));
  for (const name of ['a', 'b']) world.server.put(podsPath, pod(name));
  const source = await synced();
  await until(source, (now) => now.scale?.statusReplicas.join() === '2', 'two');
  world.server.put(podsPath, pod('surge', { ready: false }));
  await until(source, ({ endpoints }) => endpoints.length === 3, 'a surge');
  expect(source.current()).toMatchObject({ replicas: 2, scale: { statusReplicas: [3, 2], readyReplicas: 2 } });
  world.server.documents.set(scalePath, scale('app=llama', 2, 1));
  await until(source, (now) => now.scale?.statusReplicas.join() === '3', 'three by its status');
  expect(source.current().replicas).toBe(2);
});

it('believes the scale where pods are not all that it counts', async () => {
  world.server.documents.set(scalePath, scale('app=llama', 2, 2));
  for (const name of ['a', 'b', 'c']) world.server.put(podsPath, pod(name));
  const source = await synced();
  await until(source, (now) => now.scale?.statusReplicas.join() === '4', 'what its status says');
  const reads = world.server.requestsTo(scalePath).length;
  for (let turn = 0; turn < 10; turn += 1) {
    world.clock.advance(1_000);
    await world.clock.settle(2);
    source.current();
  }
  expect(world.server.requestsTo(scalePath).length).toBe(reads);
});

it('counts ready pods as the HPA does: those that are ending and still ready among them', async () => {
  world.server.documents.set(scalePath, scale('app=llama', 3));
  world.server.put(podsPath, pod('a'));
  world.server.put(podsPath, pod('b', { ready: false }));
  world.server.put(podsPath, pod('c', { phase: 'Pending' }));
  world.server.put(podsPath, pod('d', { terminating: true }));
  const source = await synced();
  await until(source, ({ endpoints }) => endpoints.length === 4, 'four');
  expect(source.current()).toMatchObject({ replicas: 3, scale: { readyReplicas: 2 } });
});

it('reads the scale once a second at most while pods come and go, and not again when nothing changes', async () => {
  world.server.documents.set(scalePath, scale('app=llama', 1));
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  await world.clock.until(() => world.server.requestsTo(scalePath).length >= 1, 'a read');
  const startMs = world.clock.nowMs();
  for (let turn = 0; turn < 30; turn += 1) {
    world.server.put(podsPath, pod(`surge-${turn % 3}`, { ready: turn % 2 === 0 }));
    await world.clock.settle(2);
    source.current();
    world.clock.advance(100);
  }
  const seconds = (world.clock.nowMs() - startMs) / 1000;
  expect(world.server.requestsTo(scalePath).length).toBeLessThanOrEqual(seconds + 3);
  await until(source, ({ replicas }) => replicas === 1, 'one');
  // Until the controllers have written what they count.
  for (let turn = 0; turn < 4; turn += 1) {
    world.clock.advance(1_000);
    await world.clock.settle(2);
    source.current();
  }
  const reads = world.server.requestsTo(scalePath).length;
  for (let turn = 0; turn < 10; turn += 1) {
    world.clock.advance(1_000);
    await world.clock.settle(2);
    source.current();
  }
  expect(world.server.requestsTo(scalePath).length).toBe(reads);
});

it('counts pods while the scale cannot be read, and does not press the API server', async () => {
  world.server.documents.set(scalePath, scale('app=llama', 1));
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  await until(source, ({ endpoints }) => endpoints.length === 1, 'a');
  world.server.fail({ path: scalePath, status: 500, times: 1_000 });
  world.server.put(podsPath, pod('b'));
  await until(source, ({ endpoints, replicas }) => endpoints.length === 2 && replicas === 2, 'b');
  const reads = world.server.requestsTo(scalePath).length;
  for (let turn = 0; turn < 100; turn += 1) {
    world.clock.advance(100);
    await world.clock.settle(2);
    expect(source.current().replicas).toBe(2);
  }
  expect(world.server.requestsTo(scalePath).length - reads).toBeLessThan(12);
});

it('keeps the list while the scale cannot be read, and says why', async () => {
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  world.server.fail({ path: scalePath, status: 403, times: 1_000 });
  await until(source, ({ problem }) => problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({ synced: true, invalid: false });
  expect(source.current().problem).toBe(
    'not allowed to read deployments/scale in namespace "models": RBAC must grant get on deployments/scale',
  );
  world.server.put(podsPath, pod('b'));
  await until(source, ({ endpoints }) => endpoints.length === 2, 'b');
  world.server.heal();
  await until(source, ({ problem }) => problem === undefined, 'no problem');
});

it('says that the scale target is gone, and comes back with it', async () => {
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  world.server.documents.delete(scalePath);
  await until(source, ({ invalid }) => invalid, 'invalid');
  expect(source.current()).toMatchObject({
    synced: false,
    endpoints: [],
    pollingIntervalMs: 30_000,
    problem: 'no Deployment "llama" in namespace "models"',
  });
  await world.clock.until(() => world.server.openWatches('pods') === 0, 'no watch of pods', 0);
  world.server.documents.set(scalePath, scale('app=llama'));
  const startMs = world.clock.nowMs();
  await until(source, ({ synced, problem }) => synced && !problem, 'a list');
  expect(world.clock.nowMs() - startMs).toBeLessThan(5_000);
});

const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'llama' };
const rolloutGroup = (...names: string[]) => ({
  resources: names.map((name) => ({ name, kind: name.endsWith('/scale') ? 'Scale' : 'Rollout', namespaced: true })),
});

it('finds the resource of a kind it does not know, once', async () => {
  world.server.documents.set(
    '/apis/argoproj.io/v1alpha1',
    rolloutGroup('rollouts', 'rollouts/scale', 'rollouts/status'),
  );
  world.server.documents.set('/apis/argoproj.io/v1alpha1/namespaces/models/rollouts/llama/scale', scale('app=llama'));
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { target: rollout }));
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  expect(statesOf(source)).toEqual(['a ready']);
  const readAgain = () => world.server.requestsTo('rollouts/llama/scale').length >= 2;
  await world.clock.until(readAgain, 'a second reading');
  expect(world.server.requests.filter(({ path }) => path === '/apis/argoproj.io/v1alpha1')).toHaveLength(1);
});

it.each([
  ['a group nobody serves', rollout, undefined, 'the Kubernetes API does not know argoproj.io/v1alpha1'],
  ['a kind nobody serves', rollout, { resources: [] }, 'does not know the kind Rollout (argoproj.io/v1alpha1)'],
  [
    'a kind that cannot be scaled',
    rollout,
    rolloutGroup('rollouts'),
    'Rollout (argoproj.io/v1alpha1) has no scale subresource',
  ],
  ['a version that is none', { ...rollout, apiVersion: '../v1' }, undefined, 'apiVersion "../v1" is no API version'],
  ['a name that is none', { name: '../../x' }, undefined, 'scaleTargetRef.name "../../x" is no name'],
  ['a name with an empty part', { name: 'a..b' }, undefined, 'scaleTargetRef.name "a..b" is no name'],
  ['no name at all', {}, undefined, 'scaleTargetRef.name "" is no name'],
])('refuses %s in words', async (_name, target, group, words) => {
  if (group) world.server.documents.set('/apis/argoproj.io/v1alpha1', group);
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { target }));
  const source = open();
  await until(source, ({ invalid }) => invalid, 'invalid');
  expect(source.current()).toMatchObject({ synced: false, problem: expect.stringContaining(words) });
  expect(world.server.requestsTo('..')).toEqual([]);
});

it.each([undefined, ''])(
  'refuses an empty selector (%j), which would be all pods of the namespace',
  async (selector) => {
    world.server.put(podsPath, pod('a'));
    world.server.documents.set(scalePath, scale(selector));
    const source = open();
    await until(source, ({ invalid }) => invalid, 'invalid');
    expect(source.current().problem).toContain('the scale subresource of Deployment "llama" names no pod selector');
    expect(world.server.requestsTo(podsPath)).toEqual([]);
  },
);

const ports = [
  { name: 'http', containerPort: 8000 },
  { name: 'metrics', containerPort: 9090 },
];

it.each([
  ['a name', 'metrics', [{ name: 'metrics', number: 9090 }]],
  ['a declared number', 8000, [{ name: 'http', number: 8000 }]],
  ['a number that is not declared', 7000, [{ name: undefined, number: 7000 }]],
])('narrows the ports to %s', async (_name, port, expected) => {
  world.server.put(podsPath, pod('a', { ports }));
  const source = await synced(port);
  expect(source.current()).toMatchObject({ endpoints: [{ ports: expected }], problem: undefined, invalid: false });
});

it('names the ports there are when the one asked for is not among them', async () => {
  const source = await synced('metricz');
  expect(source.current()).toMatchObject({ synced: true, problem: undefined });
  world.server.put(podsPath, pod('a', { ports }));
  await until(source, ({ invalid }) => invalid, 'invalid');
  expect(source.current()).toMatchObject({
    endpoints: [{ name: 'a', ports: [] }],
    replicas: 1,
    problem: 'Deployment "llama" has no port "metricz"; its ports: http (8000), metrics (9090)',
  });
  world.server.put(podsPath, pod('b', { ports: [{ name: 'metricz', containerPort: 1 }] }));
  await until(source, ({ invalid }) => !invalid, 'valid');
});

it('says that KEDA is not installed where its resources are unknown', async () => {
  world.server.fail({ path: scaledObjectsPath, status: 404, times: 1_000 });
  const source = open();
  await until(source, ({ problem }) => problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({
    invalid: false,
    problem: 'the Kubernetes API does not know scaledobjects.keda.sh; is its CRD installed?',
  });
});
