import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EndpointSnapshot, EndpointSource } from '../../../src/discovery/endpoint.ts';
import type { Cluster, PodOptions } from '../cluster.ts';
import { cluster, pod, podsPath, scale, scaledObject, scaledObjectsPath, scalePath } from '../cluster.ts';

let world: Cluster;

beforeEach(async () => {
  world = await cluster();
  world.server.put(scaledObjectsPath, scaledObject('llama-so'));
  world.server.documents.set(scalePath, scale('app=llama'));
});

afterEach(() => world.stop());

async function synced(): Promise<EndpointSource> {
  const source = world.discovery.open({ kind: 'scale-target', namespace: 'models', name: 'llama-so', port: undefined });
  await world.clock.until(() => source.current().synced, 'a list');
  return source;
}

const until = (source: EndpointSource, holds: (now: EndpointSnapshot) => boolean, what: string): Promise<void> =>
  world.clock.until(() => holds(source.current()), what);
const namesOf = (source: EndpointSource): string[] => source.current().endpoints.map(({ name }) => name);

/** What the API server says of a ReplicaSet; its own name is its uid here. */
function replicaSet(name: string, owner: { kind: string; name: string; apiVersion?: string } | undefined): void {
  const ownerReferences = owner && [{ apiVersion: 'apps/v1', ...owner, uid: owner.name, controller: true }];
  world.server.documents.set(`/apis/apps/v1/namespaces/models/replicasets/${name}`, {
    kind: 'PartialObjectMetadata',
    metadata: { name, uid: name, ownerReferences },
  });
}

it('leaves out the pods of another Deployment that has the same labels, and says so', async () => {
  for (const name of ['a', 'b']) world.server.put(podsPath, pod(name));
  for (const name of ['x', 'y', 'z']) {
    world.server.put(podsPath, pod(name, { owner: { kind: 'ReplicaSet', name: 'canary-h9' } }));
  }
  replicaSet('canary-h9', { kind: 'Deployment', name: 'canary' });
  world.server.documents.set(scalePath, scale('app=llama', 2));
  const source = await synced();
  await until(source, ({ endpoints }) => endpoints.length === 2, 'two');
  expect(namesOf(source)).toEqual(['a', 'b']);
  expect(source.current()).toMatchObject({
    replicas: 2,
    problem: undefined,
    notice: '3 pods have the labels of Deployment "llama" and another owner, so not counted',
  });
});

it('asks nobody about pods whose ReplicaSet is named as its Deployment names it', async () => {
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  await world.clock.settle();
  expect(namesOf(source)).toEqual(['a']);
  expect(source.current()).not.toHaveProperty('notice');
  expect(world.server.requestsTo('replicasets')).toEqual([]);
});

it('counts the pods of a ReplicaSet that the Deployment has adopted, and asks once, for metadata alone', async () => {
  for (const name of ['a', 'b']) {
    world.server.put(podsPath, pod(name, { owner: { kind: 'ReplicaSet', name: 'old-name-h1' } }));
  }
  replicaSet('old-name-h1', { kind: 'Deployment', name: 'llama' });
  const source = await synced();
  await until(source, ({ endpoints }) => endpoints.every(({ isOwnerUnknown }) => !isOwnerUnknown), 'an owner');
  expect(namesOf(source)).toEqual(['a', 'b']);
  world.server.put(podsPath, pod('c', { owner: { kind: 'ReplicaSet', name: 'old-name-h1' } }));
  await until(source, ({ endpoints }) => endpoints.length === 3, 'three');
  const asked = world.server.requests.filter(({ path }) => path.includes('replicasets'));
  expect(asked).toHaveLength(1);
  expect(asked[0]!.accept).toMatch(/^application\/json;as=PartialObjectMetadata;g=meta\.k8s\.io;v=v1,/);
});

it.each([
  ['a Deployment', { kind: 'Deployment', name: 'other' }],
  ['a Rollout of the same name', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'llama' }],
  ['nobody', undefined],
])('leaves out the pods of a ReplicaSet that belongs to %s', async (_name, owner) => {
  world.server.put(podsPath, pod('a', { owner: { kind: 'ReplicaSet', name: 'x-h1' } }));
  replicaSet('x-h1', owner);
  const source = await synced();
  await until(source, ({ endpoints }) => endpoints.length === 0, 'none');
  expect(source.current()).toMatchObject({ synced: true, replicas: 0 });
});

it('bounds pods whose owner may not be read, says which right is missing, and counts them once it is given', async () => {
  world.server.put(podsPath, pod('a'));
  world.server.put(podsPath, pod('x', { owner: { kind: 'ReplicaSet', name: 'x-h1' } }));
  replicaSet('x-h1', { kind: 'Deployment', name: 'llama' });
  world.server.fail({ path: 'replicasets', status: 403, times: 1_000 });
  const source = await synced();
  await until(source, ({ notice }) => notice !== undefined, 'a notice');
  expect(source.current()).toMatchObject({ problem: undefined, invalid: false });
  expect(source.current().notice).toContain('RBAC must grant get on replicasets.apps');
  expect(source.current().endpoints.map(({ name, isOwnerUnknown }) => [name, isOwnerUnknown])).toEqual([
    ['a', undefined],
    ['x', true],
  ]);
  world.server.heal();
  await until(source, ({ notice }) => notice === undefined, 'no notice');
  expect(namesOf(source)).toEqual(['a', 'x']);
});

it('asks about ReplicaSets no more often than it backs off', async () => {
  world.server.put(podsPath, pod('x', { owner: { kind: 'ReplicaSet', name: 'x-h1' } }));
  world.server.fail({ path: 'replicasets', status: 500, times: 1_000 });
  const source = await synced();
  source.current();
  for (let turn = 0; turn < 60; turn += 1) {
    world.clock.advance(1_000);
    await world.clock.settle(2);
    source.current();
  }
  expect(world.server.requestsTo('replicasets').length).toBeLessThan(14);
});

const leaderWorkerSet = { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name: 'llama' };
const statefulSet = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'llama' };
const owners: [string, Record<string, string>, NonNullable<PodOptions['owner']> | null, boolean][] = [
  ['a StatefulSet owns its pods', statefulSet, { kind: 'StatefulSet', name: 'llama' }, true],
  ['not those of another StatefulSet', statefulSet, { kind: 'StatefulSet', name: 'llama-2' }, false],
  ['nor those of a Deployment', statefulSet, { kind: 'ReplicaSet', name: 'llama-h1' }, false],
  ['nor those of another group', statefulSet, { apiVersion: 'x.io/v1', kind: 'StatefulSet', name: 'llama' }, false],
  ['a Deployment does not own what was made by hand', { name: 'llama' }, null, false],
  ['a LeaderWorkerSet owns its leaders', leaderWorkerSet, { kind: 'StatefulSet', name: 'llama' }, true],
  ['and the workers of a leader', leaderWorkerSet, { kind: 'StatefulSet', name: 'llama-3' }, true],
  ['not the pods of a set that is named alike', leaderWorkerSet, { kind: 'StatefulSet', name: 'llama-x' }, false],
  [
    'what is scaled by a kind of its own is taken as its scale says',
    { ...leaderWorkerSet, kind: 'Unheard' },
    null,
    true,
  ],
];
it.each(owners)('%s', async (_name, target, owner, isOwn) => {
  const group = `/apis/${target.apiVersion ?? 'apps/v1'}`;
  const kind = target.kind ?? 'Deployment';
  const plural = `${kind.toLowerCase()}s`;
  world.server.documents.set(group, {
    resources: [plural, `${plural}/scale`].map((name) => ({ name, kind, namespaced: true })),
  });
  world.server.documents.set(`${group}/namespaces/models/${plural}/llama/scale`, scale('app=llama'));
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { target }));
  world.server.put(podsPath, pod('a', { owner }));
  const source = await synced();
  expect(namesOf(source)).toEqual(isOwn ? ['a'] : []);
});

it('names the StatefulSet that is scaled, whose pods may be workers of its first', async () => {
  const plural = 'statefulsets';
  world.server.documents.set('/apis/apps/v1', {
    resources: [plural, `${plural}/scale`].map((name) => ({ name, kind: 'StatefulSet', namespaced: true })),
  });
  world.server.documents.set(`/apis/apps/v1/namespaces/models/${plural}/llama/scale`, scale('app=llama'));
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { target: statefulSet }));
  world.server.put(podsPath, pod('llama-1', { owner: { kind: 'StatefulSet', name: 'llama' } }));
  const source = await synced();
  expect(source.current().endpoints.map(({ ofStatefulSet }) => ofStatefulSet)).toEqual(['llama']);
});

it('names no StatefulSet where that is a part of something else', async () => {
  world.server.put(podsPath, pod('a'));
  const source = await synced();
  expect(source.current().endpoints.map(({ ofStatefulSet }) => ofStatefulSet)).toEqual([undefined]);
});

const rolloutScale = '/apis/argoproj.io/v1alpha1/namespaces/models/rollouts/llama/scale';

/** A blue-green Rollout: its scale names the pods of one colour. */
function colours(active: string): unknown {
  return scale(`app=llama,rollouts-pod-template-hash=${active}`);
}

function coloured(name: string, hash: string, options: PodOptions = {}) {
  const owner = { kind: 'ReplicaSet', name: `llama-${hash}` };
  return pod(name, { labels: { 'rollouts-pod-template-hash': hash }, owner, ...options });
}

function blueGreen(): void {
  const names = ['rollouts', 'rollouts/scale'];
  const resources = names.map((name) => ({ name, kind: 'Rollout', namespaced: true }));
  world.server.documents.set('/apis/argoproj.io/v1alpha1', { resources });
  world.server.documents.set(rolloutScale, colours('blue'));
  const target = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'llama' };
  world.server.put(scaledObjectsPath, scaledObject('llama-so', { target }));
}

it('follows the promotion of a blue-green Rollout within two seconds, without another watch', async () => {
  blueGreen();
  for (const name of ['b1', 'b2']) world.server.put(podsPath, coloured(name, 'blue'));
  const source = await synced();
  expect(namesOf(source)).toEqual(['b1', 'b2']);
  for (const name of ['g1', 'g2']) world.server.put(podsPath, coloured(name, 'green'));
  for (let turn = 0; turn < 50; turn += 1) {
    world.clock.advance(100);
    await world.clock.settle(1);
    expect(namesOf(source)).toEqual(['b1', 'b2']);
  }
  const watches = world.server.openWatches('pods');
  world.server.documents.set(rolloutScale, colours('green'));
  const startMs = world.clock.nowMs();
  await until(source, ({ endpoints }) => endpoints[0]?.name === 'g1', 'green');
  expect(world.clock.nowMs() - startMs).toBeLessThanOrEqual(2_000);
  expect(namesOf(source)).toEqual(['g1', 'g2']);
  expect(world.server.openWatches('pods')).toBe(watches);
});

it('reads the scale of a Rollout no more often than others while there is one colour', async () => {
  blueGreen();
  world.server.put(podsPath, coloured('b1', 'blue'));
  world.server.put(podsPath, coloured('g1', 'green', { ready: false }));
  const source = await synced();
  for (let turn = 0; turn < 25; turn += 1) {
    world.clock.advance(1_000);
    await world.clock.settle(2);
    source.current();
  }
  expect(world.server.requestsTo('rollouts/llama/scale').length).toBeLessThanOrEqual(2);
});
