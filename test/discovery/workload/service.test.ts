import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EndpointSnapshot, EndpointSource } from '../../../src/discovery/endpoint.ts';
import type { Cluster, SliceAddress } from '../cluster.ts';
import { cluster, service, servicesPath, slice, slicesPath } from '../cluster.ts';

let world: Cluster;

beforeEach(async () => {
  world = await cluster();
});

afterEach(() => world.stop());

function open(port?: string | number, name = 'llama'): EndpointSource {
  return world.discovery.open({ kind: 'service', namespace: 'models', service: name, port });
}

const until = (source: EndpointSource, holds: (now: EndpointSnapshot) => boolean, what: string): Promise<void> =>
  world.clock.until(() => holds(source.current()), what);

async function settled(port?: string | number): Promise<EndpointSnapshot> {
  const source = open(port);
  await until(source, ({ synced, invalid, problem }) => synced || invalid || problem !== undefined, 'an answer');
  return source.current();
}

it('lists the pods behind the Service with the port its slices name', async () => {
  world.server.put(servicesPath, service('llama'));
  world.server.put(slicesPath, slice('llama-1', [{ pod: 'a', node: 'node-7' }]));
  world.server.put(slicesPath, slice('mistral-1', [{ pod: 'm' }], { service: 'mistral' }));
  expect(await settled()).toEqual({
    synced: true,
    endpoints: [
      {
        name: 'a',
        address: '10.1.0.1',
        ports: [{ name: 'http', number: 8000 }],
        phase: 'ready',
        namespace: 'models',
        node: 'node-7',
        url: undefined,
      },
    ],
    replicas: 1,
    pollingIntervalMs: undefined,
    problem: undefined,
    invalid: false,
  });
});

it.each([
  ['ready', { ready: true, serving: true, terminating: false }],
  ['starting', { ready: false, serving: false, terminating: false }],
  ['ready', {}],
  ['starting', { ready: false }],
  ['terminating', { ready: false, serving: true, terminating: true }],
  ['starting', { ready: true, serving: false, terminating: false }],
  ['terminating', { ready: true, serving: true, terminating: true }],
] as const)('calls a pod %s that its slice describes as %j', async (phase, conditions) => {
  world.server.put(servicesPath, service('llama'));
  world.server.put(slicesPath, slice('llama-1', [{ pod: 'a', conditions }]));
  expect(await settled()).toMatchObject({ endpoints: [{ phase }], replicas: phase === 'terminating' ? 0 : 1 });
});

const six = { addressType: 'IPv6' };
const starting = { ready: false, serving: false, terminating: false };

it.each<[string, ReturnType<typeof slice>[], string[]]>([
  [
    'several slices of one Service',
    [slice('1', [{ pod: 'a' }]), slice('2', [{ pod: 'b' }])],
    ['a 10.1.0.1 ready', 'b 10.1.0.1 ready'],
  ],
  [
    'a dual-stack pod once, by IPv4',
    [slice('1', [{ pod: 'a', address: 'fd00::1' }], six), slice('2', [{ pod: 'a' }])],
    ['a 10.1.0.1 ready'],
  ],
  [
    'the same, in the other order',
    [slice('1', [{ pod: 'a' }]), slice('2', [{ pod: 'a', address: 'fd00::1' }], six)],
    ['a 10.1.0.1 ready'],
  ],
  ['an IPv6 pod', [slice('1', [{ pod: 'a', address: 'fd00::1' }], six)], ['a fd00::1 ready']],
  [
    'a pod on its way between two slices, by the readier one',
    [slice('1', [{ pod: 'a', conditions: starting }]), slice('2', [{ pod: 'a' }])],
    ['a 10.1.0.1 ready'],
  ],
  ['an empty slice as zero replicas', [slice('1', [])], []],
])('merges %s', async (_name, slices, expected) => {
  world.server.put(servicesPath, service('llama'));
  for (const each of slices) world.server.put(slicesPath, each);
  const found = await settled();
  expect(found).toMatchObject({ synced: true, replicas: expected.length, problem: undefined });
  expect(found.endpoints.map(({ name, address, phase }) => `${name} ${address} ${phase}`)).toEqual(expected);
});

const ports = [
  { name: 'http', port: 80, targetPort: 'web' },
  { name: 'metrics', port: 81, targetPort: 9090 },
];
const slicePorts = {
  ports: [
    { name: 'http', port: 8000 },
    { name: 'metrics', port: 9090 },
  ],
};

it.each([
  ['by name', 'metrics', [{ name: 'metrics', number: 9090 }]],
  ["by the Service port's number", 80, [{ name: 'http', number: 8000 }]],
  ["by the pods' port number", 9090, [{ name: 'metrics', number: 9090 }]],
  ['not at all', undefined, slicePorts.ports.map(({ name, port }) => ({ name, number: port }))],
])('resolves a port asked for %s', async (_name, port, expected) => {
  world.server.put(servicesPath, service('llama', { ports }));
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }], slicePorts));
  expect(await settled(port)).toMatchObject({ endpoints: [{ ports: expected }], problem: undefined, invalid: false });
});

it('resolves the only port of a Service, which needs no name', async () => {
  world.server.put(servicesPath, service('llama', { ports: [{ port: 80 }] }));
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }], { ports: [{ name: '', port: 8000 }] }));
  expect(await settled(80)).toMatchObject({ endpoints: [{ ports: [{ name: undefined, number: 8000 }] }] });
});

it('names the ports there are instead of one that no port is called', async () => {
  world.server.put(servicesPath, service('llama', { ports }));
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }], slicePorts));
  expect(await settled('metricz')).toMatchObject({
    synced: true,
    invalid: true,
    problem:
      'Service "llama" has no port "metricz"; its ports: http (80), metrics (81); on the pods its ports: http (8000), metrics (9090)',
    endpoints: [{ ports: [] }],
  });
});

it.each([
  ['two', ports, 'it has 80 "http", 81 "metrics"'],
  ['one without a name', [{ port: 80 }], 'it has 80'],
  ['none', [], 'it has none'],
])("takes a number that is not among its ports (%s) as the pods' own, and says so", async (_name, listed, words) => {
  world.server.put(servicesPath, service('llama', { ports: listed }));
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }, { pod: 'b', address: '10.1.0.2' }], slicePorts));
  const own = { ports: [{ name: undefined, number: 15_020 }] };
  expect(await settled(15_020)).toMatchObject({
    synced: true,
    invalid: false,
    problem: `Service "llama" has no port 15020 (${words}); taken as the pods' own port`,
    endpoints: [
      { name: 'a', ...own },
      { name: 'b', ...own },
    ],
    replicas: 2,
  });
});

it('takes an unknown number at zero replicas as well, for there nobody can tell', async () => {
  world.server.put(servicesPath, service('llama'));
  world.server.put(slicesPath, slice('1', []));
  expect(await settled(15_020)).toMatchObject({ synced: true, invalid: false, endpoints: [], replicas: 0 });
});

it.each([
  ['that is not there', undefined, 'no Service "llama" in namespace "models"'],
  [
    'of type ExternalName',
    service('llama', { type: 'ExternalName' }),
    'is of type ExternalName, which may point anywhere',
  ],
  ['without a selector', service('llama', { selector: {} }), 'has no selector, so its addresses need not be pods'],
])('refuses a Service %s', async (_name, object, words) => {
  if (object) world.server.put(servicesPath, object);
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }]));
  const found = await settled();
  expect(found).toMatchObject({ synced: false, invalid: true, endpoints: [], replicas: undefined });
  expect(found.problem).toContain(words);
});

const foreign: [string, SliceAddress][] = [
  ['nothing', { address: '169.254.169.254' }],
  ['a pod of another namespace', { pod: 'a', namespace: 'kube-system' }],
];

it.each(foreign)('leaves an address out that belongs to %s', async (_name, address) => {
  world.server.put(servicesPath, service('llama'));
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }, address]));
  expect(await settled()).toMatchObject({
    synced: true,
    invalid: false,
    endpoints: [{ name: 'a', address: '10.1.0.1' }],
    problem: 'EndpointSlices of Service "llama" list 1 address(es) that are no pods of its namespace, left out',
  });
});

it.each(foreign)('does not take it for zero replicas when all addresses belong to %s', async (_name, address) => {
  world.server.put(servicesPath, service('llama'));
  world.server.put(slicesPath, slice('1', [address]));
  expect(await settled()).toMatchObject({ synced: false, invalid: true, endpoints: [] });
});

it('is not synced before the first slice, and keeps its list when all slices are lost', async () => {
  world.server.put(servicesPath, service('llama'));
  const source = open();
  await until(source, ({ problem }) => problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({
    synced: false,
    invalid: false,
    problem: 'Service "llama" has no EndpointSlice yet',
  });
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }]));
  await until(source, ({ synced }) => synced, 'a list');
  world.server.delete(slicesPath, '1');
  await until(source, ({ problem }) => problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({ synced: true, endpoints: [{ name: 'a' }], replicas: 1 });
});

it('keeps its list while the slices cannot be watched, and says so', async () => {
  world.server.put(servicesPath, service('llama'));
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }]));
  const source = open();
  await until(source, ({ synced }) => synced, 'a list');
  await world.clock.until(() => world.server.openWatches('endpointslices') === 1, 'a watch');
  world.server.fail({ path: slicesPath, status: 403, times: 1_000 });
  world.server.cutWatches();
  await until(source, ({ problem }) => problem?.includes('endpointslices') ?? false, 'a problem');
  expect(source.current()).toMatchObject({ synced: true, endpoints: [{ name: 'a' }], invalid: false });
  expect(source.current().problem).toContain('RBAC must grant get, list and watch on endpointslices.discovery.k8s.io');
});

it('notices when the Service goes and comes back', async () => {
  world.server.put(servicesPath, service('llama'));
  world.server.put(slicesPath, slice('1', [{ pod: 'a' }]));
  const source = open();
  await until(source, ({ synced }) => synced, 'a list');
  world.server.delete(servicesPath, 'llama');
  await until(source, ({ invalid }) => invalid, 'invalid');
  expect(source.current().endpoints).toEqual([]);
  world.server.put(servicesPath, service('llama'));
  await until(source, ({ synced }) => synced, 'a list');
});
