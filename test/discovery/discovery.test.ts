import { afterEach, beforeEach, expect, it } from 'vitest';
import { gpuExporters } from '../../src/discovery/dcgm.ts';
import type { Discovery, DiscoveryRequest } from '../../src/discovery/discovery.ts';
import { createDiscovery } from '../../src/discovery/discovery.ts';
import type { EndpointSource } from '../../src/discovery/endpoint.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import type { Cluster } from './cluster.ts';
import {
  cluster,
  pod,
  podsPath,
  recordedEvents,
  scale,
  scaledObject,
  scaledObjectsPath,
  scalePath,
  service,
  servicesPath,
  slice,
  slicesPath,
} from './cluster.ts';

let world: Cluster;

beforeEach(async () => {
  world = await cluster();
  world.server.documents.set(scalePath, scale('app=llama'));
  for (const name of ['one', 'two', 'three']) world.server.put(scaledObjectsPath, scaledObject(name));
  world.server.put(podsPath, pod('a'));
  world.server.put(servicesPath, service('llama'));
  world.server.put(
    slicesPath,
    slice('1', [
      { pod: 'a', node: 'node-1' },
      { pod: 'b', node: 'node-2' },
    ]),
  );
});

afterEach(() => world.stop());

const target = (name: string, port?: number): DiscoveryRequest => ({
  kind: 'scale-target',
  namespace: 'models',
  name,
  port,
});
const behind = (port?: number): DiscoveryRequest => ({ kind: 'service', namespace: 'models', service: 'llama', port });

async function allSynced(sources: readonly EndpointSource[]): Promise<void> {
  await world.clock.until(() => sources.every((source) => source.current().synced), 'all lists');
}

it('shares watches between all that look at the same objects', async () => {
  const requests = [target('one'), target('one'), target('two'), target('three', 8000), behind(), behind(80), behind()];
  const sources = requests.map((request) => world.discovery.open(request));
  await allSynced(sources);
  await world.clock.until(() => world.server.openWatches() === 4, 'four watches');
  expect(world.events.lines.filter((line) => line.startsWith('listed'))).toHaveLength(4);
  expect(world.server.openWatches('scaledobjects')).toBe(1);
  expect(world.server.openWatches('/pods')).toBe(1);
});

it('closes a watch with the last of its users, and only then', async () => {
  const sources = [target('one'), target('two'), target('two'), behind()].map((request) =>
    world.discovery.open(request),
  );
  await allSynced(sources);
  await world.clock.until(() => world.server.openWatches() === 4, 'four watches');
  sources[0]?.close();
  sources[0]?.close();
  sources[1]?.close();
  await world.clock.settle();
  expect(world.server.openWatches()).toBe(4);
  sources[2]?.close();
  await world.clock.until(() => world.server.openWatches() === 2, 'two watches', 0);
  sources[3]?.close();
  await world.clock.until(() => world.server.openWatches() === 0, 'no watch', 0);
  expect(world.clock.sleeping).toBe(0);
});

it('counts a user that closes twice only once', async () => {
  const [first, second] = [world.discovery.open(behind()), world.discovery.open(behind())];
  await allSynced([first, second]);
  first.close();
  first.close();
  world.server.put(slicesPath, slice('2', [{ pod: 'c' }]));
  await world.clock.until(() => second.current().endpoints.length === 3, 'c');
});

it('opens a watch anew for who comes after the last one left', async () => {
  const first = world.discovery.open(behind());
  await allSynced([first]);
  first.close();
  const second = world.discovery.open(behind());
  expect(second.current().synced).toBe(false);
  await allSynced([second]);
});

it('ends everything at once when it is closed itself', async () => {
  const sources = [target('one'), behind()].map((request) => world.discovery.open(request));
  await allSynced(sources);
  world.discovery.close();
  await world.clock.until(() => world.server.openWatches() === 0, 'no watch', 0);
  for (const source of sources) source.close();
  expect(world.clock.sleeping).toBe(0);
});

it('tells each subscriber until it leaves', async () => {
  const source = world.discovery.open(behind());
  await allSynced([source]);
  const told: string[] = [];
  const leave = source.subscribe(() => told.push('first'));
  source.subscribe(() => told.push('second'));
  world.server.put(slicesPath, slice('2', [{ pod: 'c' }]));
  await world.clock.until(() => source.current().endpoints.length === 3, 'c');
  leave();
  world.server.put(slicesPath, slice('3', [{ pod: 'd' }]));
  await world.clock.until(() => source.current().endpoints.length === 4, 'd');
  expect(told).toEqual(['first', 'second', 'second']);
});

it('tells nothing to whoever closed, while others still listen', async () => {
  const [first, second] = [world.discovery.open(behind()), world.discovery.open(behind())];
  await allSynced([first, second]);
  const told: string[] = [];
  first.subscribe(() => told.push('first'));
  second.subscribe(() => told.push('second'));
  first.close();
  world.server.put(slicesPath, slice('2', [{ pod: 'c' }]));
  await world.clock.until(() => second.current().endpoints.length === 3, 'c');
  expect(told).toEqual(['second']);
});

it.each<[string, DiscoveryRequest]>([
  ['is not a namespace', { kind: 'service', namespace: '../default', service: 'llama', port: undefined }],
  ['is not a namespace', { kind: 'scale-target', namespace: 'a/b', name: 'llama', port: undefined }],
  ['is not a Service', { kind: 'service', namespace: 'models', service: '..', port: undefined }],
  ['is not a ScaledObject', { kind: 'scale-target', namespace: 'models', name: 'x?watch=true', port: undefined }],
])('says that a name %s and asks nothing: %j', async (words, request) => {
  const source = world.discovery.open(request);
  expect(source.current()).toMatchObject({ synced: false, invalid: true, problem: expect.stringContaining(words) });
  await world.clock.settle();
  expect(world.server.requests).toEqual([]);
});

function withoutCluster(): Discovery {
  const lookup = async () => ({ addresses: [{ address: '10.0.0.1', port: undefined }], ttlMs: 5_000 });
  return createDiscovery({ kube: 'not in a pod', lookup, clock: new VirtualClock(), events: recordedEvents() });
}

it.each([target('one'), behind()])('without a cluster says what still works: %j', (request) => {
  expect(withoutCluster().open(request).current()).toEqual({
    synced: false,
    endpoints: [],
    replicas: undefined,
    pollingIntervalMs: undefined,
    problem: 'no Kubernetes API: not in a pod; use "dns" or "endpoints"',
    invalid: false,
  });
});

it('without a cluster still resolves names and takes lists', async () => {
  const offline = withoutCluster();
  const dns = offline.open({ kind: 'dns', hostName: 'llama.example', port: 8000 });
  await world.clock.until(() => dns.current().synced, 'an answer');
  expect(dns.current().endpoints).toMatchObject([{ name: '10.0.0.1:8000' }]);
  expect(offline.open({ kind: 'endpoints', urls: ['http://10.0.0.2:8000'] }).current().synced).toBe(true);
  offline.close();
});

it.each([
  ['http://10.0.0.2:8000/metrics', { address: '10.0.0.2', ports: [{ name: undefined, number: 8000 }] }],
  ['https://llama.example/stats', { address: 'llama.example', ports: [{ name: undefined, number: 443 }] }],
  ['http://[fd00::2]', { address: 'fd00::2', ports: [{ name: undefined, number: 80 }] }],
])('takes %s as it is, synced at once', (url, parts) => {
  const found = world.discovery.open({ kind: 'endpoints', urls: [url, url] }).current();
  expect(found).toMatchObject({ synced: true, replicas: undefined, problem: undefined });
  expect(found.endpoints).toMatchObject([{ ...parts, name: url, url, phase: 'ready' }]);
});

it('refuses what is no URL', () => {
  const found = world.discovery.open({ kind: 'endpoints', urls: ['http://ok', 'ftp://x', 'llama:8000'] }).current();
  expect(found).toMatchObject({
    synced: false,
    invalid: true,
    problem: 'not an http or https URL: ftp://x, llama:8000',
  });
});

it('gives the GPU exporters of the nodes asked for', async () => {
  const location = { kind: 'service', namespace: 'models', service: 'llama', port: 80 } as const;
  const exporters = gpuExporters(world.discovery, location);
  expect(exporters.endpointsOnNodes(new Set(['node-2']))).toEqual([]);
  await world.clock.until(() => exporters.current().synced, 'a list');
  expect(exporters.endpointsOnNodes(new Set(['node-2', 'node-9'])).map(({ name }) => name)).toEqual(['b']);
  const terminating = { ready: false, serving: true, terminating: true };
  world.server.put(slicesPath, slice('1', [{ pod: 'b', node: 'node-2', conditions: terminating }]));
  await world.clock.until(() => exporters.current().endpoints.length === 1, 'a change');
  expect(exporters.endpointsOnNodes(new Set(['node-2']))).toEqual([]);
  exporters.close();
  await world.clock.until(() => world.server.openWatches() === 0, 'no watch', 0);
});

it('gives listed GPU exporters for any node, since it does not know theirs', () => {
  const exporters = gpuExporters(world.discovery, { kind: 'endpoints', urls: ['http://10.0.0.9:9400/metrics'] });
  expect(exporters.endpointsOnNodes(new Set(['node-1']))).toHaveLength(1);
});
