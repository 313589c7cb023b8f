import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/simulate/engine/engine.ts';
import { Engine } from '../../../src/simulate/engine/engine.ts';
import type { EngineShape } from '../../../src/simulate/engine/engine-shape.ts';
import type { EngineRequest } from '../../../src/simulate/engine/sequence.ts';
import { stepMs } from '../../../src/simulate/engine/step-timing.ts';
import { runStepwise } from './stepwise-engine.ts';

interface Named extends EngineRequest {
  readonly id: string;
}

const shape: EngineShape = {
  maxRunning: 4,
  maxStepTokens: 100,
  kvBlocks: 20,
  blockTokens: 10,
  timing: {
    memoryBaseMs: 10,
    memoryPerTokenMs: 0.1,
    computeBaseMs: 0,
    computePerTokenMs: 0,
    kvPerThousandTokensMs: 0,
    attentionPerMillionPairsMs: 0,
    perSequenceMs: 1,
    overheadMs: 0,
  },
};

function running(requests: number, changes: Partial<EngineShape> = {}): Engine<Named> {
  const engine = new Engine<Named>({ ...shape, ...changes }, 0);
  for (let index = 0; index < requests; index += 1) {
    engine.submit({ id: `r${index}`, promptTokens: 10, outputTokens: 20 }, 0);
  }
  return engine;
}

it('reads the prompt in one step and then gives a token a step', () => {
  const engine = running(1);
  // Prompt step: 10 + 10 · 0.1 + 1 = 12 ms; each further step 11.1 ms.
  expect(engine.advance(11.9)).toEqual([]);
  expect(engine.advance(12)).toMatchObject([{ kind: 'first-token', request: { id: 'r0' }, atMs: 12 }]);
  const [end] = engine.advance(1000);
  expect(end).toMatchObject({ kind: 'finished', request: { id: 'r0' } });
  expect(end!.atMs).toBeCloseTo(12 + 19 * 11.1);
});

it('reads a long prompt in chunks', () => {
  const engine = new Engine<Named>(shape, 0);
  engine.submit({ id: 'long', promptTokens: 150, outputTokens: 2 }, 0);
  // 100 tokens: 10 + 1 + 10 = 21 ms, then 50: 10 + 1 + 5 = 16 ms.
  expect(engine.advance(36.9)).toEqual([]);
  expect(engine.advance(37)).toMatchObject([{ kind: 'first-token', request: { id: 'long' }, atMs: 37 }]);
});

it('takes longer steps for larger batches', () => {
  const spans = [1, 2, 4].map((requests) => running(requests).advance(10_000).at(-1)!.atMs);
  expect(spans[0]).toBeLessThan(spans[1]!);
  expect(spans[1]).toBeLessThan(spans[2]!);
});

it('adds the share of each request to every step', () => {
  const firstTokens = running(4)
    .advance(1000)
    .filter((event) => event.kind === 'first-token');
  const ends = [1, 2].map((requests) => running(requests).advance(10_000).at(-1)!.atMs);
  // The first takes its prompt alone (12 ms), the others theirs together while it gives its second token (17.1 ms).
  const others = expect.closeTo(29.1);
  expect(firstTokens.map((event) => event.atMs)).toEqual([12, others, others, others]);
  // Alone: 12 + 19 · 11.1. Two: 12, then 13.1 with the other's prompt, 18 steps of both at 12.2, one of the other alone.
  expect(ends[0]).toBeCloseTo(12 + 19 * 11.1);
  expect(ends[1]).toBeCloseTo(12 + 13.1 + 18 * 12.2 + 11.1);
});

it('takes longer for a step the more the decoding sequences have in the cache', () => {
  const timing = { ...shape.timing, memoryPerTokenMs: 0, kvPerThousandTokensMs: 100 };
  const end = running(1, { timing }).advance(10_000).at(-1)!;
  // After the prompt of 11 ms the cache holds 11 tokens, then 12, up to 29: a tenth of a millisecond each.
  expect(end.atMs).toBeCloseTo(11 + 19 * 11 + (0.1 * (11 + 29) * 19) / 2);
});

it('pays for the pairs of a long prompt, chunk by chunk', () => {
  const timing = { ...shape.timing, memoryPerTokenMs: 0, attentionPerMillionPairsMs: 1000 };
  const engine = new Engine({ ...shape, timing }, 0);
  engine.submit({ promptTokens: 150, outputTokens: 1 }, 0);
  // 100 tokens see half of themselves, the next 50 see 100 and half of themselves.
  expect(engine.advance(1000).at(-1)!.atMs).toBeCloseTo(11 + 100 * 50 * 0.001 + 11 + 50 * 125 * 0.001);
});

it('takes the larger of the memory-bound and the compute-bound line', () => {
  const timing = { ...shape.timing, memoryPerTokenMs: 0, computePerTokenMs: 0.2 };
  const spanOf = (tokens: number) => stepMs(timing, { sequences: 1, tokens, decodingTokens: 0, attentionPairs: 0 });
  expect([spanOf(1), spanOf(50), spanOf(100)]).toEqual([11, 11, 21]);
});

it('lets what does not fit into the batch wait', () => {
  const engine = running(7);
  engine.advance(50);
  expect([engine.runningRequests, engine.waitingRequests]).toEqual([4, 3]);
});

it('sends the youngest back when the cache is full, and still finishes all', () => {
  const engine = new Engine<Named>(shape, 0);
  for (const id of ['a', 'b', 'c']) engine.submit({ id, promptTokens: 60, outputTokens: 60 }, 0);
  const events = engine.advance(100_000);
  expect(engine.stats.preemptions).toBeGreaterThan(0);
  expect(events.filter((event) => event.kind === 'finished').map((event) => event.request.id)).toEqual(['a', 'b', 'c']);
  expect(events.filter((event) => event.kind === 'first-token')).toHaveLength(3);
  expect(engine.kvCacheRatio).toBe(0);
});

it.each([
  ['one longer than the cache', { id: 'x', promptTokens: 190, outputTokens: 11 }],
  ['one without a prompt', { id: 'x', promptTokens: 0, outputTokens: 1 }],
  ['one that asks for nothing', { id: 'x', promptTokens: 1, outputTokens: 0 }],
])('refuses %s', (_name, request) => expect(() => new Engine(shape, 0).submit(request, 0)).toThrow(RangeError));

it('gives back what an aborted request held', () => {
  const engine = running(2);
  engine.advance(30);
  const [first, second] = engine.unfinished();
  expect(engine.abort(first!, 30)).toBe(true);
  expect(engine.abort(first!, 30)).toBe(false);
  expect(engine.unfinished()).toEqual([second]);
  expect(engine.stats.aborted).toBe(1);
  const ended = engine.advance(10_000).filter((event) => event.kind === 'finished');
  expect(ended.map((event) => event.request)).toEqual([second]);
  expect(engine.kvCacheRatio).toBe(0);
});

it('counts in seconds what the page prints', () => {
  const engine = running(1);
  engine.advance(10_000);
  const { stats } = engine;
  expect(stats).toMatchObject({ promptTokens: 10, generationTokens: 20, finished: 1, steps: 20 });
  expect(stats.timeToFirstToken.sum).toBeCloseTo(0.012);
  expect(stats.interTokenLatency.count).toBe(19);
  expect(stats.requestLatency.sum).toBeCloseTo((12 + 19 * 11.1) / 1000);
  expect(stats.interTokenLatency.sum).toBeCloseTo((19 * 11.1) / 1000);
});

const arrivals = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 200 }),
    promptTokens: fc.integer({ min: 1, max: 150 }),
    outputTokens: fc.integer({ min: 1, max: 50 }),
  }),
  { minLength: 1, maxLength: 40 },
);

it('loses nothing and invents nothing: submitted is running, waiting and done at every moment', () => {
  const property = fc.property(arrivals, (requests) => {
    const engine = new Engine(shape, 0);
    let nowMs = 0;
    let done = 0;
    const events: EngineEvent[] = [];
    const look = (submitted: number): void => {
      const seen = engine.advance(nowMs);
      events.push(...seen);
      done += seen.filter((event) => event.kind === 'finished').length;
      expect(engine.runningRequests + engine.waitingRequests + done).toBe(submitted);
      expect(engine.kvCacheRatio >= 0 && engine.kvCacheRatio <= 1).toBe(true);
    };
    for (const [index, { afterMs, ...tokens }] of requests.entries()) {
      nowMs += afterMs;
      engine.submit(tokens, nowMs);
      look(index + 1);
    }
    nowMs += 1_000_000;
    look(requests.length);
    expect(done).toBe(requests.length);
    expect(engine.stats.generationTokens).toBe(requests.reduce((sum, request) => sum + request.outputTokens, 0));
    expect(events.map((event) => event.atMs)).toEqual(events.map((event) => event.atMs).sort((a, b) => a - b));
  });
  fc.assert(property);
});

const withCache = { ...shape, timing: { ...shape.timing, kvPerThousandTokensMs: 30, attentionPerMillionPairsMs: 500 } };

it('does the same whether it is moved in one go or in many small steps', () => {
  const property = fc.property(arrivals, fc.integer({ min: 1, max: 37 }), (requests, strideMs) => {
    const runs = [Number.POSITIVE_INFINITY, strideMs].map((stride) => {
      const engine = new Engine(withCache, 0);
      const events: EngineEvent[] = [];
      let nowMs = 0;
      for (const { afterMs, ...tokens } of requests) {
        for (let stepMs = nowMs + stride; stepMs < nowMs + afterMs; stepMs += stride) {
          events.push(...engine.advance(stepMs));
        }
        nowMs += afterMs;
        engine.submit(tokens, nowMs);
      }
      events.push(...engine.advance(nowMs + 1_000_000));
      return events;
    });
    expect(runs[0]).toEqual(runs[1]);
  });
  fc.assert(property, { numRuns: 30 });
});

it('takes steps together without changing a moment: as one that takes each by itself', () => {
  const property = fc.property(arrivals, (requests) => {
    let atMs = 0;
    const coming = requests.map(({ afterMs, ...tokens }) => {
      atMs += afterMs;
      return { ...tokens, atMs };
    });
    const engine = new Engine<(typeof coming)[number]>(withCache, 0);
    const seen: { id: number; kind: string; atMs: number }[] = [];
    const note = (nowMs: number): void => {
      for (const { kind, request, atMs } of engine.advance(nowMs))
        seen.push({ id: coming.indexOf(request), kind, atMs });
    };
    for (const request of coming) {
      note(request.atMs);
      engine.submit(request, request.atMs);
    }
    note(1e9);
    const byId = (a: { id: number; kind: string }, b: { id: number; kind: string }) =>
      a.id - b.id || (a.kind < b.kind ? 1 : -1);
    const wanted = runStepwise(withCache, coming).sort(byId);
    expect(seen.sort(byId)).toEqual(wanted.map((event) => ({ ...event, atMs: expect.closeTo(event.atMs, 6) })));
  });
  fc.assert(property, { numRuns: 200 });
});
