import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KedaTrigger, ScaledObject } from '../../../src/keda/scaled-object.ts';
import type { PoolKind } from '../../../src/simulate/keda/connection-pool.ts';
import { GrpcScalers } from '../../../src/simulate/keda/grpc-scalers.ts';
import { Keda } from '../../../src/simulate/keda/keda.ts';
import type { KedaEvent } from '../../../src/simulate/keda/keda-event.ts';
import { ManualClock } from '../../../src/time/manual-clock.ts';
import { protoPath, ScriptedScaler } from '../scripted-scaler.ts';

const second = 1000;
let scaler: ScriptedScaler;
let clock: ManualClock;
let scalers: GrpcScalers;
let keda: Keda;
let events: KedaEvent[];
let replicas: number;

beforeEach(async () => {
  scaler = await ScriptedScaler.start();
  clock = new ManualClock();
  events = [];
  replicas = 0;
});
afterEach(async () => {
  await keda.close();
  scaler.close();
});

/** Gives the sockets their turns until something is so; fails when it does not become so. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const limitMs = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > limitMs) throw new Error(`did not happen: ${what}; calls: ${scaler.calls.join(' ')}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function of<Kind extends KedaEvent['kind']>(kind: Kind): Extract<KedaEvent, { kind: Kind }>[] {
  return events.filter((event): event is Extract<KedaEvent, { kind: Kind }> => event.kind === kind);
}

function trigger(type: KedaTrigger['type'] = 'external', metadata: Record<string, string> = {}): KedaTrigger {
  return { type, metadata: { scalerAddress: scaler.address, targetValue: '10', ...metadata } };
}

function start(changes: Partial<ScaledObject> = {}, connections: PoolKind = 'counted'): void {
  scalers = new GrpcScalers({ connections, protoPath, timeScale: 1 });
  keda = new Keda({ clock, scalers });
  const scaledObject = { namespace: 'models', name: 'llama', triggers: [trigger()], pollingIntervalMs: 10 * second };
  const target = {
    replicas: () => replicas,
    readyReplicas: () => replicas,
    setReplicas: (wanted: number) => {
      replicas = wanted;
    },
  };
  keda.scale({ ...scaledObject, ...changes }, target, (event) => events.push(event));
}

const polled = (count: number) => until(() => of('polled').length >= count, `poll ${count}`);
const sleepers = (nextMs: number) => until(() => clock.nextWakeMs() === nextMs, `next wake at ${nextMs}`);

/** Moves from wake to wake, so that nothing that is due in between comes late. */
async function moveTo(nowMs: number): Promise<void> {
  for (let wakeMs = clock.nextWakeMs(); wakeMs !== undefined && wakeMs <= nowMs; wakeMs = clock.nextWakeMs()) {
    clock.advanceTo(wakeMs);
    await until(() => (clock.nextWakeMs() ?? Number.POSITIVE_INFINITY) > wakeMs!, `past ${wakeMs}`);
    await quiet();
  }
  clock.advanceTo(nowMs);
}

/** Until no call has come for a number of turns, each of which passes through the sockets. */
async function quiet(): Promise<void> {
  for (let still = 0, seen = -1; still < 50; still = seen === events.length + scaler.calls.length ? still + 1 : 0) {
    seen = events.length + scaler.calls.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a poll', () => {
  it('asks for the spec, then the value, then the activity, after a reconcile that asks for the spec alone', async () => {
    start();
    await polled(1);
    expect(scaler.taken()).toEqual(['GetMetricSpec', 'GetMetricSpec', 'GetMetrics', 'IsActive']);
    expect(of('reconciled')).toEqual([{ atMs: 0, kind: 'reconciled', metricNames: ['s0-concurrency'] }]);
  });

  it('hands the metadata over whole, with the name of its own metric', async () => {
    start();
    await polled(1);
    const scaledObjectRef = {
      name: 'llama',
      namespace: 'models',
      scalerMetadata: { scalerAddress: scaler.address, targetValue: '10' },
    };
    expect(scaler.requests.at(-1)).toEqual(scaledObjectRef);
    expect(scaler.requests.at(-2)).toEqual({ scaledObjectRef, metricName: 'concurrency' });
  });

  it('comes again after the polling interval', async () => {
    start();
    await polled(1);
    await sleepers(10 * second);
    clock.advanceTo(9.999 * second);
    await quiet();
    expect(of('polled')).toHaveLength(1);
    clock.advanceTo(10 * second);
    await polled(2);
  });

  it('makes one replica of none when active', async () => {
    scaler.script.active = true;
    start();
    await polled(1);
    expect(of('scaled')).toMatchObject([{ by: 'poll', from: 0, to: 1 }]);
  });

  it('scales to zero directly from any size once the cooldown is over', async () => {
    scaler.script.active = true;
    scaler.script.values = [{ metricValueFloat: 40, metricValue: 40 }];
    start({ cooldownPeriodMs: 35 * second, behavior: { scaleDown: { stabilizationWindowSeconds: 300 } } });
    await polled(1);
    await moveTo(20 * second);
    expect(replicas).toBe(4);
    expect(of('scaled').at(-1)).toMatchObject({ by: 'hpa', from: 1, to: 4, why: '40.0 over 10 asks 4' });
    scaler.script.active = false;
    scaler.script.values = [{ metricValueFloat: 0, metricValue: 0 }];
    await moveTo(50 * second);
    expect(replicas).toBe(4);
    await moveTo(61 * second);
    expect(of('scaled').at(-1)).toMatchObject({ by: 'poll', from: 4, to: 0, why: 'cooldown over' });
  });
});

describe('an error', () => {
  it.each(['GetMetrics', 'IsActive'])('of %s has the pair asked twice, and changes nothing', async (name) => {
    scaler.script.active = true;
    scaler.script.failing.add(name);
    replicas = 3;
    start();
    await polled(1);
    const pair = name === 'GetMetrics' ? ['GetMetrics'] : ['GetMetrics', 'IsActive'];
    expect(scaler.taken()).toEqual(['GetMetricSpec', 'GetMetricSpec', ...pair, ...pair]);
    expect(of('polled')).toMatchObject([{ active: false, failed: true }]);
    expect(of('error')).toMatchObject([{ by: 'poll', message: expect.stringContaining(`${name} is holding`) }]);
    expect(replicas).toBe(3);
  });

  it.each(['an error', 'an empty list'])('of GetMetricSpec (%s) has it asked twice', async (what) => {
    start();
    await polled(1);
    scaler.taken();
    if (what === 'an error') scaler.script.failing.add('GetMetricSpec');
    else scaler.script.specs = [];
    await sleepers(10 * second);
    clock.advanceTo(10 * second);
    await polled(2);
    expect(scaler.taken()).toEqual(['GetMetricSpec', 'GetMetricSpec']);
  });

  it('of every trigger at the start keeps the loop from starting, with ever longer waits', async () => {
    scaler.script.failing.add('GetMetricSpec');
    start();
    await sleepers(5);
    clock.advanceTo(5);
    await sleepers(15);
    scaler.script.failing.clear();
    clock.advanceTo(15);
    await polled(1);
    expect(of('reconciled')).toHaveLength(1);
    expect(scaler.taken().slice(0, 5)).toEqual(Array(5).fill('GetMetricSpec'));
  });

  it.each([
    ['counted', 2],
    ['kept', 1],
  ] as const)('with connections %s leaves %i opened after the next poll', async (connections, opened) => {
    scaler.script.failing.add('GetMetrics');
    start({}, connections);
    await polled(1);
    await sleepers(10 * second);
    clock.advanceTo(10 * second);
    await polled(2);
    expect(scalers.openedConnections).toBe(opened);
  });

  it('does not close the connection that a healthy ScaledObject on the same address uses', async () => {
    start();
    const target = { replicas: () => 1, readyReplicas: () => 1, setReplicas: () => undefined };
    const broken = { ...trigger(), metadata: { scalerAddress: scaler.address, targetValue: 'x' } };
    keda.scale({ namespace: 'a', name: 'b', triggers: [broken] }, target, () => undefined);
    await polled(1);
    scaler.script.failing.add('GetMetrics');
    await sleepers(10 * second);
    clock.advanceTo(10 * second);
    await polled(2);
    expect(of('polled').at(-1)).toMatchObject({ failed: true });
    expect(scalers.openedConnections).toBe(1);
  });

  it('hits the fallback once it has happened more often than the threshold, which starts pods', async () => {
    scaler.script.failing.add('GetMetrics');
    start({ fallback: { failureThreshold: 1, replicas: 3 } });
    await polled(1);
    expect(replicas).toBe(0);
    await sleepers(10 * second);
    clock.advanceTo(10 * second);
    await polled(2);
    expect(of('polled').map(({ active, failed }) => [active, failed])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(of('value').at(-1)).toMatchObject({ total: 30 });
    expect(replicas).toBe(1);
  });
});

describe('the HPA', () => {
  it('syncs every 15 s and asks for the same three things', async () => {
    replicas = 2;
    scaler.script.active = true;
    scaler.script.values = [{ metricValueFloat: 41.25, metricValue: 42 }];
    start({ pollingIntervalMs: 3600 * second });
    await polled(1);
    scaler.taken();
    await moveTo(15 * second);
    expect(scaler.taken()).toEqual(['GetMetricSpec', 'GetMetrics', 'IsActive']);
    expect(of('scaled')).toMatchObject([{ by: 'hpa', from: 2, to: 4 }]);
    await moveTo(30 * second);
    expect(replicas).toBe(5);
  });

  it('asks nothing at zero replicas', async () => {
    start({ pollingIntervalMs: 3600 * second });
    await polled(1);
    scaler.taken();
    await moveTo(60 * second);
    expect(scaler.taken()).toEqual([]);
  });

  it('asks every trigger for its spec before each metric', async () => {
    replicas = 1;
    start({ triggers: [trigger(), trigger()], pollingIntervalMs: 3600 * second });
    await polled(1);
    scaler.taken();
    await moveTo(15 * second);
    const each = ['GetMetricSpec', 'GetMetricSpec', 'GetMetrics', 'IsActive'];
    expect(scaler.taken()).toEqual([...each, ...each]);
  });

  it('keeps the size when its metric cannot be read', async () => {
    replicas = 5;
    start({ pollingIntervalMs: 3600 * second });
    await polled(1);
    scaler.script.failing.add('GetMetrics');
    await moveTo(15 * second);
    expect(of('error').at(-1)).toMatchObject({ by: 'hpa' });
    expect(replicas).toBe(5);
  });

  it('gives up a query that hangs for a minute', async () => {
    replicas = 5;
    start({ pollingIntervalMs: 3600 * second });
    await polled(1);
    scaler.script.hanging.add('GetMetrics');
    await moveTo(74 * second);
    expect(of('error')).toHaveLength(0);
    await moveTo(75 * second);
    await until(() => of('error').length === 1, 'the query is given up');
    expect(of('error')).toMatchObject([{ by: 'hpa', message: expect.stringContaining('longer than the API server') }]);
  });

  it('stands in for the polls of a workload that never rests', async () => {
    replicas = 2;
    scaler.script.values = [{ metricValueFloat: 20, metricValue: 20 }];
    start({ minReplicaCount: 2 });
    await polled(1);
    await moveTo(16 * second);
    scaler.taken();
    await moveTo(20 * second);
    expect(scaler.taken()).toEqual(['GetMetricSpec']);
  });
});

describe('a push stream', () => {
  const push = (): Partial<ScaledObject> => ({ triggers: [trigger('external-push')], pollingIntervalMs: 600 * second });
  const streams = (count: number) => until(() => scaler.activityStreams.length >= count, `stream ${count}`);

  it('wakes the workload at once', async () => {
    start(push());
    await polled(1);
    await streams(1);
    scaler.activityStreams[0]!.write({ result: true });
    await until(() => replicas === 1, 'one replica');
    expect(of('scaled')).toMatchObject([{ by: 'push', from: 0, to: 1 }]);
    expect(of('pushed')).toMatchObject([{ result: true, effect: 'taken' }]);
  });

  it('never scales in, and never above the minimum', async () => {
    replicas = 4;
    scaler.script.active = true;
    start(push());
    await polled(1);
    await streams(1);
    scaler.activityStreams[0]!.write({ result: false });
    scaler.activityStreams[0]!.write({ result: true });
    await until(() => of('pushed').length === 2, 'two pushes');
    expect(of('pushed').map((event) => event.effect)).toEqual(['ignored', 'taken']);
    expect(replicas).toBe(4);
  });

  it('waits for a poll in progress', async () => {
    scaler.script.hanging.add('GetMetrics');
    start(push());
    await streams(1);
    await until(() => scaler.calls.includes('GetMetrics'), 'the poll hangs');
    scaler.activityStreams[0]!.write({ result: true });
    await until(() => of('pushed').length === 1, 'a push');
    await quiet();
    expect(replicas).toBe(0);
  });

  it('drops the message when the last reconcile could not name the metric', async () => {
    const other = await ScriptedScaler.start();
    other.script.failing.add('GetMetricSpec');
    const failing = { type: 'external-push', metadata: { scalerAddress: other.address } } as const;
    start({ ...push(), triggers: [trigger(), failing] });
    await until(() => other.activityStreams.length === 1, 'a stream');
    other.activityStreams[0]!.write({ result: true });
    await until(() => of('pushed').length === 1, 'a push');
    expect(of('pushed')).toMatchObject([{ trigger: 1, effect: 'dropped' }]);
    expect(replicas).toBe(0);
    other.close();
  });

  it('does not ask again for a spec stream that the server does not have', async () => {
    start(push());
    await polled(1);
    await streams(1);
    await sleepers(15 * second);
    await quiet();
    expect(clock.nextWakeMs()).toBe(15 * second);
  });

  it('waits ever longer after errors, and only a clean end brings the wait back', async () => {
    start(push(), 'kept');
    await polled(1);
    for (const [index, end] of ['error', 'error', 'error', 'ok', 'error'].entries()) {
      await streams(index + 1);
      const stream = scaler.activityStreams[index]!;
      if (end === 'ok') stream.end();
      else stream.emit('error', { code: status.UNAVAILABLE, details: 'going away' });
      await until(() => of('stream-ended').length === index + 1, `end ${index + 1}`);
      await until(() => clock.nextWakeMs() !== undefined, 'a sleeper');
      await moveTo(clock.nowMs() + of('stream-ended').at(-1)!.retryInMs);
    }
    expect(of('stream-ended').map((event) => event.retryInMs / second)).toEqual([2, 4, 8, 2, 4]);
    expect(of('stream-ended').map((event) => event.end.code)).toEqual([14, 14, 14, 0, 14]);
  });

  it('never waits longer than a minute', async () => {
    start({ ...push(), triggers: [trigger('external-push')] }, 'kept');
    await polled(1);
    await streams(1);
    scaler.close();
    await until(() => of('stream-ended').length === 1, 'the end');
    await moveTo(600 * second);
    const waits = of('stream-ended').map((event) => event.retryInMs / second);
    expect(waits.slice(0, 8)).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('is cut by one failing poll, and finds no connection until the next one', async () => {
    start({ ...push(), pollingIntervalMs: 10 * second });
    await polled(1);
    await streams(1);
    scaler.script.failing.add('GetMetrics');
    await moveTo(10 * second);
    await until(() => of('stream-ended').length === 1, 'the stream is cut');
    scaler.script.failing.clear();
    await moveTo(24 * second);
    await streams(2);
    const [cut, ...misses] = of('stream-ended').map((event) => event.end.details);
    expect(cut).toMatch(/cancel/i);
    expect(misses).toHaveLength(2);
    for (const details of misses) expect(details).toMatch(/no pooled connection/);
    // Cut at 10 s, tried at 12 s and 16 s, connection back with the poll at 20 s, stream back at 24 s.
    expect(of('stream-opened').map((event) => event.atMs / second)).toEqual([0, 24]);
  });

  it('survives a failing poll where connections are kept', async () => {
    start({ ...push(), pollingIntervalMs: 10 * second }, 'kept');
    await polled(1);
    await streams(1);
    scaler.script.failing.add('GetMetrics');
    await moveTo(20 * second);
    expect(of('stream-ended')).toHaveLength(0);
  });
});

describe('a spec stream', () => {
  beforeEach(async () => {
    scaler.close();
    scaler = await ScriptedScaler.start({ withSpecStream: true });
  });

  it('replaces GetMetricSpec with its newest message; an empty one is ignored', async () => {
    replicas = 1;
    scaler.script.active = true;
    scaler.script.values = [{ metricValueFloat: 20, metricValue: 20 }];
    start({ triggers: [trigger('external-push')] });
    await polled(1);
    await until(() => scaler.specStreams.length === 1, 'the stream');
    scaler.specStreams[0]!.write({ metricSpecs: [{ metricName: 'concurrency', targetSizeFloat: 5 }] });
    scaler.specStreams[0]!.write({ metricSpecs: [{ metricName: 'concurrency', targetSizeFloat: 4 }] });
    scaler.specStreams[0]!.write({ metricSpecs: [] });
    await until(() => of('reconciled').length === 3, 'two updates');
    scaler.taken();
    await moveTo(15 * second);
    expect(scaler.taken()).toEqual(['GetMetrics', 'IsActive', 'GetMetrics', 'IsActive']);
    expect(replicas).toBe(4);
  });

  it('is forgotten with the cache after an error', async () => {
    start({ triggers: [trigger('external-push')] });
    await polled(1);
    await until(() => scaler.specStreams.length === 1, 'the stream');
    scaler.specStreams[0]!.write({ metricSpecs: [{ metricName: 'concurrency', targetSizeFloat: 5 }] });
    await until(() => of('reconciled').length === 2, 'an update');
    scaler.script.failing.add('GetMetrics');
    await moveTo(10 * second);
    scaler.script.failing.clear();
    scaler.taken();
    await moveTo(20 * second);
    expect(scaler.taken()).toContain('GetMetricSpec');
  });
});

it('goes round all addresses of a name', async () => {
  const other = await ScriptedScaler.start();
  const scalerAddress = `ipv4:127.0.0.1:${scaler.port},127.0.0.1:${other.port}`;
  start({ triggers: [{ type: 'external', metadata: { scalerAddress } }] });
  await polled(1);
  await moveTo(100 * second);
  expect(scaler.calls.length).toBeGreaterThan(5);
  expect(other.calls.length).toBeGreaterThan(5);
  other.close();
});
