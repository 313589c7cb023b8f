import { expect, it } from 'vitest';
import { ReadingBatch } from '../../src/readings/reading-batch.ts';

const read = { ok: false, failure: 'empty', message: 'nothing here' } as const;
const tried = {
  url: 'http://pod/metrics',
  read,
  isUsualPath: true,
  bodyBytes: 0,
  startedAtMs: 0,
  endedAtMs: 1,
  restMs: 0,
};

function factsTold(batch: ReadingBatch): number {
  batch.add(1, true, tried);
  return batch.take(undefined)!.facts.length;
}

it('tells words once, and again after they were forgotten', () => {
  const batch = new ReadingBatch();
  expect(factsTold(batch)).toBe(1);
  expect(factsTold(batch)).toBe(0);
  batch.forget(1);
  expect(factsTold(batch)).toBe(1);
});

it('holds nothing back and repeats nothing', () => {
  const batch = new ReadingBatch();
  batch.add(1, true, tried);
  expect(batch.take(undefined)!.rows.length).toBeGreaterThan(0);
  expect(batch.take(undefined)).toBeUndefined();
});

it('tells a page of thousands of models by the first hundred', () => {
  const batch = new ReadingBatch();
  const models = Array.from({ length: 5000 }, (_, place) => `model-${place}`);
  const signals = { models, problems: [], inferred: false, asleep: false } as never;
  batch.add(1, true, { ...tried, read: { ok: true, engine: 'vllm', signals } });
  expect(batch.take(undefined)!.facts[0]!.models).toHaveLength(100);
});

it('tells names without end by as many as have room together', () => {
  const batch = new ReadingBatch();
  const models = Array.from({ length: 50 }, (_, place) => `${place}${'x'.repeat(998)}`.slice(0, 1000));
  const signals = { models, problems: [], inferred: false, asleep: false } as never;
  batch.add(1, true, { ...tried, read: { ok: true, engine: 'vllm', signals } });
  expect(batch.take(undefined)!.facts[0]!.models).toHaveLength(4);
});

it('tells ten faults of one batch, none longer than people read', () => {
  const batch = new ReadingBatch();
  for (let fault = 0; fault < 50; fault++) batch.addFault('http://pod/metrics', 'x'.repeat(9000));
  const { faults } = batch.take(undefined)!;
  expect(faults).toHaveLength(10);
  expect(faults.every(({ error }) => error.length <= 500)).toBe(true);
});
