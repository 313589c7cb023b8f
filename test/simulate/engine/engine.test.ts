import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/simulate/engine/engine.ts';
import { Engine } from '../../../src/simulate/engine/engine.ts';
import type { EngineShape } from '../../../src/simulate/engine/engine-shape.ts';
import { defaultEngineShape } from '../../../src/simulate/engine/engine-shape.ts';

const shape: EngineShape = {
  maxRunning: 4,
  maxStepTokens: 100,
  kvBlocks: 20,
  blockTokens: 10,
  stepBaseMs: 10,
  stepPerRequestMs: 1,
  stepPerPromptTokenMs: 0.1,
};

function running(requests: number, changes: Partial<EngineShape> = {}): Engine {
  const engine = new Engine({ ...shape, ...changes }, 0);
  for (let index = 0; index < requests; index += 1) {
    engine.submit({ id: `r${index}`, promptTokens: 10, outputTokens: 20 }, 0);
  }
  return engine;
}

it('reads the prompt in one step and then gives a token a step', () => {
  const engine = running(1);
  // Prompt step: 10 + 1 + 10 · 0.1 = 12 ms; each further step 11 ms.
  expect(engine.advance(11.9)).toEqual([]);
  expect(engine.advance(12)).toEqual([{ kind: 'first-token', id: 'r0', atMs: 12 }]);
  const [end] = engine.advance(1000);
  expect(end).toMatchObject({ kind: 'finished', id: 'r0' });
  expect(end!.atMs).toBeCloseTo(12 + 19 * 11);
});

it('reads a long prompt in chunks', () => {
  const engine = new Engine(shape, 0);
  engine.submit({ id: 'long', promptTokens: 150, outputTokens: 2 }, 0);
  // 100 tokens: 10 + 1 + 10 = 21 ms, then 50: 10 + 1 + 5 = 16 ms.
  expect(engine.advance(36.9)).toEqual([]);
  expect(engine.advance(37)).toEqual([{ kind: 'first-token', id: 'long', atMs: 37 }]);
});

it('takes longer steps for larger batches', () => {
  const spans = [1, 2, 4].map((requests) => running(requests).advance(10_000).at(-1)!.atMs);
  expect(spans[0]).toBeLessThan(spans[1]!);
  expect(spans[1]).toBeLessThan(spans[2]!);
});

it('adds the share of each request to every step', () => {
  const engine = running(4);
  const firstTokens = engine.advance(1000).filter((event) => event.kind === 'first-token');
  const tokens = [1, 2].map((requests) => {
    const ends = running(requests)
      .advance(10_000)
      .filter((event) => event.kind === 'finished');
    return ends.at(-1)!.atMs;
  });
  // The first takes its prompt alone (12 ms), the others theirs together while it gives its second token (17 ms).
  expect(firstTokens.map((event) => event.atMs)).toEqual([12, 29, 29, 29]);
  // Alone: 12 + 19 · 11. Two: 12, then 13 with the other's prompt, 18 steps of both at 12, one of the other alone.
  expect(tokens[0]).toBeCloseTo(12 + 19 * 11);
  expect(tokens[1]).toBeCloseTo(12 + 13 + 18 * 12 + 11);
});

it('lets what does not fit into the batch wait', () => {
  const engine = running(7);
  engine.advance(50);
  expect([engine.runningRequests, engine.waitingRequests]).toEqual([4, 3]);
});

it('sends the youngest back when the cache is full, and still finishes all', () => {
  const engine = new Engine(shape, 0);
  for (const id of ['a', 'b', 'c']) engine.submit({ id, promptTokens: 60, outputTokens: 60 }, 0);
  const events = engine.advance(100_000);
  expect(engine.stats.preemptions).toBeGreaterThan(0);
  expect(events.filter((event) => event.kind === 'finished').map((event) => event.id)).toEqual(['a', 'b', 'c']);
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
  engine.abort('r0', 30);
  expect(engine.unfinished()).toEqual(['r1']);
  expect(engine.stats.aborted).toBe(1);
  const ended = engine.advance(10_000).filter((event) => event.kind === 'finished');
  expect(ended.map((event) => event.id)).toEqual(['r1']);
  expect(engine.kvCacheRatio).toBe(0);
});

it('counts in seconds what the page prints', () => {
  const engine = running(1);
  engine.advance(10_000);
  const { stats } = engine;
  expect(stats).toMatchObject({ promptTokens: 10, generationTokens: 20, finished: 1, steps: 20 });
  expect(stats.timeToFirstToken.sum).toBeCloseTo(0.012);
  expect(stats.interTokenLatency.count).toBe(19);
  expect(stats.requestLatency.sum).toBeCloseTo((12 + 19 * 11) / 1000);
});

it('comes near the published timings it was fitted to', () => {
  const decodeStepMs = (batch: number) => defaultEngineShape.stepBaseMs + defaultEngineShape.stepPerRequestMs * batch;
  expect(decodeStepMs(15)).toBeCloseTo(20, 0);
  expect(decodeStepMs(35)).toBeCloseTo(25, 0);
  expect(1000 / defaultEngineShape.stepPerPromptTokenMs).toBeCloseTo(11_750, -3);
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
      engine.submit({ id: String(index), ...tokens }, nowMs);
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

it('does the same whether it is moved in one go or in many small steps', () => {
  const property = fc.property(arrivals, fc.integer({ min: 1, max: 37 }), (requests, strideMs) => {
    const runs = [Number.POSITIVE_INFINITY, strideMs].map((stride) => {
      const engine = new Engine(shape, 0);
      const events: EngineEvent[] = [];
      let nowMs = 0;
      for (const [index, { afterMs, ...tokens }] of requests.entries()) {
        for (let stepMs = nowMs + stride; stepMs < nowMs + afterMs; stepMs += stride) {
          events.push(...engine.advance(stepMs));
        }
        nowMs += afterMs;
        engine.submit({ id: String(index), ...tokens }, nowMs);
      }
      events.push(...engine.advance(nowMs + 1_000_000));
      return events;
    });
    expect(runs[0]).toEqual(runs[1]);
  });
  fc.assert(property, { numRuns: 30 });
});
