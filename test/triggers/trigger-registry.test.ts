import { beforeEach, expect, it } from 'vitest';
import type { PushStream } from '../../src/triggers/answers.ts';
import { ScalerError } from '../../src/triggers/scaler-error.ts';
import type { TriggerLimits } from '../../src/triggers/trigger-registry.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';

const limits: TriggerLimits = {
  maxTriggers: 3,
  maxTriggersPerNamespace: 2,
  maxEndpointsPerTrigger: 2,
  idleTimeoutMs: 600_000,
  activationScrapeIntervalMs: 50,
  startingForMs: 1_800_000,
  refusalOf: () => undefined,
};

let world: FakeWorld;
let events: RecordedEvents;
let registry: TriggerRegistry;
beforeEach(() => {
  world = new FakeWorld();
  events = new RecordedEvents();
  registry = new TriggerRegistry(world, events, limits);
});

const ref = (metadata: Record<string, string> = {}, name = 'llama', namespace = 'models') => ({
  namespace,
  name,
  metadata: { targetValue: '10', ...metadata },
});

/** Lets time pass in ticks, with every replica saying the same once a second. */
function run(seconds: number, says: () => void = () => {}): void {
  for (let tick = 0; tick < seconds * 20; tick++) {
    if (tick % 20 === 0) says();
    world.now += 50;
    registry.tick();
  }
}

async function refusal(asked: Promise<unknown> | (() => unknown)): Promise<ScalerError> {
  try {
    await (typeof asked === 'function' ? asked() : asked);
  } catch (error) {
    expect(error).toBeInstanceOf(ScalerError);
    return error as ScalerError;
  }
  throw new Error('expected a refusal, found an answer');
}

class Stream implements PushStream {
  sent = 0;
  full = false;
  sendActive(): boolean {
    if (this.full) return false;
    this.sent++;
    return true;
  }
}

it('knows the metric spec from the metadata alone, and follows nothing for it', () => {
  expect(registry.metricSpec(ref({ targetValue: '32.5' }))).toEqual({
    metricName: 'llm-concurrency',
    targetValue: 32.5,
  });
  expect(world.openSources).toBe(0);
});

it('refuses bad metadata with every fault', async () => {
  const error = await refusal(() => registry.metricSpec(ref({ targetValue: '0', windoww: '60s' })));
  expect(error.code).toBe('invalid-trigger-metadata');
  expect(error.message).toMatch(/targetValue.*windoww/s);
});

it('remembers for the status page what it refuses, until it is mended', async () => {
  const scaledObject = { namespace: 'models', scaledObject: 'llama' };
  const { message } = await refusal(() => registry.metricSpec(ref({ targetValue: '0' })));
  run(2);
  const invalid = { ...scaledObject, reason: 'invalid-trigger-metadata', detail: message };
  expect(registry.refused).toEqual([{ ...invalid, askedAgoMs: 2000 }]);
  await refusal(registry.answer(ref({ targetValue: '0' })));
  expect(registry.refused).toEqual([{ ...invalid, askedAgoMs: 0 }]);
  registry = new TriggerRegistry(world, events, { ...limits, refusalOf: () => 'no such place is allowed' });
  await refusal(() => registry.openPushStream(ref(), new Stream()));
  expect(registry.refused).toMatchObject([{ ...scaledObject, reason: 'denied-by-policy' }]);
  world.now += 1_800_000;
  expect(registry.refused).toEqual([]);
});

it('takes what is refused for mended once KEDA asks about the ScaledObject and not about it', async () => {
  world.list([]);
  await refusal(() => registry.metricSpec(ref({ targetValue: '0' })));
  world.now += 1_000_000;
  expect(registry.refused).toHaveLength(1);
  const asked = registry.answer(ref({}, 'other'));
  run(1);
  await asked;
  expect(registry.refused).toHaveLength(1);
  const mended = registry.answer(ref());
  run(1);
  await mended;
  expect(registry.refused).toEqual([]);
});

it('lets the first question wait until every endpoint has said something', async () => {
  world.list([pod('a'), pod('b')]);
  const asked = registry.answer(ref());
  world.sayOne(world.open[0], { concurrency: 12, requestsTotal: 1 });
  run(0.1);
  world.sayOne(world.open[1], { concurrency: 5, requestsTotal: 1 });
  run(0.1);
  expect(await asked).toEqual({ metricValue: 17, active: true });
});

it('holds when the first question could not be answered in time', async () => {
  const asked = refusal(registry.answer(ref()));
  run(1);
  expect(await asked).toMatchObject({ code: 'reading-unavailable', message: expect.stringContaining('not known yet') });
});

it('holds with the words of the endpoint when none could be read', async () => {
  world.list([pod('a')]);
  const asked = refusal(registry.answer(ref()));
  world.say('fails');
  run(1);
  expect((await asked).message).toBe('holding, the only endpoint could not be read: a: connection refused');
});

it('tells KEDA no change, and goes on pushing, when a workload that serves can be read no more', async () => {
  const stream = new Stream();
  world.list([pod('a'), pod('b')]);
  world.replicas = { ...world.replicas, hasFallback: false };
  const asked = registry.answer(ref());
  world.say({ concurrency: 9 });
  run(1, () => world.say({ concurrency: 9 }));
  await asked;
  registry.openPushStream(ref(), stream);
  run(60, () => world.say('fails'));
  expect([...registry.all][0]!.state.outcome!.decision.kind).toBe('hold');
  expect(await registry.answer(ref())).toEqual({ metricValue: 20, active: true });
  expect(stream.sent).toBe(1);
  const late = new Stream();
  registry.openPushStream(ref(), late);
  run(100, () => world.say('fails'));
  expect([stream.sent, late.sent]).toEqual([2, 1]);
  run(5, () => world.say({ concurrency: 0 }));
  run(130, () => world.say({ concurrency: 0 }));
  expect(await registry.answer(ref())).toEqual({ metricValue: 0, active: false });
  run(60, () => world.say('fails'));
  expect((await refusal(registry.answer(ref()))).code).toBe('reading-unavailable');
});

/** A workload of one replica that serves, followed by `ref()`, with its ScaledObject known. */
async function serving(): Promise<void> {
  world.list([pod('a')]);
  world.replicas = { ...world.replicas, hasFallback: false };
  const asked = registry.answer(ref());
  world.say({ concurrency: 9 });
  run(1, () => world.say({ concurrency: 9 }));
  await asked;
}

it('gives KEDA an error where nothing can be read and the list of replicas can not be renewed either', async () => {
  await serving();
  run(60, () => world.say('fails'));
  expect(await registry.answer(ref())).toEqual({ metricValue: 10, active: true });
  world.replicas = { ...world.replicas, problem: 'no answer from the API' };
  run(2, () => world.say('fails'));
  expect((await refusal(registry.answer(ref()))).code).toBe('reading-unavailable');
});

it('keeps a workload that served when its trigger is edited while nothing can be read', async () => {
  await serving();
  run(60, () => world.say('fails'));
  const edited = registry.answer(ref({ targetValue: '20' }));
  world.say('fails');
  run(2, () => world.say('fails'));
  expect(await edited).toEqual({ metricValue: 20, active: true });
});

it('gives KEDA the error that a fallback waits for', async () => {
  await serving();
  world.replicas = { ...world.replicas, hasFallback: true };
  run(60, () => world.say('fails'));
  expect((await refusal(registry.answer(ref()))).code).toBe('reading-unavailable');
});

it('holds at once, with the words, where the ScaledObject is not there', async () => {
  world.replicas = { ...world.replicas, invalid: true, problem: 'no ScaledObject "llama"' };
  expect((await refusal(registry.answer(ref()))).message).toContain('no ScaledObject "llama"');
});

it('answers zero and inactive at zero replicas, as a fact', async () => {
  world.list([]);
  expect(await registry.answer(ref())).toEqual({ metricValue: 0, active: false });
});

it('answers with what was read last, without waiting for a cycle', async () => {
  world.list([pod('a')]);
  const first = registry.answer(ref());
  world.say({ concurrency: 4 });
  run(1);
  await first;
  world.say({ concurrency: 8 });
  expect(await registry.answer(ref())).toEqual({ metricValue: 6, active: true });
});

it('is exactly zero and inactive once idle for as long as windows and activity last', async () => {
  world.list([pod('a')]);
  const first = registry.answer(ref());
  world.say({ concurrency: 9 });
  run(1);
  await first;
  run(59, () => world.say({ concurrency: 0 }));
  expect(await registry.answer(ref())).toMatchObject({ active: true });
  run(3, () => world.say({ concurrency: 0 }));
  expect(await registry.answer(ref())).toEqual({ metricValue: 0, active: false });
});

it('stays active between requests too short to be seen', async () => {
  world.list([pod('a')]);
  const first = registry.answer(ref());
  world.say({ concurrency: 0, requestsTotal: 100 });
  run(1);
  expect((await first).active).toBe(false);
  let requestsTotal = 100;
  for (let request = 0; request < 5; request++) {
    requestsTotal++;
    run(20, () => world.say({ concurrency: 0, requestsTotal }));
    expect(await registry.answer(ref())).toEqual({ metricValue: 0, active: true });
  }
  run(61, () => world.say({ concurrency: 0, requestsTotal }));
  expect((await registry.answer(ref())).active).toBe(false);
});

it('lingers at least as long as KEDA takes from one poll to the next', async () => {
  world.list([pod('a')], { pollingIntervalMs: 120_000 });
  const first = registry.answer(ref());
  world.say({ concurrency: 1 });
  run(1);
  await first;
  run(100, () => world.say({ concurrency: 0 }));
  expect((await registry.answer(ref())).active).toBe(true);
  run(25, () => world.say({ concurrency: 0 }));
  expect((await registry.answer(ref())).active).toBe(false);
});

it('counts replicas that are starting as wanted, but not for ever', async () => {
  const known = ref({ startingFor: '5m' });
  world.list([]);
  registry.openPushStream(known, new Stream());
  run(6);
  expect(await registry.answer(known)).toEqual({ metricValue: 0, active: false });
  world.list([pod('a', 'starting')]);
  world.say('fails');
  run(1);
  expect(await registry.answer(known)).toEqual({ metricValue: 0, active: true });
  run(295, () => world.say('fails'));
  expect(await registry.answer(known)).toMatchObject({ active: true });
  run(65, () => world.say('fails'));
  expect(await registry.answer(known)).toEqual({ metricValue: 0, active: false });
});

/** Two replicas at 8 each, which then both go and are made anew. */
async function recreated(metadata: Record<string, string> = {}): Promise<ReturnType<typeof ref>> {
  const asked = ref(metadata);
  world.list([pod('a'), pod('b')]);
  registry.openPushStream(asked, new Stream());
  run(70, () => world.say({ concurrency: 8 }));
  expect(await registry.answer(asked)).toEqual({ metricValue: 16, active: true });
  world.list([pod('a', 'terminating'), pod('b', 'terminating')], { replicas: 2 });
  run(2, () => world.say('fails'));
  // Between the last pod of the old and the first of the new, none seems to be asked for.
  world.list([]);
  run(1);
  world.list([pod('c', 'starting'), pod('d', 'starting')]);
  return asked;
}

it('asks for no change while replicas that all went at once start again, and says so', async () => {
  const asked = await recreated();
  for (let turn = 0; turn < 29; turn++) {
    run(60, () => world.say('fails'));
    expect(await registry.answer(asked)).toEqual({ metricValue: 20, active: true });
  }
  const [trigger] = registry.all;
  expect(trigger!.state.outcome!.why).toContain('2 replicas went with all others and are not back yet');
  expect(trigger!.state.activity.reason).toBe('starting');
});

it('believes the first of them no more than the others until all are back', async () => {
  const asked = await recreated();
  run(120, () => world.say('fails'));
  world.list([pod('c'), pod('d', 'starting')]);
  run(120, () => {
    world.sayOne(world.open[0], { concurrency: 3 });
    world.sayOne(world.open[1], 'fails');
  });
  expect(await registry.answer(asked)).toMatchObject({ metricValue: 13 });
  world.list([pod('c'), pod('d')]);
  run(120, () => world.say({ concurrency: 3 }));
  expect(await registry.answer(asked)).toMatchObject({ metricValue: 6 });
});

it('gives lost replicas up after startingFor, the key before the setting', async () => {
  const asked = await recreated({ startingFor: '60s' });
  run(50, () => world.say('fails'));
  expect(await registry.answer(asked)).toEqual({ metricValue: 20, active: true });
  run(150, () => world.say('fails'));
  expect(await registry.answer(asked)).toEqual({ metricValue: 0, active: false });
});

it('remembers across an edit what was lost', async () => {
  await recreated();
  run(30, () => world.say('fails'));
  const edited = ref({ idleAfter: '90s' });
  const answer = registry.answer(edited);
  world.say('fails');
  run(1);
  expect(await answer).toMatchObject({ metricValue: 20 });
});

it('keeps an idle page alive while its GPU is at work, unless the GPU is shared', async () => {
  world.list([pod('a')]);
  const gpus = { utilizationRatio: 0.97, memoryRatio: 0.9, xids: [], devices: 1, shared: false };
  world.gpuFacts.set('a', { gpus, atMs: world.now });
  const asked = registry.answer(ref());
  world.say({ concurrency: 0 });
  run(1);
  expect(await asked).toEqual({ metricValue: 0, active: true });
  expect([...world.wantedNodes.values()]).toEqual([new Set(['node-of-a'])]);
  world.gpuFacts.set('a', { gpus: { ...gpus, shared: true }, atMs: world.now });
  run(61, () => world.say({ concurrency: 0 }));
  expect((await registry.answer(ref())).active).toBe(false);
});

it('believes a busy GPU against an idle page for half an hour, in which no counter of the page moves', async () => {
  world.list([pod('a')]);
  const gpus = { utilizationRatio: 0.97, memoryRatio: 0.9, xids: [], devices: 1, shared: false };
  const says = (signals: { readonly requestsTotal?: number }) => () => {
    world.gpuFacts.set('a', { gpus, atMs: world.now });
    world.say({ concurrency: 0, ...signals });
  };
  const activeAfter = async (minutes: number, signals: { readonly requestsTotal?: number }): Promise<boolean> => {
    const asked = registry.answer(ref()).catch(() => {});
    for (let minute = 0; minute < minutes; minute++) {
      says(signals)();
      run(1);
      registry.answer(ref()).catch(() => {});
      world.now += 59_000;
    }
    says(signals)();
    run(1);
    await asked;
    return (await registry.answer(ref())).active;
  };
  expect(await activeAfter(29, { requestsTotal: 5 })).toBe(true);
  expect(await activeAfter(3, { requestsTotal: 5 })).toBe(false);
  // Without a counter nothing on the page could have moved.
  registry = new TriggerRegistry(world, events, limits);
  expect(await activeAfter(40, {})).toBe(true);
});

it.each([
  ['facts of long ago', { utilizationRatio: 0.97, shared: false }, 91_000, 0],
  ['a GPU that idles, too', { utilizationRatio: 0.05, shared: false }, 0, 0],
  ['a page that is not idle, but said nothing lately', { utilizationRatio: 0.97, shared: false }, 0, undefined],
])('does not keep a workload for %s', async (_name, more, ageMs, concurrency) => {
  world.list([pod('a')]);
  const gpus = { memoryRatio: 0.9, xids: [], devices: 1, ...more };
  world.gpuFacts.set('a', { gpus, atMs: world.now - ageMs });
  const asked = refusal(registry.answer(ref()).then(({ active }) => expect(active).toBe(false)));
  world.say({ concurrency });
  run(1);
  await asked.catch(() => {});
  expect([...registry.all].map(({ state }) => state.activity.active)).toEqual([false]);
});

it('serves GPU facts as the metric where that is asked for', async () => {
  world.list([pod('a'), pod('bb')]);
  const gpus = { utilizationRatio: 0.5, memoryRatio: 0.9, xids: [], devices: 1, shared: false };
  world.gpuFacts.set('a', { gpus, atMs: world.now });
  const asked = registry.answer(ref({ metric: 'gpuUtilization', targetValue: '0.8' }));
  world.say({ concurrency: 0 });
  run(1);
  expect((await asked).metricValue).toBeCloseTo(1.3);
  run(5);
  expect(events.gpuMetrics).toEqual(['llama']);
});

it('does not take for the load what an exporter said before it died', async () => {
  world.list([pod('a')]);
  const gpus = { utilizationRatio: 0.5, memoryRatio: 0.9, xids: [], devices: 1, shared: false };
  world.gpuFacts.set('a', { gpus, atMs: world.now });
  const metadata = { metric: 'gpuUtilization', targetValue: '0.8', window: '1s', burstWindow: '1s' };
  const asked = registry.answer(ref(metadata));
  run(1);
  expect((await asked).metricValue).toBeCloseTo(0.5);
  const now = () => [...registry.all][0]!.state.outcome!.observation.now;
  run(88);
  expect(now()).toEqual({ low: 0.5, high: 0.5 });
  run(3);
  expect(now()).toEqual({ low: 0, high: 0.8 });
});

it.each([
  ['the mean', 'mean', 6],
  ['the maximum', 'max', 10],
])('reports %s over endpoints where that is asked for', async (_name, aggregation, want) => {
  world.list([pod('a'), pod('bb')]);
  const asked = registry.answer(ref({ aggregation }));
  world.sayOne(world.open[0], { concurrency: 2 });
  world.sayOne(world.open[1], { concurrency: 10 });
  run(1);
  expect((await asked).metricValue).toBe(want);
});

it('pushes on the edge, once, and to a stream that opens while active', async () => {
  world.list([]);
  world.listGateway([pod('gateway')]);
  await Promise.resolve();
  const stream = new Stream();
  const asked = registry.answer(ref({ gatewayService: 'front' }));
  world.say({ concurrency: 0 }, 'gateway');
  run(1);
  await asked;
  registry.openPushStream(ref({ gatewayService: 'front' }), stream);
  run(5, () => world.say({ concurrency: 0 }, 'gateway'));
  expect(stream.sent).toBe(0);
  world.say({ concurrency: 1 }, 'gateway');
  world.now += 10;
  registry.tick();
  expect(stream.sent).toBe(1);
  run(5, () => world.say({ concurrency: 1 }, 'gateway'));
  expect(stream.sent).toBe(1);
  const late = new Stream();
  registry.openPushStream(ref({ gatewayService: 'front' }), late);
  world.now += 10;
  registry.tick();
  expect(late.sent).toBe(1);
  run(10, () => world.say({ concurrency: 1 }, 'gateway'));
  expect(stream.sent).toBe(2);
});

it('offers a push again when a stream could not take it, and stops when it is closed', async () => {
  world.list([pod('a')]);
  const stream = new Stream();
  stream.full = true;
  const close = registry.openPushStream(ref(), stream);
  world.say({ concurrency: 3 });
  run(3, () => world.say({ concurrency: 3 }));
  stream.full = false;
  run(2, () => world.say({ concurrency: 3 }));
  expect(stream.sent).toBe(1);
  close();
  run(200, () => world.say({ concurrency: 3 }));
  expect(stream.sent).toBe(1);
});

it('reads the gateway often while the workload is at zero, and as usual when it is not', async () => {
  world.list([]);
  world.listGateway([pod('gateway')]);
  const asked = registry.answer(ref({ gatewayService: 'front' }));
  world.say({ concurrency: 0 }, 'gateway');
  run(1);
  await asked;
  expect(world.open.map(({ intervalMs }) => intervalMs)).toEqual([50]);
  world.list([pod('a')]);
  run(2);
  expect(world.open.map(({ intervalMs }) => intervalMs)).toEqual([1000, 1000]);
  world.list([pod('a', 'terminating')]);
  run(2);
  expect(world.open[0]?.intervalMs).toBe(50);
});

it('holds nothing against KEDA when the gateway of a workload at zero cannot be read', async () => {
  world.list([]);
  world.listGateway([pod('gateway')]);
  const asked = registry.answer(ref({ gatewayService: 'front' }));
  world.say('fails', 'gateway');
  run(1);
  expect(await asked).toEqual({ metricValue: 0, active: false });
  expect(events.changes.at(-1)?.reason).toContain("the gateway can't be read: gateway: connection refused");
});

it('follows the list: scrapes what is new, ends what is gone, and no more than it may', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 1 });
  run(1);
  await asked;
  world.list([pod('a'), pod('bb'), pod('ccc')]);
  run(2);
  expect(world.open).toHaveLength(2);
  world.list([pod('bb')]);
  run(2);
  expect(world.open.map(({ request }) => request.candidates[0])).toEqual([`http://${pod('bb').address}:8000/metrics`]);
});

it('drops a trigger that nobody asks about, and everything it had open', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 0 });
  run(1);
  await asked;
  run(590);
  expect([...registry.all]).toHaveLength(1);
  run(11);
  expect([...registry.all]).toHaveLength(0);
  expect(world.openSources).toBe(0);
  expect(world.open).toHaveLength(0);
  expect([...world.wantedNodes.values()]).toEqual([new Set()]);
  expect(events.dropped).toEqual(events.added);
});

it('keeps the list it has while discovery has lost it', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 4 });
  run(1);
  await asked;
  world.replicas = { ...world.replicas, synced: false, endpoints: [] };
  run(2);
  expect(world.open).toHaveLength(1);
});

it('pushes anew when the workload wakes a second time', async () => {
  world.list([pod('a')]);
  const stream = new Stream();
  registry.openPushStream(ref({ idleAfter: '1s' }), stream);
  world.say({ concurrency: 3 });
  run(2, () => world.say({ concurrency: 3 }));
  run(10, () => world.say({ concurrency: 0 }));
  run(2, () => world.say({ concurrency: 3 }));
  expect(stream.sent).toBe(2);
});

it('takes a reading that nothing followed for a bound, not for the present', async () => {
  world.list([pod('a'), pod('bb')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 25 });
  run(1);
  expect((await asked).metricValue).toBe(50);
  run(10, () => world.sayOne(world.open[0], { concurrency: 25 }));
  const [trigger] = registry.all;
  expect(trigger?.state.outcome?.observation.now).toEqual({ low: 25, high: 50 });
});

it('keeps the newest changes of a decision, and no more than people read', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref({ window: '1s', burstWindow: '1s' }));
  world.say({ concurrency: 1 });
  run(1);
  await asked;
  for (let change = 0; change < 30; change++) run(2, () => world.say({ concurrency: change % 2 === 0 ? 95 : 5 }));
  const [trigger] = registry.all;
  expect(trigger?.state.changes).toHaveLength(20);
});

it('counts what one gateway holds though another of it cannot be read', async () => {
  world.list([]);
  world.listGateway([pod('front'), pod('starting', 'starting')]);
  const asked = registry.answer(ref({ gatewayService: 'front' }));
  world.sayOne(world.open[0], { concurrency: 50, running: 0, waiting: 50 });
  world.sayOne(world.open[1], 'fails');
  run(1);
  expect(await asked).toEqual({ metricValue: 50, active: true });
});

it('takes endpoints beyond the limit for unknown, not for idle', async () => {
  world.list(['a', 'bb', 'ccc', 'dddd'].map((name) => pod(name)));
  const asked = registry.answer(ref());
  world.say({ concurrency: 10 });
  run(1);
  expect(await asked).toEqual({ metricValue: 40, active: true });
  expect([...registry.all][0]?.state.outcome?.why).toContain('2 endpoints are beyond --max-endpoints-per-trigger 2');
});

it('looks for the page again when the ports change, and keeps what it knows meanwhile', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 10 });
  run(1);
  await asked;
  world.list([{ ...pod('a'), ports: [{ name: 'http', number: 9000 }] }]);
  run(2);
  expect(world.open.map(({ request }) => request.candidates[0])).toEqual([`http://${pod('a').address}:9000/metrics`]);
  expect((await registry.answer(ref())).metricValue).toBe(10);
});

it('keeps a workload that serves, whichever metric a trigger follows', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref({ metric: 'waiting' }));
  world.say({ concurrency: 10, running: 10, waiting: 0 });
  run(1);
  expect(await asked).toEqual({ metricValue: 0, active: true });
});

it('asks for no other size because of requests with a replica that ends, wherever they are by now', async () => {
  world.list([pod('a'), pod('bb')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 8 });
  run(1);
  await asked;
  world.list([pod('a'), pod('bb', 'terminating')], { replicas: 2 });
  const seen = () => [...registry.all][0]?.state.outcome?.observation.now;
  world.say({ concurrency: 8 });
  run(1);
  expect(seen()).toEqual({ low: 8, high: 16 });
  world.sayOne(world.open[0], { concurrency: 16 });
  run(1);
  expect(seen()).toEqual({ low: 16, high: 24 });
  expect((await registry.answer(ref())).metricValue).toBe(20);
});

it('counts what a replica has that joins others for certain once all of them were read again', async () => {
  world.list([pod('a'), pod('bb', 'starting')]);
  const asked = registry.answer(ref());
  world.sayOne(world.open[0], { concurrency: 9 });
  world.sayOne(world.open[1], 'fails');
  run(1);
  await asked;
  world.list([pod('a'), pod('bb')], { replicas: 1 });
  const seen = () => [...registry.all][0]?.state.outcome?.observation.now;
  const moved = () => {
    world.sayOne(world.open[0], { concurrency: 9 });
    world.sayOne(world.open[1], { concurrency: 5 });
  };
  run(3, moved);
  expect(seen()).toEqual({ low: 9, high: 14 });
  expect((await registry.answer(ref())).metricValue).toBe(10);
  run(2, moved);
  expect(seen()).toEqual({ low: 14, high: 14 });
});

it('counts the first replicas at once: there is none from which their requests could have moved', async () => {
  world.list([pod('a', 'terminating'), pod('bb', 'starting')]);
  const asked = registry.answer(ref());
  world.say('fails');
  run(1);
  await asked;
  world.list([pod('a', 'terminating'), pod('bb')], { replicas: 1 });
  world.sayOne(world.open[1], { concurrency: 25 });
  run(1);
  expect([...registry.all][0]?.state.outcome?.observation.now).toEqual({ low: 25, high: 25 });
});

it('starts nothing at zero for what a pod finishes on its way out', async () => {
  world.list([pod('a', 'terminating')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 1, requestsTotal: 7 });
  run(1);
  expect(await asked).toEqual({ metricValue: 0, active: false });
  run(2, () => world.say({ concurrency: 1, requestsTotal: 8 }));
  expect(await registry.answer(ref())).toEqual({ metricValue: 0, active: false });
});

it('remembers the last minute when a trigger is edited, unless the edit changes what is counted', async () => {
  registry = new TriggerRegistry(world, events, { ...limits, maxTriggersPerNamespace: 3 });
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 12 });
  run(20, () => world.say({ concurrency: 12 }));
  await asked;
  world.say({ concurrency: 0 });
  const edited = registry.answer(ref({ targetValue: '20' }));
  const other = registry.answer(ref({ targetValue: '20', model: 'x' }));
  world.say({ concurrency: 0 });
  run(1);
  expect((await edited).metricValue).toBeGreaterThan(8);
  expect((await edited).active).toBe(true);
  expect(await other).toEqual({ metricValue: 0, active: false });
});

it('lets a trigger that breaks hold, and the others go on', async () => {
  world.list([pod('a')]);
  const good = registry.answer(ref({}, 'good'));
  world.say({ concurrency: 4 });
  run(1);
  await good;
  const list = world.replicas;
  world.replicas = Object.defineProperty({ ...list }, 'endpoints', {
    get: () => {
      throw new Error('a fault of ours');
    },
  });
  const bad = refusal(registry.answer(ref({}, 'bad')));
  expect((await bad).message).toContain("see the scaler's log");
  expect(events.failures).toHaveLength(1);
  world.replicas = list;
  world.say({ concurrency: 4 });
  run(3, () => world.say({ concurrency: 4 }));
  expect((await registry.answer(ref({}, 'good'))).metricValue).toBe(4);
  expect((await registry.answer(ref({}, 'bad'))).metricValue).toBe(4);
});

it('counts the pods that are not terminating where nobody says how many replicas are asked for', async () => {
  const replicas = () => [...registry.all][0]!.state.outcome!.observation.replicas;
  world.list([pod('a')], { replicas: undefined });
  const asked = registry.answer(ref());
  world.say({ concurrency: 4 });
  run(1);
  await asked;
  expect(replicas()).toBe(1);
  world.list([pod('a'), pod('bb', 'terminating')], { replicas: undefined });
  run(1, () => world.say({ concurrency: 4 }));
  expect(replicas()).toBe(1);
});

it('holds while its cycles throw, and does not repeat what it said before', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 4 });
  run(1);
  expect((await asked).metricValue).toBe(4);
  const list = world.replicas;
  world.replicas = Object.defineProperty({ ...list }, 'endpoints', {
    get: () => {
      throw new Error('a fault of ours');
    },
  });
  run(3, () => world.say({ concurrency: 4 }));
  expect((await refusal(registry.answer(ref()))).message).toContain("see the scaler's log");
  expect(events.failures.length).toBeLessThanOrEqual(4);
  world.replicas = list;
  run(2, () => world.say({ concurrency: 4 }));
  expect((await registry.answer(ref())).metricValue).toBe(4);
});

it('keeps a trigger as long as a push stream is open', () => {
  world.list([]);
  registry.openPushStream(ref(), new Stream());
  run(700);
  expect([...registry.all]).toHaveLength(1);
});

it('keeps two triggers apart that differ only in metadata, and takes equal ones for one', async () => {
  world.list([]);
  await registry.answer(ref({ window: '30s', model: 'm' }));
  await registry.answer({ ...ref(), metadata: { model: 'm', window: '30s', targetValue: '10' } });
  expect([...registry.all]).toHaveLength(1);
  await registry.answer(ref({ window: '31s', model: 'm' }));
  expect([...registry.all]).toHaveLength(2);
});

it('has room for so many triggers in all and so many of one namespace', async () => {
  world.list([]);
  await registry.answer(ref({}, 'one'));
  await registry.answer(ref({}, 'two'));
  expect(await refusal(registry.answer(ref({}, 'three')))).toMatchObject({ code: 'limit-reached' });
  await registry.answer(ref({}, 'one', 'other'));
  expect((await refusal(registry.answer(ref({}, 'one', 'third')))).message).toContain('at most 3 triggers');
});

it('refuses what the operator does not allow', async () => {
  const strict = new TriggerRegistry(world, events, { ...limits, refusalOf: () => 'not here' });
  expect(await refusal(strict.answer(ref()))).toMatchObject({ code: 'denied-by-policy', message: 'not here' });
});

it('tells of changes of the decision and not of every ripple', async () => {
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  world.say({ concurrency: 4 });
  run(1);
  await asked;
  run(30, () => world.say({ concurrency: 5 }));
  expect(events.changes).toHaveLength(1);
  run(30, () => world.say({ concurrency: 35 }));
  expect(events.changes.length).toBeGreaterThan(1);
  expect(events.changes.length).toBeLessThan(6);
});

/** A replica that serves beside one whose page fails, and how many of the two count as unreadable. */
function besideOneThatFails(phase: 'starting' | 'ready') {
  world.list([pod('a'), pod('b', phase)]);
  void registry.answer(ref()).catch(() => undefined);
  const says = (): void => {
    world.sayOne(world.open[0], { concurrency: 9 });
    world.sayOne(world.open[1], 'fails');
  };
  return { says, unreadable: () => [...registry.all][0]?.state.outcome?.observation.unreadable };
}

it('does not take a replica for unreadable between its becoming ready and its first scrape since', () => {
  const { says, unreadable } = besideOneThatFails('starting');
  run(3, says);
  world.list([pod('a'), pod('b')]);
  run(0.5);
  expect(unreadable()).toBe(0);
  run(1.5, says);
  expect(unreadable()).toBe(1);
});

it('takes a replica for unreadable that stays silent after it became ready', () => {
  const { says, unreadable } = besideOneThatFails('starting');
  run(3, says);
  world.list([pod('a'), pod('b')]);
  run(3, () => world.sayOne(world.open[0], { concurrency: 9 }));
  expect(unreadable()).toBe(0);
  run(2, () => world.sayOne(world.open[0], { concurrency: 9 }));
  expect(unreadable()).toBe(1);
});

it('takes a replica for unreadable that was ready when it was first seen', () => {
  const { says, unreadable } = besideOneThatFails('ready');
  run(1, says);
  expect(unreadable()).toBe(1);
});

it('takes what a pod says whose owner is not known for possible, never for certain', async () => {
  world.list([pod('a'), { ...pod('x'), isOwnerUnknown: true }], { replicas: 1, notice: 'whose is x?' });
  const asked = registry.answer(ref());
  world.sayOne(world.open[0], { concurrency: 4 });
  world.sayOne(world.open[1], { concurrency: 30 });
  registry.tick();
  expect(await asked).toMatchObject({ metricValue: 10 });
  const [trigger] = registry.all;
  expect(trigger!.state.outcome).toMatchObject({ observation: { now: { low: 4, high: 34 } } });
  expect(trigger!.state.outcome!.why).toContain('whose is x?');
});
