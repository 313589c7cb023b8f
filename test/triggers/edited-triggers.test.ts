import { beforeEach, expect, it } from 'vitest';
import type { PushStream } from '../../src/triggers/answers.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';

const maxTriggersPerNamespace = 3;

let world: FakeWorld;
let events: RecordedEvents;
let registry: TriggerRegistry;
beforeEach(() => {
  world = new FakeWorld();
  world.list([pod('a')]);
  events = new RecordedEvents();
  registry = new TriggerRegistry(world, events, {
    maxTriggers: 4,
    maxTriggersPerNamespace,
    maxEndpointsPerTrigger: 2,
    idleTimeoutMs: 600_000,
    activationScrapeIntervalMs: 50,
    startingForMs: 1_800_000,
    refusalOf: () => undefined,
  });
});

const ref = (targetValue: string, name = 'llama') => ({ namespace: 'models', name, metadata: { targetValue } });
const stream: PushStream = { sendActive: () => true };

/** Lets time pass; each replica says the same once a second, and KEDA polls these triggers. */
function run(seconds: number, polled: readonly ReturnType<typeof ref>[] = [], everySeconds = 5): void {
  for (let second = 0; second < seconds; second++) {
    if (second % everySeconds === 0) for (const each of polled) poll(each);
    world.say({ concurrency: 4 });
    for (let tick = 0; tick < 20; tick++) {
      world.now += 50;
      registry.tick();
    }
  }
}

function poll(each: ReturnType<typeof ref>): void {
  registry.metricSpec(each);
  registry.answer(each).catch(() => {});
}

/** The triggers that are followed, by their target. */
function targets(): number[] {
  return [...registry.all].map(({ metadata }) => metadata.targetValue).sort((a, b) => a - b);
}

it('ends what an edit has left behind, with its scrapes, within a minute', () => {
  run(30, [ref('10')]);
  run(5, [ref('20')]);
  expect(targets()).toEqual([10, 20]);
  run(50, [ref('20')]);
  expect(targets()).toEqual([20]);
  expect(world.open).toHaveLength(1);
  expect(world.openSources).toBe(1);
  expect(events.dropped).toHaveLength(1);
});

it('keeps the edited trigger while calls with the old metadata are still answered, and until the new one was asked long enough', () => {
  run(30, [ref('10')]);
  poll(ref('20'));
  run(4);
  poll(ref('10'));
  run(29, [ref('20')]);
  expect(targets()).toEqual([10, 20]);
  run(20, [ref('20')]);
  expect(targets()).toEqual([20]);
});

it.each([
  ['every five seconds', 5],
  ['every half minute, as KEDA does by default', 30],
  ['every five minutes', 300],
])('keeps two triggers of one ScaledObject that are both asked about %s', (_name, everySeconds) => {
  run(1200, [ref('10'), ref('20')], everySeconds);
  expect(targets()).toEqual([10, 20]);
  expect(events.dropped).toHaveLength(0);
});

it('keeps both where one comes to be asked about seconds after the other', () => {
  for (let round = 0; round < 5; round++) {
    poll(ref('20'));
    run(2);
    poll(ref('10'));
    run(298);
  }
  expect(targets()).toEqual([10, 20]);
  expect(events.dropped).toHaveLength(0);
});

it('keeps a trigger of whose values KEDA has a cache: it asks for its name alone', () => {
  poll(ref('10'));
  for (let second = 0; second < 300; second += 15) {
    registry.metricSpec(ref('10'));
    run(15, [ref('20')], 15);
  }
  expect(targets()).toEqual([10, 20]);
});

it('keeps a trigger with an open push stream, whatever else is asked about', () => {
  run(10, [ref('10')]);
  const close = registry.openPushStream(ref('10'), stream);
  run(120, [ref('20')]);
  expect(targets()).toEqual([10, 20]);
  close();
  run(120, [ref('20')]);
  expect(targets()).toEqual([20]);
});

it('keeps triggers that nobody asks about while nobody asks about the others of the ScaledObject either', () => {
  run(10, [ref('10')]);
  run(10, [ref('20')]);
  run(300);
  expect(targets()).toEqual([10, 20]);
});

it('ends no trigger of another ScaledObject', () => {
  run(10, [ref('10', 'llama')]);
  run(120, [ref('20', 'qwen')]);
  expect(targets()).toEqual([10, 20]);
});

it('follows edit after edit, and an edit back', () => {
  for (const target of ['10', '20', '30', '10']) run(60, [ref(target)]);
  expect(targets()).toEqual([10]);
  expect(events.dropped).toHaveLength(3);
});

it('makes room for an edit where a namespace has used its places, and keeps what was seen', async () => {
  const names = ['one', 'two', 'three'];
  run(
    30,
    names.map((name) => ref('10', name)),
  );
  await expect(registry.answer(ref('10', 'four'))).rejects.toMatchObject({ code: 'limit-reached' });
  const others = [ref('10', 'one'), ref('10', 'two')];
  run(25, [...others, ref('20', 'three')]);
  expect(targets()).toEqual([10, 10, 10]);
  run(40, [...others, ref('20', 'three')]);
  expect(targets()).toEqual([10, 10, 20]);
  expect(await registry.answer(ref('20', 'three'))).toEqual({ metricValue: 4, active: true });
  await expect(registry.answer(ref('10', 'four'))).rejects.toMatchObject({ code: 'limit-reached' });
});

it('counts what it refuses, by the limit that is reached', async () => {
  for (let nth = 0; nth < maxTriggersPerNamespace; nth++) poll(ref('10', `name-${nth}`));
  await expect(registry.answer(ref('10', 'more'))).rejects.toThrow(
    'this scaler follows at most 3 triggers of one namespace; "models" has used them',
  );
  poll({ ...ref('10'), namespace: 'other' });
  await expect(registry.answer({ ...ref('10'), namespace: 'third' })).rejects.toThrow(
    'this scaler follows at most 4 triggers; all places are taken',
  );
  expect(events.limits).toEqual(['triggers-per-namespace', 'triggers']);
});

it('starts a new window when an edit changes its span, and keeps the old one when it does not', async () => {
  const written = (metadata: Record<string, string>) => ({
    ...ref('10'),
    metadata: { targetValue: '10', ...metadata },
  });
  run(60, [ref('10')]);
  const valueNow = async (metadata: Record<string, string>) => {
    const asked = registry.answer(written(metadata));
    world.say({ concurrency: 0 });
    world.now += 50;
    registry.tick();
    return (await asked).metricValue;
  };
  expect(await valueNow({ idleAfter: '70s' })).toBeGreaterThan(3);
  expect(await valueNow({ window: '30s' })).toBe(0);
});
