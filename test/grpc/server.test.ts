import { createServer } from 'node:net';
import { join } from 'node:path';
import { credentials, makeClientConstructor, status } from '@grpc/grpc-js';
import type { ServiceDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it, vi } from 'vitest';
import { loadContract } from '../../src/grpc/contract.ts';
import type { GetMetricsResponse__Output } from '../../src/grpc/generated/externalscaler/GetMetricsResponse.ts';
import { startGrpcServer } from '../../src/grpc/start-grpc-server.ts';
import type { TlsPems } from '../../src/grpc/tls-credentials.ts';
import { expiresAtMs } from '../../src/grpc/tls-credentials.ts';
import { makeAuthority } from './make-certificate.ts';
import {
  bareClientOf,
  call,
  clientOf,
  follow,
  RecordedEvents,
  ref,
  ScriptedAnswers,
  startScripted,
} from './scripted-scaler.ts';

describe('listening', () => {
  it('says where', async () => {
    const { server } = await startScripted();
    expect(server.port).toBeGreaterThan(0);
    expect(server.address).toBe(`127.0.0.1:${server.port}`);
  });

  it('listens on IPv6 as well', async () => {
    const { server } = await startScripted({ host: '::1' });
    expect(server.address).toBe(`[::1]:${server.port}`);
  });

  it('rejects when the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const options = { host: '127.0.0.1', answers: new ScriptedAnswers(), events: new RecordedEvents() };
    await expect(startGrpcServer({ ...options, port })).rejects.toThrow(`could not listen on 127.0.0.1:${port}`);
    taken.close();
  });
});

describe('KEDA before 2.17, which knows no float fields', () => {
  const contract = loadSync(join(import.meta.dirname, 'externalscaler-before-2.17.proto'), { longs: Number });
  const service = contract['externalscaler.ExternalScaler'] as ServiceDefinition;

  it('reads the rounded integers', async () => {
    const scaler = await startScripted();
    scaler.answers.metricSpec = () => ({ metricName: 'm', targetValue: 0.5 });
    scaler.answers.answerWith = async () => ({ metricValue: 12.5, active: true });
    const old = bareClientOf(scaler.server);
    const ask = (method: 'GetMetricSpec' | 'GetMetrics', request: object) => {
      const { path, requestSerialize, responseDeserialize } = service[method]!;
      return call((reply) => old.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, reply));
    };
    expect(await ask('GetMetricSpec', ref)).toEqual({ metricSpecs: [{ metricName: 'm', targetSize: 1 }] });
    const values = await ask('GetMetrics', { scaledObjectRef: ref, metricName: 'm' });
    expect(values).toEqual({ metricValues: [{ metricName: 'm', metricValue: 13 }] });
  });
});

describe('the health service', () => {
  type Listed = { statuses: Record<string, unknown> };
  async function startHealth() {
    const scaler = await startScripted({ drainGraceMs: 5000 });
    const Health = makeClientConstructor(loadContract().health, 'Health');
    const client = new Health(`127.0.0.1:${scaler.server.port}`, credentials.createInsecure()) as unknown as {
      Check(request: object, reply: (error: Error | null, response?: unknown) => void): void;
      List(request: object, reply: (error: Error | null, response?: Listed) => void): void;
      Watch(request: object): NodeJS.EventEmitter;
      close(): void;
    };
    const check = (service: string) => call((reply) => client.Check({ service }, reply));
    return { scaler, client, check };
  }

  it.each(['', 'externalscaler.ExternalScaler'])('says of "%s" what it was told', async (service) => {
    const { scaler, client, check } = await startHealth();
    expect(await check(service)).toEqual({ status: 'NOT_SERVING' });
    scaler.server.setServing(true);
    expect(await check(service)).toEqual({ status: 'SERVING' });
    const listed = await call<Listed>((reply) => client.List({}, reply));
    expect(listed.statuses[service]).toEqual({ status: 'SERVING' });
    client.close();
  });

  it('does not know other services', async () => {
    const { client, check } = await startHealth();
    await expect(check('other.Service')).rejects.toMatchObject({ code: status.NOT_FOUND });
    client.close();
  });

  it('tells watchers, also of the end, which does not wait for them', async () => {
    const { scaler, client } = await startHealth();
    const watch = follow<{ status: string }>(client.Watch({ service: '' }));
    const other = follow<{ status: string }>(client.Watch({ service: 'other.Service' }));
    await watch.next(1);
    expect(await other.next(1)).toEqual([{ status: 'SERVICE_UNKNOWN' }]);
    scaler.server.setServing(true);
    await watch.next(2);
    await scaler.server.drain();
    expect(await watch.ended).toMatchObject({ code: status.OK });
    expect(watch.messages.map((message) => message.status)).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING']);
    client.close();
  });
});

describe('reflection', () => {
  it.each(['v1', 'v1alpha'])('%s lists the services and describes KEDA’s', async (version) => {
    const { server } = await startScripted();
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const identity = (bytes: Buffer): Buffer => bytes;
    const stream = bareClientOf(server).makeBidiStreamRequest(path, identity, identity);
    const answers = follow<Buffer>(stream);
    stream.write(Buffer.concat([Buffer.from([0x3a, 1]), Buffer.from('*')])); // list_services = "*"
    const [services] = await answers.next(1);
    expect(services!.toString('latin1')).toContain('externalscaler.ExternalScaler');
    expect(services!.toString('latin1')).toContain('grpc.health.v1.Health');
    const symbol = Buffer.from('externalscaler.ScaledObjectRef');
    stream.write(Buffer.concat([Buffer.from([0x22, symbol.length]), symbol])); // file_containing_symbol
    expect((await answers.next(2))[1]!.toString('latin1')).toContain('scalerMetadata');
    stream.end();
    expect(await answers.ended).toMatchObject({ code: status.OK });
  });
});

describe('TLS', () => {
  const authority = makeAuthority('authority.test');
  const stranger = makeAuthority('stranger.test');
  const pair = authority.issue('scaler.test');

  async function isActive(tls: TlsPems, ...channel: Parameters<typeof credentials.createSsl>): Promise<boolean> {
    const { server } = await startScripted({ tls });
    const client = clientOf(server, credentials.createSsl(...channel));
    return (await call<{ result: boolean }>((reply) => client.IsActive(ref, reply))).result;
  }

  it('answers a client that trusts its authority', async () => {
    expect(await isActive(pair, authority.certPem)).toBe(false);
  });

  it('is not trusted by a client of another authority', async () => {
    await expect(isActive(pair, stranger.certPem)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  const mutual = { ...pair, clientCaPem: authority.certPem };
  it('lets a client in that shows a certificate of the client authority', async () => {
    const { keyPem, certPem } = authority.issue('keda.test');
    expect(await isActive(mutual, authority.certPem, keyPem, certPem)).toBe(false);
  });

  it.each([
    ['no certificate', undefined],
    ['a certificate of a stranger', stranger.issue('keda.test')],
  ])('does not let a client in that shows %s', async (_name, shown) => {
    const asked = isActive(mutual, authority.certPem, shown?.keyPem ?? null, shown?.certPem ?? null);
    await expect(asked).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  const bad: [name: string, pems: TlsPems, words: string][] = [
    ['a key of another certificate', { ...pair, keyPem: stranger.issue('x').keyPem }, 'does not belong'],
    ['an expired certificate', authority.issue('old.test', -10, -5), 'expired'],
    ['a certificate of tomorrow', authority.issue('new.test', 1, 10), 'not valid before'],
    ['half a certificate', { ...pair, certPem: pair.certPem.subarray(0, 200) }, 'TLS certificate'],
    ['an empty key', { ...pair, keyPem: Buffer.alloc(0) }, 'TLS private key'],
    ['a client authority that is none', { ...pair, clientCaPem: Buffer.from('x') }, 'TLS client authority'],
  ];
  it.each(bad)('refuses to start with %s', async (_name, tls, words) => {
    await expect(startScripted({ tls })).rejects.toThrow(words);
  });

  it('takes a new pair for new connections and keeps the last good one', async () => {
    const { server, answers } = await startScripted({ tls: pair });
    answers.answerWith = async () => ({ metricValue: 1, active: true });
    const open = (rootPem: Buffer) => clientOf(server, credentials.createSsl(rootPem));
    const old = open(authority.certPem);
    const ask = (client = old) => call((reply) => client.IsActive(ref, reply));
    await ask();
    for (const [, pems] of bad) expect(() => server.setTls(pems)).toThrow();
    await ask(open(authority.certPem));
    server.setTls(stranger.issue('scaler.test'));
    expect(await ask(open(stranger.certPem))).toEqual({ result: true });
    await expect(ask(open(authority.certPem))).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(await ask()).toEqual({ result: true });
  });

  it('can’t be given certificates when it was started without', async () => {
    const { server } = await startScripted();
    expect(() => server.setTls(pair)).toThrow('without TLS');
  });

  it('knows when a certificate expires', () => {
    const inDays = (expiresAtMs(pair.certPem) - Date.now()) / 86_400_000;
    expect(inDays).toBeCloseTo(10, 2);
  });
});

describe('load', () => {
  it('answers while a thousand push streams are open on the same connection', async () => {
    const scaler = await startScripted();
    for (let opened = 0; opened < 1000; opened++) follow(scaler.client.StreamIsActive(ref));
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1000, { timeout: 10_000 });
    scaler.answers.answerWith = async () => ({ metricValue: 3, active: true });
    const request = { scaledObjectRef: ref, metricName: 'llm-concurrency' };
    const answers = await Promise.all(
      Array.from({ length: 200 }, () =>
        call<GetMetricsResponse__Output>((reply) => scaler.client.GetMetrics(request, reply)),
      ),
    );
    expect(answers).toHaveLength(200);
    for (const { metricValues } of answers) expect(metricValues[0]!.metricValue).toBe(3);
  });
});
