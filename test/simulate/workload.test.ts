import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EngineShape } from '../../src/simulate/engine/engine-shape.ts';
import { RequestLog } from '../../src/simulate/traffic/request-log.ts';
import type { WorkloadOptions } from '../../src/simulate/workload.ts';
import { SimulatedWorkload } from '../../src/simulate/workload.ts';

const engine: EngineShape = {
  maxRunning: 4,
  maxStepTokens: 100,
  kvBlocks: 50,
  blockTokens: 10,
  timing: {
    memoryBaseMs: 10,
    memoryPerTokenMs: 0,
    computeBaseMs: 0,
    computePerTokenMs: 0,
    kvPerThousandTokensMs: 0,
    attentionPerMillionPairsMs: 0,
    perSequenceMs: 1,
    overheadMs: 0,
  },
};
const request = { promptTokens: 10, outputTokens: 10 };

function workload(changes: Partial<WorkloadOptions> = {}): Logged {
  return new Logged({ name: 'llama', engine, coldStartMs: 1000, graceMs: 500, ...changes });
}

class Logged extends SimulatedWorkload {
  readonly log: RequestLog;

  constructor(options: WorkloadOptions) {
    const log = new RequestLog();
    super(options, log);
    this.log = log;
  }
}

it('holds what comes while nothing is ready and hands it on the moment something is', () => {
  const load = workload();
  load.submit(request, 100);
  load.setReplicas(1, 200);
  load.submit(request, 300);
  expect([load.heldRequests, load.podsIn('starting').length]).toEqual([2, 1]);
  load.step(5000);
  expect([load.heldRequests, load.podsIn('ready').length, load.log.served]).toEqual([0, 1, 2]);
  // Ready at 1200; the first step takes one request and 11 ms, the second takes both and 12 ms.
  expect(load.log.firstTokenFromZeroMs).toEqual([1111, 923]);
});

it('counts a request that came while a replica was ready as none from zero', () => {
  const load = workload();
  load.setReplicas(1, 0);
  load.submit(request, 1500);
  load.step(5000);
  expect(load.log.firstTokenFromZeroMs).toEqual([]);
  expect(load.log.firstTokenMs).toEqual([11]);
});

it('sends each request to the least loaded ready pod', () => {
  const load = workload();
  load.setReplicas(3, 0);
  load.step(1000);
  for (let index = 0; index < 6; index += 1) load.submit(request, 1000);
  expect(load.pods.map((pod) => pod.engine.runningRequests + pod.engine.waitingRequests)).toEqual([2, 2, 2]);
});

it('ends starting pods first, then the youngest', () => {
  const load = workload();
  load.setReplicas(1, 0);
  load.setReplicas(2, 500);
  load.setReplicas(3, 2000);
  load.setReplicas(2, 2100);
  expect(load.pods.map((pod) => pod.name)).toEqual(['llama-1', 'llama-2']);
  load.setReplicas(1, 2200);
  expect(load.pods.map((pod) => pod.name)).toEqual(['llama-1']);
});

it('lets a terminating pod finish what it has, and gives it nothing new', () => {
  const load = workload();
  load.setReplicas(1, 0);
  load.submit(request, 1000);
  load.setReplicas(0, 1010);
  expect(load.podsIn('terminating')).toHaveLength(1);
  load.submit(request, 1020);
  expect(load.heldRequests).toBe(1);
  load.step(1400);
  expect([load.pods.length, load.log.served, load.log.lost]).toEqual([0, 1, 0]);
});

it('loses what a pod has not finished when its grace is over', () => {
  const load = workload({ graceMs: 50 });
  load.setReplicas(1, 0);
  load.submit(request, 1000);
  load.setReplicas(0, 1010);
  load.step(10_000);
  expect([load.pods.length, load.log.served, load.log.lost]).toEqual([0, 0, 1]);
});

it('loses what a killed pod carried and starts another in its place', async () => {
  const load = workload();
  load.setReplicas(1, 0);
  expect(load.submitTo('llama-1', request, 999)).toBeUndefined();
  const ended = load.log.whenEnded(load.submitTo('llama-1', request, 1000)!);
  load.kill('llama-1', 1020);
  expect(await ended).toBe('lost');
  expect(load.pods.map((pod) => [pod.name, pod.state])).toEqual([['llama-2', 'starting']]);
  expect([load.replicas, load.log.lost]).toEqual([1, 1]);
});

it('starts the first replica and the others after their own spans', () => {
  const load = workload({ coldStartMs: (isFirst) => (isFirst ? 3000 : 100) });
  load.setReplicas(2, 0);
  load.step(3000);
  load.setReplicas(3, 3000);
  load.step(3100);
  expect(load.pods.map((pod) => [pod.readyMs, pod.state])).toEqual([
    [3000, 'ready'],
    [3000, 'ready'],
    [3100, 'ready'],
  ]);
});

it('ends a request that takes longer than is allowed, wherever it is, and the replica works on', () => {
  const load = workload({ timeoutMs: 50 });
  const held = load.submit(request, 0);
  load.setReplicas(1, 0);
  load.step(1000);
  const slow = load.submit({ promptTokens: 10, outputTokens: 30 }, 1000);
  const short = load.submit({ promptTokens: 10, outputTokens: 2 }, 1001);
  load.step(1100);
  expect([held.end, slow.end, short.end]).toEqual(['timed-out', 'timed-out', 'served']);
  expect([load.heldRequests, load.openRequests, load.log.lost]).toEqual([0, 0, 2]);
});

it('loses a client that waits longer for its first token than it likes, and none that has it', () => {
  const load = workload({ patienceMs: 1016 });
  const early = load.submit(request, 0);
  const later = load.submit(request, 4);
  load.setReplicas(1, 4);
  load.step(10_000);
  // The first is read alone from 1004 to 1015, the second after it, to 1027.
  expect([early.end, later.end]).toEqual(['served', 'given-up']);
});

it('counts what pods cost from their creation to their end', () => {
  const load = workload();
  load.setReplicas(2, 0);
  load.submit(request, 1000);
  load.submit(request, 1000);
  load.setReplicas(0, 1010);
  load.step(5000);
  // Both answered within 1000 + 10 · 11 ms.
  expect(load.podMs(5000)).toBe(2 * 1110);
});

it('refuses what fits into no replica, also while there is none', () => {
  expect(() => workload().submit({ promptTokens: 490, outputTokens: 11 }, 0)).toThrow(RangeError);
});

it('accounts for every request at every moment', () => {
  const moves = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 800 }), replicas: fc.integer({ min: -6, max: 4 }) }),
    { minLength: 1, maxLength: 60 },
  );
  const property = fc.property(moves, (steps) => {
    const load = workload();
    let nowMs = 0;
    for (const { afterMs, replicas } of steps) {
      nowMs += afterMs;
      if (replicas >= 0) load.setReplicas(replicas, nowMs);
      else load.submit(request, nowMs);
      const inEngines = load.pods.reduce((sum, pod) => sum + pod.engine.unfinished().length, 0);
      const { submitted, served, lost, unfinished } = load.log;
      expect(served + lost + inEngines + load.heldRequests).toBe(submitted);
      expect(unfinished).toBe(inEngines + load.heldRequests);
      expect(load.pods.filter((pod) => pod.state !== 'terminating')).toHaveLength(load.replicas);
    }
    load.setReplicas(1, nowMs);
    load.step(nowMs + 100_000);
    expect(load.log.unfinished).toBe(0);
  });
  fc.assert(property);
});
