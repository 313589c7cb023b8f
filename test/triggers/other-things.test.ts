import { beforeEach, expect, it } from 'vitest';
import type { Endpoint } from '../../src/discovery/endpoint.ts';
import type { ScalerError } from '../../src/triggers/scaler-error.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';
import { goodReading } from '../fakes/readings.ts';

/** What was known of one thing never stands for another of the same name or place. */
let world: FakeWorld;
let events: RecordedEvents;
let registry: TriggerRegistry;
beforeEach(() => {
  world = new FakeWorld();
  events = new RecordedEvents();
  registry = new TriggerRegistry(world, events, {
    maxTriggers: 9,
    maxTriggersPerNamespace: 9,
    maxEndpointsPerTrigger: 9,
    idleTimeoutMs: 600_000,
    activationScrapeIntervalMs: 50,
    startingForMs: 600_000,
    refusalOf: () => undefined,
  });
});

const ref = (metadata: Record<string, string> = {}) => ({
  namespace: 'models',
  name: 'llama',
  metadata: { targetValue: '10', idleAfter: '0s', ...metadata },
});

function run(seconds: number, says: () => void): void {
  for (let tick = 0; tick < seconds * 20; tick++) {
    if (tick % 20 === 0) says();
    world.now += 50;
    registry.tick();
  }
}

async function served(concurrency: number, metadata = {}): Promise<void> {
  const asked = registry.answer(ref(metadata));
  run(60, () => world.say({ concurrency }));
  expect(await asked).toMatchObject({ active: true });
}

const words = async (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'an answer',
    (error: ScalerError) => error.message,
  );

it.each([
  ['as it is', {}],
  ['while its metadata is edited too', { targetValue: '20' }],
])('forgets the load of the old scale target when it scales another, %s', async (_name, edited) => {
  world.list([pod('a'), pod('bb')], { subject: 'Deployment llama', hasFallback: false });
  await served(25);
  const synced = { subject: 'Rollout llama', hasFallback: false };
  world.replicas = { ...world.replicas, ...synced, synced: false, endpoints: [], replicas: undefined };
  const unknown = registry.answer(ref(edited));
  run(2, () => world.say({ concurrency: 25 }));
  expect(await words(unknown)).toContain('holding');
  expect(world.open).toEqual([]);
  world.list([pod('ccc')], synced);
  run(2, () => world.say({ concurrency: 0 }));
  const { metricValue, active } = await registry.answer(ref(edited));
  // One replica's worth at most, from the moment before it was read; the old ones had five.
  expect(metricValue).toBeLessThanOrEqual(10);
  expect(active).toBe(false);
});

it('keeps the last minute when the list of the same target is whole again', async () => {
  world.list([pod('a')], { subject: 'Deployment llama' });
  await served(25);
  const list = world.replicas;
  world.replicas = { ...list, synced: false, endpoints: [], replicas: undefined };
  run(2, () => {});
  world.replicas = list;
  run(2, () => world.say({ concurrency: 0 }));
  expect((await registry.answer(ref())).metricValue).toBeGreaterThan(10);
});

it('takes a pod made anew at the same address for another', async () => {
  const first: Endpoint = { ...pod('llama-0'), uid: 'u1' };
  world.list([first, pod('bb')]);
  await served(9);
  world.list([{ ...first, uid: 'u2', phase: 'starting' }, pod('bb')]);
  run(2, () => world.sayOne(world.open.at(0), { concurrency: 0 }));
  const [anew] = [...registry.all][0]!.state.outcome!.sight.moment.replicas.endpoints.filter(
    ({ endpoint }) => endpoint.uid === 'u2',
  );
  expect(anew?.memory.lastLoad).toBeUndefined();
});

it('does not count what a gateway holds whose Service is gone', async () => {
  world.list([]);
  world.listGateway([pod('epp')]);
  const asked = registry.answer(ref({ gatewayService: 'epp' }));
  run(1, () => world.say({ concurrency: 3, waiting: 3 }, 'gateway'));
  expect(await asked).toMatchObject({ active: true });
  world.gateway = { ...world.gateway!, synced: false, endpoints: [], invalid: true, problem: 'no Service "epp"' };
  run(2, () => world.say({ concurrency: 3, waiting: 3 }, 'gateway'));
  expect(world.open).toEqual([]);
  expect([...registry.all][0]!.state.outcome!.observation.requestsInFront).toBeUndefined();
});

it.each([
  ['on another port', { url: 'http://10.0.0.17:9000/metrics' }],
  ['of another engine', { engine: 'sglang' as const }],
])('does not take the request counter of a page %s for requests', async (_name, other) => {
  world.list([pod('a')]);
  const asked = registry.answer(ref());
  const say = (requestsTotal: number, more = {}): void => {
    world.open[0]!.onReading({ ...goodReading(world.now, { concurrency: 0, requestsTotal }), ...more });
  };
  const moved = () => {
    const [watched] = [...registry.all][0]!.state.outcome!.sight.moment.replicas.endpoints;
    return watched!.memory.counters.requestsTotal?.movedMs;
  };
  run(3, () => say(100));
  expect(await asked).toEqual({ metricValue: 0, active: false });
  run(3, () => say(5000, other));
  expect(moved()).toBeUndefined();
  run(1, () => say(5001, other));
  expect(moved()).toBeGreaterThan(0);
});

it('keeps a trigger that KEDA asks about once a polling interval beside one it asks about more often', () => {
  world.list([pod('a')], { pollingIntervalMs: 60_000 });
  const [cached, other] = [ref({ window: '1m' }), ref({ window: '30s' })];
  const ask = (each: typeof cached): void => void registry.answer(each).catch(() => {});
  ask(cached);
  world.now += 10;
  ask(other);
  for (let seconds = 0; seconds < 300; seconds += 15) {
    if (seconds % 60 === 0) ask(cached);
    ask(other);
    run(15, () => world.say({ concurrency: 4 }));
    expect([...registry.all]).toHaveLength(2);
  }
  // It is edited, and so over, once it is left out for more than a polling interval.
  const edited = ref({ window: '45s' });
  for (let seconds = 0; seconds < 105; seconds += 15) {
    ask(edited);
    if (seconds % 60 === 0) ask(other);
    run(15, () => world.say({ concurrency: 4 }));
  }
  expect([...registry.all].map(({ metadata }) => metadata.windowMs).sort()).toEqual([30_000, 45_000]);
});

it('holds from the first cycle that throws, whatever it said before, and answers again a second after the fault', async () => {
  world.list([pod('a')]);
  await served(4);
  const list = world.replicas;
  world.replicas = Object.defineProperty({ ...list }, 'endpoints', {
    get: () => {
      throw new Error('a fault of ours');
    },
  });
  run(1, () => {});
  expect(await words(registry.answer(ref()))).toContain("see the scaler's log");
  expect(events.failures.length).toBeGreaterThan(0);
  world.replicas = list;
  run(2, () => world.say({ concurrency: 4 }));
  expect((await registry.answer(ref())).metricValue).toBe(4);
});
