import { expect, it } from 'vitest';
import type { ScrapeOutcome } from '../../src/scrape/scrape-outcome.ts';
import { FairQueue } from '../../src/scrape/turns/fair-queue.ts';
import { ServerBurden } from '../../src/scrape/turns/server-burden.ts';
import { failing, LoopBench, ok } from './loop-bench.ts';

const greedy = { tenant: 'greedy', trigger: 'one' };
const modest = { tenant: 'modest', trigger: 'one' };

/** Ends every scrape under way that has lasted so long, for `untilMs` in steps of 10 ms. */
function runFor(bench: LoopBench, untilMs: number, lastsMs: number, outcome: ScrapeOutcome = ok): void {
  while (bench.nowMs <= untilMs) {
    bench.run(bench.nowMs);
    for (const request of [...bench.waiting.values()]) {
      if (bench.nowMs - request.startedAtMs >= lastsMs) request.done(outcome);
    }
  }
}

it('queues so that tenants take turns, and triggers of one, and of one trigger the first that came', () => {
  const queue = new FairQueue<string>();
  for (const [name, tenant, trigger] of [
    ['a1', 'a', '1'],
    ['a2', 'a', '1'],
    ['a3', 'a', '2'],
    ['b1', 'b', '1'],
    ['b2', 'b', '1'],
    ['c1', undefined, undefined],
  ] as const) {
    queue.add(name, tenant === undefined ? undefined : { tenant, trigger });
  }
  const all = () =>
    Array.from({ length: 7 }, () =>
      queue.take(
        () => 0,
        () => true,
      ),
    );
  expect(all()).toEqual(['a1', 'b1', 'c1', 'a3', 'b2', 'a2', undefined]);
});

it('gives the next turn to whoever has least in hand, and none to whom it is not allowed', () => {
  const queue = new FairQueue<string>();
  const inHand = new Map([
    ['a', 2],
    ['b', 1],
    ['c', 0],
  ]);
  for (const tenant of inHand.keys()) queue.add(tenant, { tenant, trigger: '1' });
  const take = () =>
    queue.take(
      (tenant) => inHand.get(tenant ?? '') ?? 0,
      (tenant) => tenant !== 'c',
    );
  expect([take(), take(), take()]).toEqual(['b', 'a', undefined]);
});

it('reads a tenant’s endpoint in time, however many others ask for', () => {
  const bench = new LoopBench(8);
  bench.respond = () => undefined;
  for (let id = 1; id <= 500; id++) {
    bench.set(id, { owner: { tenant: `greedy ${id % 2}`, trigger: `${id}` }, intervalMs: 100 });
  }
  bench.run(1000);
  bench.set(1000, { owner: modest });
  runFor(bench, 21_000, 50);
  const starts = bench.startsOf(1000);
  expect(starts.length).toBeGreaterThanOrEqual(20);
  expect(Math.max(...starts.slice(2).map((startMs, at) => startMs - starts[at + 1]!))).toBeLessThanOrEqual(1020);
});

it('reads a trigger’s endpoint in time, however many another trigger of its tenant asks for', () => {
  const bench = new LoopBench(8);
  bench.respond = () => undefined;
  for (let id = 1; id <= 500; id++) bench.set(id, { owner: greedy, intervalMs: 100 });
  bench.set(1000, { owner: { ...greedy, trigger: 'other' } });
  runFor(bench, 20_000, 50);
  const starts = bench.startsOf(1000);
  expect(starts.length).toBeGreaterThanOrEqual(19);
});

it('keeps a quarter of the places from a tenant, even where nobody else wants them', () => {
  const bench = new LoopBench(8);
  bench.respond = () => undefined;
  for (let id = 1; id <= 20; id++) bench.set(id, { owner: greedy });
  bench.run(0);
  expect(bench.loop.counters.inFlight).toBe(6);
  bench.set(1000, { owner: modest });
  bench.run(10);
  expect(bench.waiting.has('http://e1000/metrics')).toBe(true);
});

it('gives all places to endpoints that are nobody’s in particular', () => {
  const bench = new LoopBench(8);
  bench.respond = () => undefined;
  for (let id = 1; id <= 20; id++) bench.set(id);
  bench.run(0);
  expect(bench.loop.counters.inFlight).toBe(8);
});

it('has at most two pages under way that take long to be read', () => {
  const bench = new LoopBench(100);
  bench.chunkMs = () => 8;
  for (let id = 1; id <= 20; id++) bench.set(id, { timeoutMs: 60_000 });
  bench.run(3000);
  bench.respond = () => undefined;
  bench.run(3700);
  expect(bench.loop.counters.inFlight).toBe(2);
  // Those whose servers let them wait make room for others, up to eight.
  bench.run(60_000);
  expect(bench.loop.counters.inFlight).toBeGreaterThanOrEqual(8);
  expect(bench.loop.counters.inFlight).toBeLessThanOrEqual(8 + 2);
  bench.set(21);
  bench.run(60_010);
  expect(bench.waiting.has('http://e21/metrics')).toBe(true);
});

it('gives pages that take long a quarter of the time, however many there are', () => {
  const bench = new LoopBench(100);
  bench.chunkMs = () => 20;
  for (let id = 1; id <= 200; id++) bench.set(id);
  bench.run(20_000);
  const before = bench.cpuMs;
  bench.run(60_000);
  expect((bench.cpuMs - before) / 40_000).toBeGreaterThan(0.2);
  expect((bench.cpuMs - before) / 40_000).toBeLessThan(0.35);
  const counts = Array.from({ length: 200 }, (_, place) => bench.startsOf(place + 1).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
});

it('begins four thousand scrapes of one tenant a second, a few at once, and its first ones soon', () => {
  const bench = new LoopBench(1000);
  for (let id = 1; id <= 1500; id++) bench.set(id, { owner: greedy, intervalMs: 100, timeoutMs: 90 });
  bench.run(0);
  expect(bench.loop.counters.started).toBe(64);
  bench.run(400);
  expect(bench.finished.map(({ id }) => id)).toEqual(expect.arrayContaining([1, 1000, 1500]));
  bench.run(10_000);
  expect(bench.loop.counters.started / 10).toBeGreaterThan(3900);
  expect(bench.loop.counters.started / 10).toBeLessThan(4500);
  bench.set(2000, { owner: modest });
  bench.run(10_010);
  expect(bench.startsOf(2000)).toHaveLength(1);
});

const costly: [name: string, chunkMs: number, outcome: ScrapeOutcome, readsASecond: number][] = [
  ['a usual page', 0.1, ok, 10],
  ['a page that takes 4 ms', 4, ok, 2.5],
  ['a page of 4 MiB', 0, { ok: true, contentType: 'text/plain', bodyBytes: 4 << 20 }, 2.5],
  ['a page that takes 50 ms', 50, ok, 1.1],
  ['a page over the limit', 0, failing('body-too-large'), 1.1],
  ['an unreachable server', 0, failing('unreachable'), 1.1],
];

it.each(costly)('reads %s as often as it may', (_name, chunkMs, outcome, readsASecond) => {
  const bench = new LoopBench();
  bench.respond = () => outcome;
  bench.chunkMs = () => chunkMs;
  bench.set(1, { intervalMs: 100, timeoutMs: 90 });
  bench.run(20_000);
  const perSecond = bench.startsOf(1).length / 20;
  expect(perSecond).toBeGreaterThan(0.75 * readsASecond);
  expect(perSecond).toBeLessThan(1.1 * readsASecond);
});

it('begins no more of one tenant at once after a stall of the thread, and all of the others', () => {
  const bench = new LoopBench(1000);
  for (let id = 1; id <= 1500; id++) bench.set(id, { owner: greedy });
  for (let id = 2001; id <= 2100; id++) bench.set(id, { owner: { ...modest, tenant: `modest ${id % 2}` } });
  bench.run(10_000);
  const before = bench.loop.counters.started;
  bench.nowMs = 12_000;
  bench.run(12_000);
  expect(bench.loop.counters.started - before).toBe(64 + 100);
});

it('reads a page as often as before that failed twice, and at once again when it answers after a rest', () => {
  const bench = new LoopBench();
  let failsUntil = 2;
  bench.respond = () => (bench.startsOf(1).length < failsUntil ? failing('unreachable') : ok);
  bench.set(1, { intervalMs: 100, timeoutMs: 90 });
  bench.run(2000);
  expect(bench.startsOf(1).length).toBeGreaterThan(18);
  failsUntil = bench.startsOf(1).length + 5;
  bench.run(6000);
  const starts = bench.startsOf(1).filter((startMs) => startMs > 2000);
  const gaps = starts.slice(1).map((startMs, at) => startMs - starts[at]!);
  expect(gaps.slice(0, 5)).toEqual([100, 100, 1000, 1000, 1000]);
  expect(gaps.slice(5).every((gap) => gap === 100)).toBe(true);
  expect(gaps.length).toBeGreaterThan(5);
});

it('does not take a page for costly because the thread has to wait for the processor', () => {
  const bench = new LoopBench();
  bench.stalledMs = () => 9;
  bench.set(1, { intervalMs: 50, timeoutMs: 40 });
  bench.run(10_000);
  expect(bench.startsOf(1).length).toBeGreaterThan(190);
});

it('does not take a page for costly because of one read in ten, or because many want it', () => {
  const bench = new LoopBench();
  let chunks = 0;
  bench.chunkMs = (url) => (url.includes('e1/') ? (chunks++ % 10 === 0 ? 6 : 0) : 40);
  bench.set(1, { intervalMs: 50, timeoutMs: 40 });
  bench.set(2, { intervalMs: 50, timeoutMs: 40, readers: 100 });
  bench.run(10_000);
  expect(bench.startsOf(1).length).toBeGreaterThan(190);
  expect(bench.startsOf(2).length).toBeGreaterThan(190);
});

it('asks even a server that never answers at the usual interval', () => {
  const bench = new LoopBench();
  bench.respond = () => undefined;
  bench.set(1);
  bench.run(20_000);
  expect(bench.startsOf(1).length).toBeGreaterThanOrEqual(19);
});

it('reads even the costliest page at the usual interval', () => {
  const bench = new LoopBench();
  bench.chunkMs = () => 50;
  bench.set(1);
  bench.run(5000);
  // The second read comes at a phase of its own, which may be sooner.
  const { skipped } = bench.loop.counters;
  bench.run(25_000);
  expect(bench.startsOf(1).length).toBeGreaterThanOrEqual(24);
  expect(bench.loop.counters.skipped).toBe(skipped);
});

it('counts the reads that a costly page is left out of', () => {
  const bench = new LoopBench();
  bench.chunkMs = () => 50;
  bench.set(1, { intervalMs: 100, timeoutMs: 90 });
  bench.run(10_000);
  expect(bench.startsOf(1).length + bench.loop.counters.skipped).toBeGreaterThan(95);
});

/** Longest time from one start of this endpoint to its next. */
function longestGapMs(bench: LoopBench, id: number, fromMs = 0): number {
  const starts = bench.startsOf(id).filter((startMs) => startMs >= fromMs);
  return Math.max(...starts.slice(2).map((startMs, at) => startMs - starts[at + 1]!));
}

it('reads a page that takes longer than its interval as soon as the one before has come', () => {
  const bench = new LoopBench();
  bench.respond = () => undefined;
  bench.set(1, { timeoutMs: 5000 });
  runFor(bench, 60_000, 3200);
  expect(bench.finished.every(({ outcome }) => outcome.ok)).toBe(true);
  expect(longestGapMs(bench, 1)).toBeLessThanOrEqual(4200);
  expect(bench.loop.counters).toMatchObject({ skipped: 0 });
});

it('reads those that answer in time, whatever servers of their own and of other tenants let others wait', () => {
  const bench = new LoopBench(8);
  bench.respond = (url) => (/e1000\/|e2000\//.test(url) ? ok : undefined);
  for (let id = 1; id <= 400; id++) {
    bench.set(id, { owner: { tenant: `greedy ${id % 4}`, trigger: `${id % 8}` }, timeoutMs: 30_000 });
  }
  bench.set(1000, { owner: modest });
  bench.set(2000, { owner: { tenant: 'greedy 1', trigger: 'other' } });
  bench.run(120_000);
  for (const id of [1000, 2000]) {
    expect(longestGapMs(bench, id)).toBeLessThanOrEqual(2500);
    // Once it is known who is slow.
    expect(longestGapMs(bench, id, 60_000)).toBeLessThanOrEqual(1020);
  }
});

it('waits for no more slow pages of one tenant than half of what may be waited for, and gives up the others', () => {
  const bench = new LoopBench(8);
  bench.respond = () => undefined;
  for (let id = 1; id <= 6; id++) bench.set(id, { owner: greedy, timeoutMs: 30_000 });
  bench.run(790);
  expect(bench.loop.counters.inFlight).toBe(6);
  bench.run(800);
  expect(bench.loop.counters.inFlight).toBe(4);
  expect(bench.finished.map(({ outcome, endedAtMs }) => [outcome.ok, endedAtMs])).toEqual([
    [false, 800],
    [false, 800],
  ]);
  bench.set(7, { owner: modest, timeoutMs: 30_000 });
  bench.run(5000);
  expect(bench.waiting.has('http://e7/metrics')).toBe(true);
});

const pages: [name: string, bytes: number, lastsMs: number, everyMs: [least: number, most: number]][] = [
  ['a small page of a loaded server', 80_000, 4000, [4000, 5000]],
  ['a large page that is printed at once', 600_000, 20, [990, 1010]],
  ['a large page that its server takes long to print', 1_800_000, 1500, [11_500, 12_500]],
  ['one that takes half a second', 900_000, 500, [5000, 6000]],
];

it.each(pages)('asks for %s as often as its server can bear', (_name, bodyBytes, lastsMs, [least, most]) => {
  const bench = new LoopBench();
  bench.respond = () => undefined;
  bench.set(1, { timeoutMs: 5000 });
  runFor(bench, 120_000, lastsMs, { ok: true, contentType: 'text/plain', bodyBytes });
  const starts = bench.startsOf(1).slice(2);
  const gaps = starts.slice(1).map((startMs, at) => startMs - starts[at]!);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(most);
  expect(bench.finished.at(-1)?.restMs).toBe(bodyBytes < 512 * 1024 ? 0 : Math.min(10_000, 9 * lastsMs));
});

it('does not take a large page for a burden because one print of it was slow', () => {
  const burden = new ServerBurden();
  for (let nth = 0; nth < 20; nth++) burden.note(1_000_000, 40);
  expect(burden.note(1_000_000, 4000)).toBe(360 * 1 + (9 * (4000 - 40)) / 8);
  expect(burden.note(1_000_000, 40)).toBe(360);
  for (let nth = 0; nth < 30; nth++) burden.note(1_000_000, 4000);
  expect(burden.note(1_000_000, 4000)).toBe(10_000);
  expect(burden.note(100_000, 4000)).toBe(0);
});
