import { expect, it } from 'vitest';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import type { Kinship } from '../../src/aggregation/same-server.ts';
import { kinshipOf } from '../../src/aggregation/same-server.ts';
import type { Signals } from '../../src/presets/signals.ts';
import { goodReading } from '../fakes/readings.ts';

const policy = { metric: 'concurrency', windowMs: 60_000, burstWindowMs: 6_000 } as const;
const page = (atMs: number, signals: Partial<Signals>, engine: 'vllm' | 'tei' = 'vllm') => {
  return remember(emptyMemory, { ...goodReading(atMs, signals), engine }, policy);
};
const start = { processStartSeconds: 1_764_000_000.25 };

const rows: [string, ReturnType<typeof page>, ReturnType<typeof page>, Kinship][] = [
  [
    'one start and a count that has grown',
    page(1000, { ...start, requestsTotal: 5 }),
    page(1500, { ...start, requestsTotal: 7 }),
    'same',
  ],
  [
    'the later page asked first',
    page(1500, { ...start, requestsTotal: 7 }),
    page(1000, { ...start, requestsTotal: 5 }),
    'same',
  ],
  [
    'one start, and the later count is less',
    page(1000, { ...start, requestsTotal: 5 }),
    page(1500, { ...start, requestsTotal: 4 }),
    'other-counts',
  ],
  [
    'another start',
    page(1000, { ...start, requestsTotal: 5 }),
    page(1500, { processStartSeconds: 7, requestsTotal: 5 }),
    'other-process',
  ],
  ['a start on one page alone', page(1000, start), page(1500, {}), 'other-process'],
  ['another engine', page(1000, start), page(1500, start, 'tei'), 'other-process'],
  [
    'one start before any request',
    page(1000, { ...start, requestsTotal: 0 }),
    page(1500, { ...start, requestsTotal: 0 }),
    'same',
  ],
  ['no start, and equal counts', page(1000, { requestsTotal: 5 }), page(1500, { requestsTotal: 5 }), 'same'],
  ['no start, and nothing but zeros', page(1000, { requestsTotal: 0 }), page(1500, { requestsTotal: 0 }), undefined],
  ['no start and no counter', page(1000, { concurrency: 1 }), page(1500, { concurrency: 1 }), 'other-counts'],
  ['a counter that only one page has', page(1000, { ...start, stepsTotal: 5 }), page(1500, start), 'other-counts'],
  [
    'pages that were read at one time',
    page(1000, { ...start, requestsTotal: 5 }),
    page(1002, { ...start, requestsTotal: 4 }),
    undefined,
  ],
  ['a page that was never read', page(1000, start), emptyMemory, undefined],
];
it.each(rows)('%s', (_name, one, other, expected) => expect(kinshipOf(one, other)).toBe(expected));
