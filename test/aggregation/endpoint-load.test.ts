import { expect, it } from 'vitest';
import type { EndpointPhase, LoadEvidence } from '../../src/aggregation/endpoint-load.ts';
import { endpointLoad, pageEvidence } from '../../src/aggregation/endpoint-load.ts';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';

const policy = { targetValue: 10, currentForMs: 3_000, staleAfterMs: 15_000 };
const memoryPolicy = { metric: 'concurrency', windowMs: 60_000, burstWindowMs: 6_000 } as const;
const read: LoadEvidence = {
  load: 25,
  loadMs: 100_000,
  isLatest: true,
  wasRead: true,
  mayCountTwice: false,
  isPartial: false,
  unseen: { burst: 0, window: 0 },
};
const failedSince: LoadEvidence = { ...read, isLatest: false };
const never: LoadEvidence = { ...read, load: undefined, loadMs: undefined, isLatest: false, wasRead: false };
const withoutLoad: LoadEvidence = { ...never, wasRead: true };

const rows: [string, LoadEvidence, EndpointPhase, number, string, number, number][] = [
  ['a fresh reading counts as it is', read, 'ready', 0, 'read', 25, 25],
  [
    'what a terminating endpoint says is possible: it is finished there, or with another one already',
    read,
    'terminating',
    0,
    'read',
    0,
    25,
  ],
  [
    'what an endpoint says that has just joined is possible: the others may still show it',
    { ...read, mayCountTwice: true },
    'ready',
    0,
    'read',
    0,
    25,
  ],
  ['a fresh reading of an endpoint that lost readiness counts', read, 'starting', 0, 'read', 25, 25],
  ['a reading at the end of its time counts', read, 'ready', 3_000, 'read', 25, 25],
  ['a reading that nothing follows is only a bound', read, 'ready', 3_001, 'stale', 0, 25],
  ['a failed scrape leaves the last reading as a bound', failedSince, 'ready', 1_000, 'stale', 0, 25],
  ['the last reading bounds until it is stale', failedSince, 'ready', 15_000, 'stale', 0, 25],
  ['then the endpoint is idle at best and on target at worst', failedSince, 'ready', 15_001, 'unreadable', 0, 10],
  ['a ready endpoint that never said anything is on target at worst', never, 'ready', 0, 'unreadable', 0, 10],
  ['a page that lacks the quantity is not a zero', withoutLoad, 'ready', 0, 'unreadable', 0, 10],
  ['a starting endpoint that never served holds nothing', never, 'starting', 0, 'not-serving', 0, 0],
  ['one that served before and lost readiness is unreadable', failedSince, 'starting', 60_000, 'unreadable', 0, 10],
  [
    'a terminating endpoint that closed its page may still finish what it had',
    failedSince,
    'terminating',
    15_000,
    'stale',
    0,
    25,
  ],
  [
    'a terminating endpoint whose last reading is stale has ended',
    failedSince,
    'terminating',
    15_001,
    'not-serving',
    0,
    0,
  ],
  [
    'a terminating endpoint that went silent takes its requests along',
    failedSince,
    'terminating',
    60_000,
    'not-serving',
    0,
    0,
  ],
];
it.each(rows)('%s', (_name, evidence, phase, ageMs, legibility, low, high) => {
  expect(endpointLoad(evidence, phase, policy, 100_000 + ageMs)).toMatchObject({ legibility, bounds: { low, high } });
});

it('takes the evidence from the newest page that had the quantity', () => {
  const first = remember(emptyMemory, goodReading(1_000, { concurrency: 7 }), memoryPolicy);
  expect(pageEvidence(first)).toMatchObject({
    load: 7,
    loadMs: 1_000,
    isLatest: true,
    wasRead: true,
    mayCountTwice: false,
  });
  const lacking = remember(first, goodReading(2_000, { concurrency: undefined }), memoryPolicy);
  expect(pageEvidence(lacking)).toEqual({
    load: 7,
    loadMs: 1_000,
    isLatest: false,
    wasRead: true,
    mayCountTwice: false,
    isPartial: false,
    unseen: { burst: 0, window: 0 },
    restMs: 0,
  });
  const failed = remember(first, failedReading(2_000), memoryPolicy);
  expect(pageEvidence(failed)).toEqual({
    load: 7,
    loadMs: 1_000,
    isLatest: false,
    wasRead: true,
    mayCountTwice: false,
    isPartial: false,
    unseen: { burst: 0, window: 0 },
    restMs: 0,
  });
});

it('counts what only latency sums show, as far as the load itself is certain', () => {
  const evidence = { ...read, unseen: { burst: 5, window: 3 } };
  const at = (loadMs: number, more: Partial<LoadEvidence> = {}) =>
    endpointLoad({ ...evidence, ...more }, 'ready', policy, 100_000 + loadMs);
  const certain = (load: number) => ({ low: load, high: load });
  const possible = (load: number) => ({ low: 0, high: load });
  expect(at(1_000)).toEqual({ legibility: 'read', bounds: certain(30), shown: certain(25), overWindow: certain(28) });
  expect(at(1_000, { mayCountTwice: true })).toMatchObject({ bounds: possible(30), overWindow: possible(28) });
  expect(at(10_000)).toMatchObject({ legibility: 'stale', bounds: possible(30), shown: possible(25) });
});

it('bounds what one of several ranks did not say by one target, as an endpoint that nobody could read', () => {
  const partial = { ...read, isPartial: true };
  expect(endpointLoad(partial, 'ready', policy, 101_000).bounds).toEqual({ low: 25, high: 35 });
  expect(endpointLoad({ ...partial, isLatest: false }, 'ready', policy, 101_000).bounds).toEqual({ low: 0, high: 35 });
  const said = remember(emptyMemory, goodReading(1_000, { concurrency: 8, partial: true }), memoryPolicy);
  expect(pageEvidence(said)).toMatchObject({ load: 8, isPartial: true });
});

it('takes a page for current while its server is left alone because of what it costs', () => {
  const costly = remember(emptyMemory, { ...goodReading(0, { concurrency: 7 }), restMs: 10_000 }, memoryPolicy);
  const at = (nowMs: number) => endpointLoad(pageEvidence(costly), 'ready', policy, nowMs);
  expect(at(13_000)).toMatchObject({ legibility: 'read', bounds: { low: 7, high: 7 } });
  expect(at(13_001)).toMatchObject({ legibility: 'stale', bounds: { low: 0, high: 7 } });
  expect(at(25_000)).toMatchObject({ legibility: 'stale' });
  expect(at(25_001)).toMatchObject({ legibility: 'unreadable' });
});
