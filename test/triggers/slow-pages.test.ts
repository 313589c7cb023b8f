import { beforeEach, expect, it } from 'vitest';
import type { Observation } from '../../src/aggregation/observation.ts';
import type { Reading } from '../../src/aggregation/reading.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';

let world: FakeWorld;
let registry: TriggerRegistry;
beforeEach(() => {
  world = new FakeWorld();
  registry = new TriggerRegistry(world, new RecordedEvents(), {
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
  metadata: { targetValue: '10', window: '5s', burstWindow: '5s', ...metadata },
});

type Said = number | 'timeout' | 'unreachable' | 'nothing';

/** What one replica's page comes to at the end of a second. */
function readingOf(said: Said, more: object): Reading | undefined {
  if (said === 'nothing') return undefined;
  if (typeof said === 'number') return { ...goodReading(world.now, { concurrency: said }), ...more };
  return { ...failedReading(world.now), failure: said };
}

const observation = (): Observation => [...registry.all][0]!.state.outcome!.observation;

/** Lets the replicas say what stands in their columns, a row a second; returns what was told after each row. */
async function play(rows: readonly (readonly Said[])[], more: object = {}): Promise<number[]> {
  const told: number[] = [];
  for (const row of rows) {
    row.forEach((said, place) => {
      const reading = readingOf(said, more);
      if (reading !== undefined) world.open[place]?.onReading(reading);
    });
    for (let tick = 0; tick < 20; tick++) {
      world.now += 50;
      registry.tick();
    }
    told.push(await registry.answer(ref()).then(({ metricValue }) => metricValue));
  }
  return told;
}

const times = (count: number, row: readonly Said[]): (readonly Said[])[] => Array.from({ length: count }, () => row);

async function started(...names: string[]): Promise<void> {
  world.list(
    names.map((name) => pod(name)),
    { hasFallback: false },
  );
  registry.answer(ref()).catch(() => {});
  await play(
    times(
      10,
      names.map(() => 20),
    ),
  );
}

it('follows servers that print a page only every five seconds while they are saturated', async () => {
  await started('a', 'bb');
  const slow = [...times(4, ['nothing', 'nothing']), [90, 90]] as const;
  const told = await play([...slow, ...slow, ...slow, ...slow], { durationMs: 4800 });
  expect(told.at(-1)).toBe(180);
  expect(observation()).toMatchObject({ unreadable: 0, readable: 2, now: { low: 180, high: 180 } });
  expect([...registry.all][0]!.state.outcome!.why).toContain(
    'a: its page of 50 kB took 4.8 s to come, its server is busy; numbers are as old as that; 1 more such',
  );
});

it('says of a page that costs its server much how seldom it is asked for', async () => {
  await started('a');
  await play([[7]], { durationMs: 1500, bodyBytes: 1_800_000, restMs: 10_000 });
  await play(times(14, ['nothing']));
  expect(observation()).toMatchObject({ now: { low: 7, high: 7 } });
  expect([...registry.all][0]!.state.outcome!.why).toContain(
    'a: its page of 1800 kB took 1.5 s to come, which costs its server so much that it is asked for every 11.5 s only',
  );
});

it('ends within the bounds where an engine of a data-parallel server was killed: frozen, then silent, then refused', async () => {
  await started('a', 'bb');
  // The page goes on for eight seconds with the dead engine's number, hangs until the time-out, and is refused at last.
  const frozen = await play(times(8, [20, 20]));
  const hanging = await play([...times(4, ['nothing', 20]), ['timeout', 20], ...times(2, ['nothing', 20])] as const);
  const refused = await play(times(40, ['unreachable', 20]));
  expect(new Set(frozen)).toEqual(new Set([40]));
  // The other one has 20 for certain: no fewer than two replicas, and no more than the four there were asked for.
  for (const value of [...hanging, ...refused]) {
    expect(value).toBeGreaterThanOrEqual(20);
    expect(value).toBeLessThanOrEqual(40);
  }
  expect(observation()).toMatchObject({ unreadable: 1, now: { low: 20, high: 30 } });
  expect(refused.at(-1)).toBe(20);
});

it('ends within the bounds where a server drains: ready, its page falling, and then refused though still ready', async () => {
  await started('a', 'bb');
  const falling = await play([
    [16, 24],
    [12, 28],
    [8, 32],
    [4, 36],
    [1, 39],
  ]);
  for (const value of falling) expect(value).toBe(40);
  const refused = await play(times(40, ['unreachable', 40]));
  for (const value of refused) {
    expect(value).toBeGreaterThanOrEqual(39);
    expect(value).toBeLessThanOrEqual(50);
  }
  expect(observation()).toMatchObject({ unreadable: 1, now: { low: 40, high: 50 } });
  expect(refused.at(-1)).toBe(40);
});
