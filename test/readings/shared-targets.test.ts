import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ChooseAccess } from '../../src/readings/shared-targets.ts';
import { SharedTargets } from '../../src/readings/shared-targets.ts';
import type { TargetSpec, ToWorker } from '../../src/readings/thread-protocol.ts';
import type { ScrapeRequest } from '../../src/triggers/world.ts';

const request: ScrapeRequest = {
  namespace: 'models',
  scaledObject: 'llama',
  candidates: ['http://10.0.0.1:8000/metrics'],
  intervalMs: 1000,
  timeoutMs: 800,
  isNamed: false,
  role: 'replica',
  engine: { kind: 'auto' },
  models: undefined,
  route: undefined,
};

class Thread {
  readonly told: ToWorker[] = [];
  readonly targets: SharedTargets;
  #nextInterestId = 1;

  constructor(chooseAccess: ChooseAccess = () => undefined) {
    const send = (message: ToWorker): number => this.told.push(message);
    this.targets = new SharedTargets({ nowMs: () => 0, send, chooseAccess, held: () => undefined });
  }

  lease(changes: Partial<ScrapeRequest> = {}) {
    const asked = { ...request, ...changes };
    const { role, engine, models, route } = asked;
    return this.targets.lease(asked, this.#nextInterestId++, { role, engine, models, route });
  }

  /** What is to be read now. */
  get all(): readonly TargetSpec[] {
    return this.targets.all();
  }
}

it('reads a page once for all who ask for it alike, at the shortest interval', () => {
  const thread = new Thread();
  thread.lease();
  thread.lease({ intervalMs: 500, models: ['llama'], route: 'models/llama' });
  expect(thread.all).toMatchObject([{ interestIds: [1, 2], intervalMs: 500, timeoutMs: 800 }]);
});

it.each([
  ['a URL that a tenant named, which is read under a stricter network policy than a pod', { isNamed: true }],
  ["a gateway's page, which must not pass for a replica's", { role: 'gateway' }],
  ['another engine', { engine: { kind: 'preset', name: 'vllm' } }],
  ['another time-out', { timeoutMs: 900 }],
  ['other candidates', { candidates: ['http://10.0.0.1:8000/metrics', 'http://10.0.0.1:8000/queue'] }],
] as [string, Partial<ScrapeRequest>][])('reads apart: %s', (_name, changes) => {
  const thread = new Thread();
  thread.lease();
  thread.lease(changes);
  expect(thread.all.map(({ interestIds }) => interestIds)).toEqual([[1], [2]]);
  expect(thread.all[1]!.isNamed).toBe(changes.isNamed === true);
});

it("reads apart what one tenant's credential opens and another tenant has none for", () => {
  const thread = new Thread((reader) =>
    reader !== 'gpu-exporters' && reader.namespace === 'models' ? [0] : undefined,
  );
  thread.lease();
  thread.lease({ namespace: 'staging' });
  expect(thread.all.map(({ accessPlaces }) => accessPlaces)).toEqual([[0], undefined]);
});

it.each([
  ['one trigger', [{}, {}], { tenant: 'models', trigger: 'llama' }],
  ['several triggers of one tenant', [{}, { scaledObject: 'qwen' }], { tenant: 'models', trigger: '' }],
  ['several tenants, none of whom waits for it alone', [{}, { namespace: 'staging' }], { tenant: '', trigger: '' }],
])('charges a page to %s', (_name, all, owner) => {
  const thread = new Thread();
  for (const changes of all) thread.lease(changes);
  expect(thread.all).toMatchObject([{ owner }]);
});

it('forgets a target with the last who reads it, and tells the thread', async () => {
  const thread = new Thread();
  const leases = [thread.lease(), thread.lease()];
  await delay(20);
  leases[0]!.release();
  await delay(20);
  expect(thread.told.map((message) => message.kind)).toEqual(['set', 'set']);
  expect(thread.all).toMatchObject([{ interestIds: [2] }]);
  leases[1]!.release();
  expect(thread.told.at(-1)).toEqual({ kind: 'remove', id: 1 });
  expect(thread.all).toEqual([]);
});
