import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EndpointPhase } from '../../src/discovery/endpoint.ts';
import { statusOf } from '../../src/triggers/status-of.ts';
import { TriggerRegistry } from '../../src/triggers/trigger-registry.ts';
import type { TriggerStatus } from '../../src/triggers/trigger-status.ts';
import { FakeWorld, pod, RecordedEvents } from '../fakes/fake-world.ts';

const options = {
  maxTriggers: 10,
  maxTriggersPerNamespace: 10,
  maxEndpointsPerTrigger: 100,
  idleTimeoutMs: 600_000,
  activationScrapeIntervalMs: 50,
  startingForMs: 1_800_000,
  refusalOf: () => undefined,
};

/** The sum a reader of the page would do: the endpoints, and what stands in front, each request once. */
function sumOf({ endpoints, gateway }: TriggerStatus): { low: number; high: number } {
  const counted = endpoints.filter(({ state }) => state !== 'not-serving').map(({ bounds }) => bounds);
  const engines = (part: 'low' | 'high') => counted.reduce((total, bounds) => total + bounds[part], 0);
  const { held = 0, inFlight = 0, unknown = 0 } = gateway ?? {};
  return {
    low: Math.max(engines('low'), inFlight) + held,
    high: Math.max(engines('high'), inFlight) + held + unknown,
  };
}

type Step = (world: FakeWorld, registry: TriggerRegistry) => void;

const load = fc.nat(40);
const phases: readonly EndpointPhase[] = ['ready', 'ready', 'starting', 'terminating'];
const step: fc.Arbitrary<Step> = fc.oneof(
  load.map(
    (concurrency): Step =>
      (world) =>
        world.say({ concurrency }),
  ),
  fc.tuple(load, fc.nat(5)).map(
    ([concurrency, at]): Step =>
      (world) =>
        world.sayOne(world.open[at], { concurrency }),
  ),
  fc.nat(5).map(
    (at): Step =>
      (world) =>
        world.sayOne(world.open[at], 'fails'),
  ),
  fc.tuple(load, load).map(
    ([running, waiting]): Step =>
      (world) =>
        world.say({ running, waiting, concurrency: running + waiting }, 'gateway'),
  ),
  fc.constant<Step>((world) => world.say('fails', 'gateway')),
  fc.array(fc.constantFrom(...phases), { minLength: 1, maxLength: 5 }).map(
    (all): Step =>
      (world) =>
        world.list(
          all.map((phase, at) => pod(`r${at}`, phase)),
          { replicas: Math.max(1, all.length - 1) },
        ),
  ),
  fc.integer({ min: 10, max: 3000 }).map(
    (ms): Step =>
      (world, registry) => {
        world.now += ms;
        registry.tick();
      },
  ),
);

it('shows parts that add up to the number beside them, whenever it is looked at', async () => {
  let looks = 0;
  const addsUp = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
    const world = new FakeWorld();
    const registry = new TriggerRegistry(world, new RecordedEvents(), options);
    world.list([pod('r0'), pod('r1')]);
    world.listGateway([pod('front')]);
    const metadata = { targetValue: '10', gatewayService: 'front' };
    void registry.answer({ namespace: 'models', name: 'llama', metadata }).catch(() => undefined);
    for (const take of steps) {
      take(world, registry);
      world.now += 7;
      const status = statusOf([...registry.all][0]!, undefined, world.now);
      if (status.now === undefined || status.endpoints.length === 0) continue;
      looks += 1;
      const sum = sumOf(status);
      expect(status.now.low).toBeCloseTo(sum.low, 9);
      // Replicas that went with all others have no row: what they would carry is possible on top.
      if (!/went with all others/.test(status.why)) expect(status.now.high).toBeCloseTo(sum.high, 9);
    }
    registry.close();
  });
  await fc.assert(addsUp, { numRuns: 150 });
  expect(looks).toBeGreaterThan(1000);
});
