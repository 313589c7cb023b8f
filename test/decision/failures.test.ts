import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BoundWindow } from '../../src/aggregation/bound-window.ts';
import { endpointLoad, pageEvidence } from '../../src/aggregation/endpoint-load.ts';
import type { EndpointMemory } from '../../src/aggregation/endpoint-memory.ts';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import { observe } from '../../src/aggregation/observation.ts';
import type { Decision } from '../../src/decision/decide.ts';
import { decide } from '../../src/decision/decide.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';

const targetValue = 10;
const policy = {
  metric: 'concurrency',
  targetValue,
  aggregation: 'sum',
  windowMs: 60_000,
  burstWindowMs: 6_000,
} as const;
const loadPolicy = { targetValue, currentForMs: 3_800, staleAfterMs: 15_000 };

/** One second of a workload: what each replica carries, and whether its page can be read. */
interface Second {
  readonly loads: readonly number[];
  readonly readable: readonly boolean[];
}

/** Plays a workload second by second through the same steps as a cycle, and says what was decided in each. */
function play(seconds: readonly Second[]): Decision[] {
  const window = new BoundWindow(policy.windowMs, policy.burstWindowMs);
  const memories: EndpointMemory[] = [];
  return seconds.map(({ loads, readable }, second) => {
    const nowMs = second * 1000;
    const seen = loads.map((concurrency, replica) => {
      const reading = readable[replica] ? goodReading(nowMs, { concurrency }) : failedReading(nowMs);
      memories[replica] = remember(memories[replica] ?? emptyMemory, reading, policy);
      return endpointLoad(pageEvidence(memories[replica]), 'ready', loadPolicy, nowMs);
    });
    const observed = { discoverySynced: true, replicas: loads.length, loads: seen, gateway: undefined };
    return decide(observe(observed, window, policy, nowMs), policy);
  });
}

/** Replicas that a decision asks for; a hold asks for none other than there are. */
function askedReplicas(decision: Decision, replicas: number): number {
  return decision.kind === 'hold' ? replicas : Math.ceil(decision.metricValue / targetValue - 1e-9);
}

const replicaCount = fc.integer({ min: 1, max: 8 });
const failurePattern = (replicas: number) =>
  fc.array(fc.array(fc.boolean(), { minLength: replicas, maxLength: replicas }), { minLength: 90, maxLength: 150 });

it('keeps the replica count of a workload on target through any pattern of failures', () => {
  const scenario = replicaCount.chain((replicas) => fc.tuple(fc.constant(replicas), failurePattern(replicas)));
  const property = fc.property(scenario, ([replicas, pattern]) => {
    const loads = Array<number>(replicas).fill(targetValue);
    const settled = Array.from({ length: 70 }, () => ({ loads, readable: loads.map(() => true) }));
    const decisions = play([...settled, ...pattern.map((readable) => ({ loads, readable }))]);
    for (const decision of decisions.slice(60)) expect(askedReplicas(decision, replicas)).toBe(replicas);
  });
  fc.assert(property, { numRuns: 60 });
});

it('never asks for fewer replicas than the same workload fully read, nor for more than it or no change', () => {
  const scenario = replicaCount.chain((replicas) =>
    fc.tuple(
      fc.array(fc.nat(targetValue), { minLength: replicas, maxLength: replicas }),
      failurePattern(replicas),
      fc.constant(replicas),
    ),
  );
  const property = fc.property(scenario, ([loads, pattern, replicas]) => {
    const failing = play(pattern.map((readable) => ({ loads, readable })));
    const reading = play(pattern.map(() => ({ loads, readable: loads.map(() => true) })));
    failing.forEach((decision, second) => {
      const truth = askedReplicas(reading[second]!, replicas);
      const asked = askedReplicas(decision, replicas);
      expect(asked).toBeGreaterThanOrEqual(Math.min(truth, replicas));
      expect(asked).toBeLessThanOrEqual(Math.max(truth, replicas));
    });
  });
  fc.assert(property, { numRuns: 80 });
});

it('does not shrink a workload that has just grown when everything but one replica goes silent', () => {
  const small = Array.from({ length: 60 }, () => ({ loads: [20, 20], readable: [true, true] }));
  const grown = Array.from({ length: 40 }, () => ({
    loads: Array<number>(8).fill(10),
    readable: [true, ...Array<boolean>(7).fill(false)],
  }));
  for (const decision of play([...small, ...grown]).slice(60)) expect(askedReplicas(decision, 8)).toBe(8);
});

it('holds once nothing at all has been readable for longer than a reading stays fresh, and recovers without a dip', () => {
  const loads = [10, 10, 10];
  const up = { loads, readable: [true, true, true] };
  const down = { loads, readable: [false, false, false] };
  const decisions = play([...Array(30).fill(up), ...Array(40).fill(down), ...Array(30).fill(up)]);
  expect(decisions.slice(30, 45).map(({ kind }) => kind)).toEqual(Array(15).fill('report'));
  expect(decisions.slice(46, 70).map(({ kind }) => kind)).toEqual(Array(24).fill('hold'));
  for (const decision of decisions) expect(askedReplicas(decision, 3)).toBe(3);
});

it('follows the readable part once it alone justifies a change', () => {
  const one = { loads: [50, 0], readable: [true, false] };
  expect(askedReplicas(play(Array(80).fill(one)).at(-1)!, 2)).toBe(5);
  const idle = { loads: [0, 0, 0, 0], readable: [true, true, true, false] };
  expect(askedReplicas(play(Array(80).fill(idle)).at(-1)!, 4)).toBe(1);
});
