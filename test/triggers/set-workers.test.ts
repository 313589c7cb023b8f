import { beforeEach, expect, it } from 'vitest';
import type { ReadingFailure } from '../../src/aggregation/reading.ts';
import type { Endpoint, EndpointPhase } from '../../src/discovery/endpoint.ts';
import { WORKER_AFTER_MS } from '../../src/triggers/set-workers.ts';
import { statusOf } from '../../src/triggers/status-of.ts';
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
    maxEndpointsPerTrigger: 20,
    idleTimeoutMs: 6_000_000,
    activationScrapeIntervalMs: 50,
    startingForMs: 600_000,
    refusalOf: () => undefined,
  });
});

const ofSet = (name: string, phase: EndpointPhase = 'ready'): Endpoint => ({
  ...pod(name, phase),
  ofStatefulSet: 'llama',
});
const head = ofSet('llama-0');
const set = [head, ofSet('llama-1'), ofSet('llama-2'), ofSet('llama-3')];

/** What each pod of a list says: requests, or why nothing came. */
type Says = Readonly<Record<string, number | ReadingFailure>>;
const headOnly: Says = { 'llama-0': 20, 'llama-1': 'refused', 'llama-2': 'refused', 'llama-3': 'refused' };

function play(endpoints: readonly Endpoint[], says: Says, forMs: number): void {
  const ref = { namespace: 'models', name: 'llama', metadata: { targetValue: '8', scrapeInterval: '5s' } };
  const endMs = world.now + forMs;
  while (world.now < endMs) {
    world.list(endpoints);
    registry.answer(ref).catch(() => {});
    for (const { request, onReading } of world.open) {
      const { name } = endpoints.find(({ address }) => request.candidates[0]!.includes(`//${address}:`))!;
      const said = says[name]!;
      const good = (concurrency: number) => goodReading(world.now, { concurrency, requestsTotal: world.now });
      onReading(typeof said === 'number' ? good(said) : { ...failedReading(world.now), failure: said });
    }
    world.now += 5_000;
    registry.tick();
  }
}

function seen() {
  const [trigger] = registry.all;
  const { now, readable, unreadable } = trigger!.state.outcome!.observation;
  return { ...now, readable, unreadable, why: trigger!.state.outcome!.why };
}
const unknownYet = { low: 20, high: 44, readable: 1, unreadable: 3 };
const known = { low: 20, high: 20, readable: 1, unreadable: 0 };

it('counts pods without a page as workers of the one that prints the load, once they were silent for long', () => {
  play(set, headOnly, WORKER_AFTER_MS - 5_000);
  expect(seen()).toMatchObject(unknownYet);
  play(set, headOnly, 15_000);
  expect(seen()).toMatchObject(known);
  expect(seen().why).toContain('3 pods have no page of their own: counted as workers of llama-0');
  const [trigger] = registry.all;
  const [, worker] = statusOf(trigger!, undefined, world.now).endpoints;
  expect(worker).toMatchObject({ state: 'not-serving', bounds: { low: 0, high: 0 } });
  expect(worker!.problems).toContain('it has no page of its own: counted as a worker of llama-0');
});

it('takes workers for unknown again while the pod that prints the load is not read', () => {
  play(set, headOnly, WORKER_AFTER_MS + 15_000);
  play(set, { ...headOnly, 'llama-0': 'timeout' }, 10_000);
  expect(seen()).toMatchObject({ low: 0, high: 44, unreadable: 3 });
  play(set, headOnly, 10_000);
  expect(seen()).toMatchObject(known);
});

it('begins anew with a connection that is not refused, and with a pod that is not ready', () => {
  play(set, headOnly, WORKER_AFTER_MS - 50_000);
  play(set, { ...headOnly, 'llama-1': 'timeout' }, 5_000);
  const unready = [set[0]!, set[1]!, ofSet('llama-2', 'starting'), set[3]!];
  play(unready, headOnly, 5_000);
  play(set, headOnly, 60_000);
  expect(seen()).toMatchObject({ low: 20, high: 36, unreadable: 2 });
  play(set, headOnly, WORKER_AFTER_MS);
  expect(seen()).toMatchObject(known);
});

it('begins anew with a pod that was not ready between two readings', () => {
  play(set, headOnly, WORKER_AFTER_MS - 50_000);
  world.list([head, ofSet('llama-1', 'starting'), set[2]!, set[3]!]);
  world.now += 1_000;
  registry.tick();
  play(set, headOnly, 60_000);
  expect(seen()).toMatchObject({ low: 20, high: 28, unreadable: 1 });
});

const never: [string, readonly Endpoint[], Says][] = [
  ['a new replica whose page times out', set, { ...headOnly, 'llama-1': 'timeout' }],
  ['one that a network policy hides', set, { ...headOnly, 'llama-1': 'unreachable' }],
  ['one whose page is not found', set, { ...headOnly, 'llama-1': 'not-found' }],
  ['one of no StatefulSet', [head, pod('llama-1'), ofSet('llama-2')], headOnly],
  ['one of a lower ordinal', set, { ...headOnly, 'llama-0': 'refused', 'llama-1': 20 }],
];
it.each(never)('counts as no worker, however long it is silent: %s', (_name, endpoints, says) => {
  play(endpoints, says, 2 * WORKER_AFTER_MS);
  expect(seen()).toMatchObject({ low: 20, high: 28, unreadable: 1 });
});

it('counts as no worker a pod that once had a page', () => {
  play(set, { ...headOnly, 'llama-1': 3 }, 20_000);
  play(set, headOnly, 2 * WORKER_AFTER_MS);
  expect(seen()).toMatchObject({ low: 20, high: 28, unreadable: 1 });
});
