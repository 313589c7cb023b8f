import { beforeEach, expect, it } from 'vitest';
import type { EndpointPhase } from '../../src/discovery/endpoint.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';

let world: FakeWorld;
let registry: TriggerRegistry;

beforeEach(() => {
  world = new FakeWorld();
  registry = new TriggerRegistry(world, new RecordedEvents(), {
    maxTriggers: 10,
    maxTriggersPerNamespace: 10,
    maxEndpointsPerTrigger: 100,
    idleTimeoutMs: 600_000,
    activationScrapeIntervalMs: 50,
    startingForMs: 600_000,
    refusalOf: () => undefined,
  });
});

/** A second in which two replicas are so, and their pages say these requests or can't be read. */
async function second(phases: readonly EndpointPhase[], says: readonly (number | 'fails')[]): Promise<number> {
  const metadata = { targetValue: '10', window: '1s', burstWindow: '1s', scrapeTimeout: '500ms' };
  world.list(phases.map((phase, index) => pod(`llama-${index}`, phase)));
  const asked = registry.answer({ namespace: 'models', name: 'llama', metadata });
  world.open.forEach((scrape, index) => {
    const said = says[index]!;
    world.sayOne(scrape, said === 'fails' ? 'fails' : { concurrency: said });
  });
  world.now += 1000;
  registry.tick();
  return (await asked).metricValue;
}

it('takes one that was ready and never read for unknown, ready or not', async () => {
  await second(['ready', 'ready'], [8, 'fails']);
  for (let turn = 0; turn < 3; turn++) await second(['ready', 'starting'], [8, 'fails']);
  expect(await second(['ready', 'starting'], [8, 'fails'])).toBe(18);
});

it('takes one that never was ready and never read for idle', async () => {
  await second(['ready', 'starting'], [8, 'fails']);
  expect(await second(['ready', 'starting'], [8, 'fails'])).toBe(8);
});

it('does not bound one that rejoins the others by what it said before', async () => {
  await second(['ready', 'ready'], [8, 8]);
  await second(['ready', 'starting'], [8, 0]);
  await second(['ready', 'ready'], [8, 'fails']);
  await second(['ready', 'ready'], [8, 'fails']);
  expect(await second(['ready', 'ready'], [8, 'fails'])).toBe(18);
});
