import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointMemory } from '../../src/aggregation/endpoint-memory.ts';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import { latencyEstimate, latencyWords } from '../../src/aggregation/littles-law.ts';
import { StepWindow } from '../../src/aggregation/step-window.ts';
import type { PresetName } from '../../src/presets/catalogue/preset-name.ts';
import type { Signals } from '../../src/presets/signals.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';
import type { Stay } from './simulated-queue.ts';
import { estimates, spans } from './simulated-queue.ts';

/** Clients that ask again as soon as they are answered: so many are in the server at every moment. */
function closedLoop(clients: number, seconds: number, until: number): Stay[] {
  return Array.from({ length: clients }, (_, client) => {
    const phase = (seconds * client) / clients;
    const stays = Math.ceil((until - phase) / seconds);
    return Array.from({ length: stays }, (__, at) => ({ from: phase + at * seconds, to: phase + (at + 1) * seconds }));
  }).flat();
}

const lastOf = (stays: readonly Stay[], until: number, gauge: 'exact' | 'blind' = 'blind', every = 1) =>
  estimates(stays, until, gauge, every).at(-1)!.estimate;

describe('a server whose gauge shows nothing', () => {
  const loads: [clients: number, seconds: number][] = [
    [5, 0.11],
    [8, 0.24],
    [1, 0.03],
    [40, 1.5],
    [100, 0.7],
  ];
  it.each(loads)('has %d requests of %f s, and is estimated to have them', (clients, seconds) => {
    const estimate = lastOf(closedLoop(clients, seconds, 120), 120);
    // What runs at the moment has not ended, so it is seconds / 2 of the span that is missing, and no more.
    expect(estimate.burst).toBeGreaterThan(clients * (1 - seconds / 6) - 0.3);
    expect(estimate.burst).toBeLessThan(clients * 1.1);
    expect(estimate.window).toBeGreaterThan(clients * (1 - seconds / 60) - 0.1);
    expect(estimate.window).toBeLessThan(clients * 1.02);
    expect(estimate).toMatchObject({ unseenInBurst: estimate.burst, unseenInWindow: estimate.window });
  });

  it('is estimated by no more than the time that its requests took', () => {
    const moment = (max: number) => fc.double({ min: 0.001, max, noNaN: true });
    const queues = fc.array(fc.record({ from: moment(110), took: moment(300) }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(queues, fc.constantFrom(0.5, 1, 3), (queue, every) => {
        const stays = queue.map(({ from, took }) => ({ from, to: from + took }));
        for (const { second, estimate } of estimates(stays, 120, 'blind', every)) {
          const ended = stays.filter(({ to }) => to <= second && to > second - 60 - every);
          const seconds = ended.reduce((sum, { from, to }) => sum + to - from, 0);
          expect(estimate.window).toBeLessThanOrEqual(seconds / 60 + 1e-6);
          const lately = ended.filter(({ to }) => to > second - 6 - every);
          // Whatever they took, each was there for the whole of the span at most.
          expect(estimate.burst).toBeLessThanOrEqual(2 * lately.length);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is read at any pace', () => {
    const stays = closedLoop(10, 0.3, 120);
    for (const every of [0.25, 0.5, 1, 2, 5]) expect(lastOf(stays, 120, 'blind', every).burst).toBeCloseTo(10, 0);
  });
});

describe('a request that takes long', () => {
  const hour = { from: 100 - 3600, to: 100.5 };
  it('counts once when it ends, and for no longer than it was there', () => {
    const made = estimates([hour], 120, 'blind');
    for (const { estimate } of made) expect(estimate.burst).toBeLessThanOrEqual(1);
    for (const { estimate } of made) expect(estimate.window).toBeLessThanOrEqual(1);
    expect(made.at(-1)!.estimate.burst).toBe(0);
  });

  it('counts once among a hundred short ones that end in the same second', () => {
    const short = closedLoop(1, 0.01, 160);
    const made = estimates([...short, hour], 160, 'blind');
    const most = Math.max(...made.map(({ estimate }) => estimate.burst));
    expect(most).toBeGreaterThan(1.5);
    expect(most).toBeLessThan(2.5);
  });

  it('never looks like many, whatever it ends among', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0.02, max: 0.8, noNaN: true }),
      fc.double({ min: 1, max: 100_000, noNaN: true }),
      fc.double({ min: 62, max: 78, noNaN: true }),
      (clients, seconds, took, end) => {
        const short = closedLoop(clients, seconds, 80);
        const made = estimates([...short, { from: end - took, to: end }], 80, 'blind').filter(
          ({ second }) => second > 60,
        );
        // One request, and in its own second the others may look up to twice as long as they were.
        const most = clients * 1.1 + 1 + (clients + 2 * seconds) / 6 + 0.3;
        for (const { estimate } of made) expect(Math.max(estimate.burst, estimate.window)).toBeLessThan(most);
      },
    );
    fc.assert(property, { numRuns: 20 });
  });

  it('adds nothing where the gauge has shown it', () => {
    const made = estimates(closedLoop(30, 40, 200), 200, 'exact').filter(({ second }) => second > 60);
    for (const { estimate } of made) expect(estimate).toMatchObject({ unseenInBurst: 0, unseenInWindow: 0 });
  });

  it('is shown in part where nothing else shows it: all but half of its share of the window', () => {
    const { window } = lastOf(closedLoop(12, 20, 200), 200);
    expect(window).toBeGreaterThan(12 * (1 - 20 / 120) - 0.5);
    expect(window).toBeLessThanOrEqual(12);
  });
});

it('adds little to a gauge that is right', () => {
  const made = estimates(closedLoop(10, 0.5, 120), 120, 'exact').filter(({ second }) => second > 60);
  for (const { estimate } of made) expect(estimate.unseenInBurst).toBeLessThan(0.2);
});

it('is zero for a server that has become idle, once the span is over', () => {
  const made = estimates(closedLoop(5, 0.1, 60), 130, 'blind');
  const at = (second: number) => made.find((one) => one.second === second)!.estimate;
  expect(at(60).burst).toBeCloseTo(5, 0);
  expect(at(68)).toMatchObject({ burst: 0 });
  expect(at(122)).toMatchObject({ burst: 0, window: 0, unseenInBurst: 0, unseenInWindow: 0, meanSeconds: undefined });
});

it('does not begin with less than there is: what was not looked at is no idle time', () => {
  expect(estimates(closedLoop(10, 0.1, 2), 2, 'blind')[0]!.estimate.burst).toBeGreaterThan(9);
});

it('takes requests that are counted when they arrive', () => {
  const steps = new StepWindow(spans.windowMs, spans.burstWindowMs);
  steps.add({ fromMs: 0, toMs: 1000, seconds: 0, count: 3, gauge: 0 });
  steps.add({ fromMs: 1000, toMs: 2000, seconds: 2.7, count: 0, gauge: 0 });
  expect(latencyEstimate(steps, 2000, spans)!.burst).toBeCloseTo(1);
});

it('says in words what the sums show, what the gauge shows, and where it is a lower bound', () => {
  const estimate = { burst: 4.62, window: 3, unseenInBurst: 4.62, unseenInWindow: 3, meanSeconds: 0.1 };
  expect(latencyWords(estimate, 0, 60_000)).toBe('from latency sums: 4.6; gauge 0');
  expect(latencyWords({ ...estimate, meanSeconds: 20 }, undefined, 60_000)).toBe(
    'from latency sums: at least 4.6 (requests of 20 s show when they end); gauge not printed',
  );
});

describe('what a gauge does not show', () => {
  /** Ten seconds in which `requests` of half a second each are always in the server. */
  function estimateBeside(requests: number, gauge: number, isGaugeOfPart = false) {
    const steps = new StepWindow(spans.windowMs, spans.burstWindowMs);
    for (let second = 0; second < 10; second++) {
      const [fromMs, toMs] = [second * 1000, (second + 1) * 1000];
      steps.add({ fromMs, toMs, seconds: requests, count: 2 * requests, gauge });
    }
    return latencyEstimate(steps, 10_000, { ...spans, isGaugeOfPart })!;
  }

  it.each([
    ['all of it where the gauge is blind', 8, 0, 8],
    ['nearly all where it shows next to nothing', 8, 1, 6.5],
    ['nothing where the gauge shows most of it: the two differ by some requests either way', 9, 7, 0],
    ['nothing where the gauge shows more', 6, 7, 0],
  ])('is %s', (_what, requests, gauge, unseen) => {
    const estimate = estimateBeside(requests, gauge);
    // What lies at the edge of a span counts for its part inside.
    expect(Math.abs(estimate.unseenInBurst - unseen)).toBeLessThan(0.6);
  });

  it('is all the rest where the gauge is that of a part', () => {
    expect(Math.abs(estimateBeside(9, 7, true).unseenInBurst - 2)).toBeLessThan(0.6);
  });
});

describe('what is remembered of an endpoint', () => {
  const policy = { metric: 'concurrency', ...spans } as const;
  const says = (second: number, engine: PresetName, signals: Partial<Signals>) => ({
    ...goodReading(second * 1000, signals),
    engine,
  });
  /** Five requests of 0.1 s at every moment, and then what is said of them. */
  function remembered(seconds: number, engine: PresetName, more: (second: number) => Partial<Signals>): EndpointMemory {
    return Array.from({ length: seconds }, (_, second) =>
      says(second, engine, { requestSecondsSum: 5 * second, requestSecondsCount: 50 * second, ...more(second) }),
    ).reduce((memory, reading) => remember(memory, reading, policy), emptyMemory);
  }

  it('has what the gauge does not show', () => {
    expect(remembered(20, 'vllm', () => ({ concurrency: 0 }))).toMatchObject({
      lastLoad: 0,
      estimate: { burst: 5, unseenInBurst: 5 },
    });
    expect(remembered(20, 'vllm', () => ({ concurrency: 5 })).estimate).toMatchObject({ unseenInBurst: 0 });
  });

  it('has a load where latency sums are all there is, and knows none from one page', () => {
    expect(remembered(20, 'triton', () => ({ waiting: 2 }))).toMatchObject({
      lastLoad: 2,
      estimate: { unseenInBurst: 3 },
    });
    expect(remembered(1, 'triton', () => ({ waiting: 2 }))).toMatchObject({ lastLoad: undefined, estimate: undefined });
  });

  it('does not know from one page what a gauge may not show, of a server that has served', () => {
    const served = (concurrency: number) => () => ({ concurrency, requestSecondsSum: 90, requestSecondsCount: 30 });
    expect(remembered(1, 'vllm', served(0))).toMatchObject({ lastLoad: undefined });
    expect(remembered(1, 'vllm', served(4))).toMatchObject({ lastLoad: 4, isPartial: true });
    expect(remembered(2, 'vllm', served(0))).toMatchObject({ lastLoad: 0, isPartial: false });
    expect(remembered(2, 'vllm', served(4))).toMatchObject({ lastLoad: 4, isPartial: false });
    // Who has never served has nothing to hide.
    const fresh = () => ({ concurrency: 0, requestSecondsSum: 0, requestSecondsCount: 0 });
    expect(remembered(1, 'vllm', fresh)).toMatchObject({ lastLoad: 0, isPartial: false });
  });

  it('has no load of an engine whose gauge is gone: latency sums stand in for none', () => {
    expect(remembered(20, 'vllm', () => ({})).lastLoad).toBeUndefined();
  });

  it('has a lull after a counter fell, not its whole value in one second', () => {
    const restarted = (second: number) =>
      second < 12 ? {} : { requestSecondsSum: 900 + second, requestSecondsCount: 10 };
    const memory = remembered(13, 'triton', restarted);
    expect(remembered(12, 'triton', restarted).estimate).toMatchObject({ burst: 5 });
    expect(memory.estimate).toMatchObject({ burst: 5 });
    expect(
      remember(memory, says(13, 'triton', { requestSecondsSum: 2, requestSecondsCount: 20 }), policy).steps,
    ).toBeUndefined();
  });

  it('has no estimate of pages that several servers print in turn', () => {
    const inTurn = (second: number) => ({ concurrency: 1, requestSecondsSum: (second % 2) * 900 + second });
    for (let seconds = 3; seconds < 40; seconds++) expect(remembered(seconds, 'vllm', inTurn).estimate).toBeUndefined();
  });

  it('has an idle server as idle where no latency is printed and its request counter stands still', () => {
    const leaked = (requestsTotal: number) => ({
      requestSecondsSum: undefined,
      requestSecondsCount: undefined,
      requestsTotal,
    });
    const idle = remembered(5, 'tei', () => leaked(2000));
    expect(idle).toMatchObject({ lastLoad: 0, estimate: { burst: 0 } });
    const moved = remember(idle, says(5, 'tei', leaked(2001)), policy);
    expect(moved).toMatchObject({ lastLoad: 0, lastLoadMs: 4000 });
  });

  it('spreads what came while nothing could be read over that time', () => {
    const before = remembered(20, 'vllm', () => ({ concurrency: 0 }));
    const failed = [20, 21, 22, 23].reduce((memory, at) => remember(memory, failedReading(at * 1000), policy), before);
    const back = remember(
      failed,
      says(24, 'vllm', { concurrency: 0, requestSecondsSum: 120, requestSecondsCount: 1200 }),
      policy,
    );
    expect(back.estimate!.burst).toBeCloseTo(5);
  });

  it('has nothing of gateways, whose gauges count from arrival to end', () => {
    expect(remembered(20, 'dynamo-frontend', () => ({ concurrency: 0 })).estimate).toBeUndefined();
  });
});
