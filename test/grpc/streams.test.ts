import { performance } from 'node:perf_hooks';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';
import type { GetMetricSpecResponse__Output } from '../../src/grpc/generated/externalscaler/GetMetricSpecResponse.ts';
import type { IsActiveResponse__Output } from '../../src/grpc/generated/externalscaler/IsActiveResponse.ts';
import type { StreamMethod } from '../../src/grpc/grpc-events.ts';
import { ScalerError } from '../../src/triggers/scaler-error.ts';
import { rawConnection, rawPush } from './raw-client.ts';
import type { ScriptedScaler } from './scripted-scaler.ts';
import { follow, ref, startScripted } from './scripted-scaler.ts';

const spec = { metricName: 'llm-concurrency', targetSize: 32, targetSizeFloat: 32 };

function openPush({ client }: ScriptedScaler) {
  const stream = client.StreamIsActive(ref);
  return { stream, ...follow<IsActiveResponse__Output>(stream) };
}

describe('StreamIsActive', () => {
  it('is silent until the trigger becomes active, then says true', async () => {
    const scaler = await startScripted();
    const push = openPush(scaler);
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1);
    expect(push.messages).toEqual([]);
    const [stream] = scaler.answers.pushStreams;
    expect(stream!.sendActive()).toBe(true);
    expect(await push.next(1)).toEqual([{ result: true }]);
    expect(scaler.answers.asked).toEqual([{ name: 'llama', namespace: 'models', metadata: { targetValue: '32' } }]);
  });

  it('says true at once when the trigger is active as it opens', async () => {
    const scaler = await startScripted();
    scaler.answers.onOpen = (stream) => stream.sendActive();
    expect(await openPush(scaler).next(1)).toEqual([{ result: true }]);
  });

  it('keeps at most one message under way, and takes the next once that is gone', async () => {
    const scaler = await startScripted();
    const push = openPush(scaler);
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1);
    const [stream] = scaler.answers.pushStreams;
    expect([stream!.sendActive(), stream!.sendActive(), stream!.sendActive()]).toEqual([true, false, false]);
    await push.next(1);
    await vi.waitUntil(() => stream!.sendActive());
    expect(await push.next(2)).toHaveLength(2);
  });

  it('takes nothing more from a client that does not read', async () => {
    const scaler = await startScripted();
    const roomForOne = 10;
    const raw = rawPush(rawConnection(scaler.server, roomForOne));
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1);
    const [stream] = scaler.answers.pushStreams;
    expect(stream!.sendActive()).toBe(true);
    await vi.waitUntil(() => stream!.sendActive());
    const offered: boolean[] = [];
    for (let offers = 0; offers < 200; offers++) {
      offered.push(stream!.sendActive());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(offered.filter((taken) => taken)).toEqual([]);
    raw.resume();
    await vi.waitUntil(() => stream!.sendActive());
  });

  it('is forgotten when the client cancels', async () => {
    const scaler = await startScripted();
    const push = openPush(scaler);
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1);
    const [stream] = scaler.answers.pushStreams;
    push.stream.cancel();
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 0);
    expect(stream!.sendActive()).toBe(false);
    expect(scaler.events.lines).toEqual(['opened StreamIsActive', 'closed StreamIsActive CANCELLED']);
  });

  it('is forgotten when the client’s connection breaks', async () => {
    const scaler = await startScripted();
    const connection = rawConnection(scaler.server);
    rawPush(connection);
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1);
    connection.socket.destroy();
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 0);
    expect(scaler.events.lines).toHaveLength(2);
  });
});

describe('StreamMetricSpec', () => {
  it('sends the current spec at once, then waits, and ends with OK at shutdown', async () => {
    const scaler = await startScripted();
    const specs = follow<GetMetricSpecResponse__Output>(scaler.client.StreamMetricSpec(ref));
    expect(await specs.next(1)).toEqual([{ metricSpecs: [spec] }]);
    await scaler.server.drain();
    expect(await specs.ended).toMatchObject({ code: status.OK });
    expect(specs.messages).toHaveLength(1);
    expect(scaler.events.lines).toEqual(['opened StreamMetricSpec', 'closed StreamMetricSpec OK']);
  });
});

describe.each<StreamMethod>(['StreamIsActive', 'StreamMetricSpec'])('%s refused', (method) => {
  it.each([
    ['bad metadata', new ScalerError('invalid-trigger-metadata', 'two faults'), status.INVALID_ARGUMENT, 'two faults'],
    ['a fault of ours', new Error('secret'), status.INTERNAL, 'internal error'],
  ])('%s: ends with the status', async (_name, error, code, details) => {
    const scaler = await startScripted();
    const refuse = (): never => {
      throw error;
    };
    scaler.answers.metricSpec = refuse;
    scaler.answers.onOpen = refuse;
    const followed = follow(scaler.client[method](ref));
    expect(await followed.ended).toMatchObject({ code, details });
    expect(followed.messages).toEqual([]);
    await vi.waitUntil(() => scaler.events.lines.includes(`closed ${method} ${status[code]}`));
    expect(scaler.events.errors).toHaveLength(code === status.INTERNAL ? 1 : 0);
    expect(scaler.answers.pushStreams.size).toBe(0);
  });

  it('without a name: INVALID_ARGUMENT', async () => {
    const scaler = await startScripted();
    const followed = follow(scaler.client[method]({ ...ref, name: '' }));
    expect(await followed.ended).toMatchObject({ code: status.INVALID_ARGUMENT });
  });
});

describe('shutdown', () => {
  it('ends a thousand streams with OK', async () => {
    const scaler = await startScripted({ drainGraceMs: 5000 });
    const pushes = Array.from({ length: 1000 }, () => openPush(scaler));
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1000, { timeout: 10_000 });
    await scaler.server.drain();
    const codes = (await Promise.all(pushes.map(({ ended }) => ended))).map(({ code }) => code);
    expect(codes).toHaveLength(1000);
    expect(new Set(codes)).toEqual(new Set([status.OK]));
    expect(scaler.answers.pushStreams.size).toBe(0);
  });

  it('ends a stream with OK that opens while others are being ended', async () => {
    const scaler = await startScripted({ drainGraceMs: 2000 });
    const first = openPush(scaler);
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1);
    const second = openPush(scaler);
    scaler.answers.onOpen = () => {
      void scaler.server.drain();
    };
    expect(await second.ended).toMatchObject({ code: status.OK });
    expect(await first.ended).toMatchObject({ code: status.OK });
  });

  it('waits for calls under way, and not longer than the grace', async () => {
    const scaler = await startScripted({ drainGraceMs: 100, answerWithinMs: 20_000 });
    scaler.answers.answerWith = () => new Promise(() => {});
    const asked = new Promise((resolve) => scaler.client.IsActive(ref, resolve));
    await vi.waitUntil(() => scaler.answers.asked.length === 1);
    const startedMs = performance.now();
    await Promise.all([scaler.server.drain(), scaler.server.drain()]);
    expect(performance.now() - startedMs).toBeGreaterThan(90);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(await asked).toMatchObject({ code: expect.any(Number) });
  });

  it('lets a call under way finish', async () => {
    const scaler = await startScripted({ drainGraceMs: 10_000 });
    let finish = (_answer: { metricValue: number; active: boolean }): void => {};
    scaler.answers.answerWith = () => new Promise((resolve) => (finish = resolve));
    const asked = new Promise((resolve) => scaler.client.IsActive(ref, (_error, response) => resolve(response)));
    await vi.waitUntil(() => scaler.answers.asked.length === 1);
    const drained = scaler.server.drain();
    finish({ metricValue: 1, active: true });
    expect(await asked).toEqual({ result: true });
    await drained;
  });
});

describe('connection age', () => {
  it('asks a connection to end, then ends its streams with OK before it is cut', async () => {
    const scaler = await startScripted({ maxConnectionAgeMs: 200, maxConnectionAgeGraceMs: 2000 });
    const connection = rawConnection(scaler.server);
    const seen: string[] = [];
    connection.once('goaway', (code) => seen.push(`goaway ${code}`));
    const raw = rawPush(connection);
    // A stream without a message has its status where the headers are.
    raw.once('response', (headers) => seen.push(`status ${headers['grpc-status']}`));
    raw.resume();
    await new Promise((resolve) => raw.once('close', resolve));
    expect(seen).toEqual(['goaway 0', 'status 0']);
    expect(scaler.events.lines).toEqual(['opened StreamIsActive', 'closed StreamIsActive OK']);
  });

  it('lets a stream live on while its connection is young', async () => {
    const scaler = await startScripted();
    const push = openPush(scaler);
    await vi.waitUntil(() => scaler.answers.pushStreams.size === 1);
    const [stream] = scaler.answers.pushStreams;
    stream!.sendActive();
    await push.next(1);
    expect(scaler.events.lines).toEqual(['opened StreamIsActive']);
  });
});
