import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EndpointSource } from '../../../src/discovery/endpoint.ts';
import { dnsSource } from '../../../src/discovery/named/dns.ts';
import { dnsLookup } from '../../../src/discovery/named/dns-lookup.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';
import { recordedEvents } from '../cluster.ts';
import { DnsServer } from '../dns-server.ts';

let server: DnsServer;
let clock: VirtualClock;
let events: ReturnType<typeof recordedEvents>;
let address: string;
let open: EndpointSource[] = [];

beforeEach(async () => {
  server = new DnsServer();
  address = await server.start();
  clock = new VirtualClock();
  events = recordedEvents();
});

afterEach(async () => {
  for (const source of open) source.close();
  open = [];
  await server.stop();
});

function resolve(hostName: string, port?: number | string): EndpointSource {
  const lookup = dnsLookup({ servers: [address], timeoutMs: 100 });
  const source = dnsSource({ hostName, port }, { lookup, clock, events });
  open.push(source);
  return source;
}

async function synced(hostName: string, port?: number): Promise<EndpointSource> {
  const source = resolve(hostName, port);
  await clock.until(() => source.current().synced, 'an answer');
  return source;
}

const namesOf = (source: EndpointSource): string[] => source.current().endpoints.map(({ name }) => name);
const a = (ip: string, ttl = 5) => ({ type: 'A', address: ip, ttl }) as const;
const aaaa = (ip: string, ttl = 5) => ({ type: 'AAAA', address: ip, ttl }) as const;
const srv = (target: string, port: number) => ({ type: 'SRV', target, port }) as const;
const hostName = 'llama.models.svc.cluster.local';

it('lists all addresses, each once, with the port asked for', async () => {
  server.zone.set(hostName, [a('10.1.0.2'), a('10.1.0.1'), a('10.1.0.2')]);
  const source = await synced(hostName, 8000);
  expect(namesOf(source)).toEqual(['10.1.0.1:8000', '10.1.0.2:8000']);
  expect(source.current()).toMatchObject({
    endpoints: [{ address: '10.1.0.1', ports: [{ name: undefined, number: 8000 }], phase: 'ready' }, {}],
    replicas: undefined,
    problem: undefined,
    invalid: false,
  });
});

it.each([
  ['IPv6 where there is no IPv4', [aaaa('fd00::1'), aaaa('fd00::2')], ['[fd00::1]:80', '[fd00::2]:80']],
  ['a dual-stack replica once', [a('10.1.0.1'), aaaa('fd00::1')], ['10.1.0.1:80']],
])('lists %s', async (_name, records, names) => {
  server.zone.set(hostName, records);
  expect(namesOf(await synced(hostName, 80))).toEqual(names);
});

it('leaves the ports open where none was asked for', async () => {
  server.zone.set(hostName, [a('10.1.0.1')]);
  expect((await synced(hostName)).current().endpoints).toMatchObject([{ name: '10.1.0.1', ports: [] }]);
});

const service = '_http._tcp.llama.models.svc.cluster.local';

it.each([
  [undefined, ['10.1.0.1:8000', '10.1.0.2:8001']],
  [9090, ['10.1.0.1:9090', '10.1.0.2:9090']],
])('follows SRV records to their targets; port asked for: %s', async (port, names) => {
  server.zone.set(service, [srv('one.local', 8000), srv('two.local', 8001)]);
  server.zone.set('one.local', [a('10.1.0.1')]);
  server.zone.set('two.local', [a('10.1.0.2')]);
  expect(namesOf(await synced(service, port))).toEqual(names);
});

it.each([
  ['cannot be resolved', 'servfail'],
  ['does not exist', undefined],
] as const)('publishes nothing of an SRV answer of which one target %s', async (_name, second) => {
  server.zone.set(service, [srv('one.local', 8000), srv('two.local', 8001)]);
  server.zone.set('one.local', [a('10.1.0.1')]);
  if (second) server.zone.set('two.local', second);
  const source = resolve(service);
  await clock.until(() => source.current().problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({ synced: false, endpoints: [] });
});

it('publishes nothing when only one family could be asked', async () => {
  server.zone.set(hostName, [aaaa('fd00::1')]);
  server.failing.add('A');
  const source = resolve(hostName);
  await clock.until(() => source.current().problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({
    synced: false,
    problem: `cannot resolve "${hostName}": the DNS server failed (SERVFAIL)`,
  });
});

it.each([
  ['its time to live', 7, 7_000],
  ['a second at least', 0, 1_000],
  ['half a minute at most', 3600, 30_000],
])('asks again after %s', async (_name, ttl, ms) => {
  server.zone.set(hostName, [a('10.1.0.1', ttl), a('10.1.0.2', 3600)]);
  await synced(hostName);
  await clock.settle();
  expect(clock.slept).toEqual([ms]);
  clock.advance(ms - 1);
  await clock.settle();
  expect(server.asked).toHaveLength(1);
  clock.advance(1);
  await clock.until(() => server.asked.length === 2, 'a second question', 0);
});

it('follows what DNS says, and tells its listeners only of changes', async () => {
  server.zone.set(hostName, [a('10.1.0.1')]);
  const source = await synced(hostName);
  const seen: string[] = [];
  source.subscribe(() => seen.push(namesOf(source).join()));
  await clock.until(() => server.asked.length >= 3, 'three questions');
  server.zone.set(hostName, [a('10.1.0.1'), a('10.1.0.2')]);
  await clock.until(() => seen.length > 0, 'a change');
  expect(seen).toEqual(['10.1.0.1,10.1.0.2']);
});

it.each([
  ['servfail', 'the DNS server failed (SERVFAIL)'],
  ['silence', 'the DNS server did not answer in time'],
] as const)('keeps its list through %s, says so, and recovers', async (fault, words) => {
  server.zone.set(hostName, [a('10.1.0.1')]);
  const source = await synced(hostName);
  server.zone.set(hostName, fault);
  await clock.until(() => source.current().problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({ synced: true, endpoints: [{ name: '10.1.0.1' }], invalid: false });
  expect(source.current().problem).toBe(`cannot resolve "${hostName}": ${words}`);
  expect(events.lines).toContain('dns dns');
  server.zone.set(hostName, [a('10.1.0.3')]);
  await clock.until(() => source.current().problem === undefined, 'recovery');
  expect(namesOf(source)).toEqual(['10.1.0.3']);
});

const empties: [string, [] | undefined][] = [
  ['no such name', undefined],
  ['no data', []],
];

it.each(empties)('believes "%s" only when it was said and confirmed twice', async (_name, records) => {
  server.zone.set(hostName, [a('10.1.0.1')]);
  const source = await synced(hostName);
  if (records) server.zone.set(hostName, records);
  else server.zone.delete(hostName);
  await clock.until(() => source.current().problem !== undefined, 'a first empty answer');
  const startMs = clock.nowMs();
  expect(namesOf(source)).toEqual(['10.1.0.1']);
  await clock.until(() => source.current().endpoints.length === 0, 'an empty list');
  expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(1_900);
  expect(source.current()).toMatchObject({ synced: true, problem: `"${hostName}" has no address` });
});

it('starts counting anew when an address comes between', async () => {
  server.zone.set(hostName, [a('10.1.0.1', 1)]);
  const source = await synced(hostName);
  const seen = new Set<string>();
  source.subscribe(() => seen.add(namesOf(source).join()));
  for (let round = 0; round < 4; round += 1) {
    server.zone.delete(hostName);
    await clock.until(() => source.current().problem !== undefined, 'an empty answer');
    server.zone.set(hostName, [a('10.1.0.1', 1)]);
    await clock.until(() => source.current().problem === undefined, 'an address');
  }
  expect([...seen]).toEqual(['10.1.0.1']);
});

it('does not count across a failure: a server in trouble is not to be believed', async () => {
  const source = resolve(hostName);
  for (let round = 0; round < 4; round += 1) {
    server.zone.delete(hostName);
    await clock.until(() => source.current().problem?.includes('has no address') ?? false, 'an empty answer');
    server.zone.set(hostName, 'servfail');
    await clock.until(() => source.current().problem?.includes('SERVFAIL') ?? false, 'a failure');
  }
  expect(source.current().synced).toBe(false);
});

it.each(empties)(
  'takes "%s" for zero replicas from the start once confirmed, and not before',
  async (_name, records) => {
    if (records) server.zone.set(hostName, records);
    const source = resolve(hostName);
    await clock.until(() => source.current().problem !== undefined, 'a first answer');
    expect(source.current().synced).toBe(false);
    await clock.until(() => source.current().synced, 'a confirmed answer');
    expect(source.current().endpoints).toEqual([]);
  },
);

it('refuses a port by name', () => {
  expect(resolve(hostName, 'http').current()).toMatchObject({
    synced: false,
    invalid: true,
    problem: '"dns" needs a port number, not "http": DNS knows no port names',
  });
});

it('asks nothing more once it is closed', async () => {
  server.zone.set(hostName, [a('10.1.0.1')]);
  const source = await synced(hostName);
  source.close();
  await clock.settle();
  clock.advance(60_000);
  await clock.settle();
  expect(server.asked).toHaveLength(1);
  expect(clock.sleeping).toBe(0);
});

it.each(['silence', 'servfail', undefined] as const)(
  'knows the names of the system where DNS says: %s',
  async (said) => {
    if (said) server.zone.set('localhost', said);
    const lookup = dnsLookup({ servers: [address], system: true, timeoutMs: 100 });
    const { addresses, ttlMs } = await lookup('localhost');
    expect(addresses).toEqual([{ address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/), port: undefined }]);
    expect(ttlMs).toBe(5_000);
  },
);

it('does not take a name for unknown that could not be asked for', async () => {
  const tooLong = `${'x'.repeat(64)}.example`;
  await expect(dnsLookup({ servers: [address], system: true })(tooLong)).rejects.toThrow('EBADNAME');
});

it('publishes nothing of an SRV answer with more targets than it follows', async () => {
  const targets = Array.from({ length: 1001 }, (_, place) => `t${place}.x`);
  server.zone.set(
    service,
    targets.map((target) => srv(target, 8000)),
  );
  const source = resolve(service);
  await clock.until(() => source.current().problem !== undefined, 'a problem');
  expect(source.current()).toMatchObject({ synced: false });
  expect(server.asked.filter((question) => question.includes('.x'))).toEqual([]);
});
