import { afterEach, describe, expect, it } from 'vitest';
import { addressPolicy } from '../../src/config/access/address-policy.ts';
import { HttpClient } from '../../src/scrape/http/http-client.ts';
import { ScrapeLoop } from '../../src/scrape/scrape-loop.ts';
import type { ScrapeFailure, ScrapeOutcome } from '../../src/scrape/scrape-outcome.ts';
import { failing, LoopBench, ok } from './loop-bench.ts';
import { serveRaw } from './raw-server.ts';

describe('a target is attended to', () => {
  it('read at once when it is new, then once an interval at a phase of its own', () => {
    const bench = new LoopBench();
    bench.set(1);
    bench.set(2);
    bench.run(10_000);
    for (const id of [1, 2]) {
      const [first, second, ...rest] = bench.startsOf(id);
      expect(first).toBe(0);
      expect(second).toBeGreaterThanOrEqual(500);
      expect(second).toBeLessThanOrEqual(1500);
      expect(rest.length).toBeGreaterThanOrEqual(7);
      expect(rest.every((at, place) => Math.abs(at - second! - (place + 1) * 1000) <= 10)).toBe(true);
    }
    expect(bench.startsOf(1)[1]! % 1000).not.toBe(bench.startsOf(2)[1]! % 1000);
    expect(bench.loop.counters).toMatchObject({ skipped: 0, inFlight: 0 });
    expect(bench.loop.counters.bodyBytes).toBe(100 * bench.loop.counters.succeeded);
  });

  it('never twice at once: starts that fall into a scrape are left out, which is no want of room', () => {
    const bench = new LoopBench();
    bench.respond = () => undefined;
    bench.set(1, { timeoutMs: 60_000 });
    bench.run(5500);
    expect(bench.opened).toHaveLength(1);
    expect(bench.loop.counters).toMatchObject({ started: 1, inFlight: 1 });
    bench.answer('http://e1/metrics');
    bench.respond = () => ok;
    bench.run(6600);
    expect(bench.loop.counters).toMatchObject({ started: 2, skipped: 0, inFlight: 0 });
  });

  it('after a standstill once, the missed starts being counted', () => {
    const bench = new LoopBench();
    bench.set(1);
    bench.run(2000);
    const { started } = bench.loop.counters;
    bench.nowMs = 7990;
    bench.run(7990);
    expect(bench.loop.counters.started).toBe(started + 1);
    expect(bench.loop.counters.skipped).toBeGreaterThanOrEqual(4);
  });

  it('with start and end on the given clock', () => {
    const bench = new LoopBench();
    bench.respond = () => undefined;
    bench.set(1);
    bench.run(0);
    bench.nowMs = 123;
    bench.answer('http://e1/metrics');
    expect(bench.finished).toEqual([
      { id: 1, url: 'http://e1/metrics', outcome: ok, startedAtMs: 0, endedAtMs: 123, lastCandidate: true, restMs: 0 },
    ]);
  });

  it('and between its pages, so that its connection can be closed in time', () => {
    const bench = new LoopBench();
    bench.set(1, { intervalMs: 60_000 });
    bench.run(1000);
    expect(bench.opened).toHaveLength(1);
    expect(bench.idleTicks).toBeGreaterThanOrEqual(4);
  });

  it('counting each failure by its name', () => {
    const bench = new LoopBench();
    const failures: ScrapeFailure[] = ['timeout', 'not-found', 'not-found', 'truncated'];
    bench.respond = () => failing(failures.shift() ?? 'redirect');
    bench.set(1);
    bench.run(3500);
    expect(bench.loop.counters.failed).toMatchObject({ timeout: 1, 'not-found': 2, truncated: 1, unreachable: 0 });
    expect(bench.loop.counters.succeeded).toBe(0);
  });
});

describe('a change of a target', () => {
  it('keeps its connection, and a shorter interval counts at once', () => {
    const bench = new LoopBench();
    bench.set(1, { intervalMs: 60_000 });
    bench.run(100);
    bench.set(1, { intervalMs: 100 });
    bench.run(400);
    expect(bench.startsOf(1).length).toBeGreaterThanOrEqual(3);
    expect(bench).toMatchObject({ connections: 1, closed: 0 });
  });

  it('of the limits is used from the next scrape on', () => {
    const bench = new LoopBench();
    bench.respond = () => undefined;
    bench.set(1, { timeoutMs: 300 });
    bench.run(200);
    bench.set(1, { timeoutMs: 100 });
    bench.run(290);
    expect(bench.finished).toHaveLength(0);
    bench.run(300);
    expect(bench.finished).toMatchObject([{ endedAtMs: 300, outcome: { failure: 'timeout' } }]);
  });

  it('of the candidates under way breaks off a scrape of one that is gone, and starts anew', () => {
    const bench = new LoopBench();
    bench.respond = () => undefined;
    bench.set(1);
    bench.run(0);
    bench.set(1, { candidates: ['http://new/metrics'] });
    expect(bench.loop.counters.inFlight).toBe(0);
    bench.run(10);
    expect([...bench.waiting.keys()]).toEqual(['http://new/metrics']);
    expect(bench.finished).toHaveLength(0);
  });

  it('from within its sink is heeded: a removed target is not read on', () => {
    const bench = new LoopBench();
    bench.recognise = () => {
      bench.loop.remove(1);
      return 'unrecognised';
    };
    bench.set(1, { candidates: ['http://a/', 'http://b/'] });
    bench.run(2000);
    expect(bench.opened).toEqual(['http://a/']);
    expect(bench.loop.counters.inFlight).toBe(0);
  });

  it('of the candidates leaves a scrape alone that is still wanted', () => {
    const bench = new LoopBench();
    bench.respond = () => undefined;
    bench.set(1, { candidates: ['http://a/', 'http://b/'] });
    bench.run(0);
    bench.set(1, { candidates: ['http://a/', 'http://c/'] });
    expect(bench.loop.counters.inFlight).toBe(1);
    bench.answer('http://a/', failing('not-found'));
    expect([...bench.waiting.keys()]).toEqual(['http://c/']);
  });

  it('that removes it ends the scrape without a word, and gives its place back', () => {
    const bench = new LoopBench();
    bench.respond = () => undefined;
    bench.set(1);
    bench.set(2);
    bench.run(0);
    bench.loop.remove(1);
    bench.loop.remove(99);
    expect(bench.loop.counters.inFlight).toBe(1);
    bench.run(5000);
    expect(bench.startsOf(1)).toEqual([]);
    expect(bench.startsOf(2).length).toBeGreaterThan(3);
    bench.loop.close();
    expect(bench.closed).toBe(2);
  });
});

describe('candidates', () => {
  const candidates = ['http://h/a', 'http://h/b', 'http://h/c'];
  const absent = (present: string) => (url: string) => (url === present ? ok : failing('not-found'));

  it('are tried in order at once, and the recognised one is kept', () => {
    const bench = new LoopBench();
    bench.respond = absent('http://h/b');
    bench.set(1, { candidates });
    bench.run(2600);
    expect(bench.opened.slice(0, 4)).toEqual(['http://h/a', 'http://h/b', 'http://h/b', 'http://h/b']);
    expect(bench.connections).toBe(1);
    expect(bench.finished.slice(0, 3)).toMatchObject([
      { startedAtMs: 0, lastCandidate: false },
      { startedAtMs: 0, lastCandidate: false },
      { lastCandidate: true },
    ]);
  });

  it('are passed over once an interval when none is recognised', () => {
    const bench = new LoopBench();
    bench.recognise = () => 'unrecognised';
    bench.set(1, { candidates });
    bench.run(400);
    expect(bench.opened).toEqual(candidates);
    expect(bench.finished.map((each) => each.lastCandidate)).toEqual([false, false, true]);
    bench.run(1500);
    expect(bench.opened).toEqual([...candidates, ...candidates]);
  });

  it.each<[name: string, outcome: ScrapeOutcome, triesAll: boolean]>([
    ['not found', failing('not-found'), true],
    ['unreachable', failing('unreachable'), true],
    ['another page', ok, true],
    ['slow', failing('timeout'), false],
    ['failing', failing('http-status'), false],
  ])('are all tried again when the kept one was %s three times: %s', (_name, outcome, triesAll) => {
    const bench = new LoopBench();
    bench.respond = absent('http://h/c');
    bench.set(1, { candidates });
    bench.run(0);
    bench.opened.length = 0;
    bench.respond = () => outcome;
    bench.recognise = () => 'unrecognised';
    bench.run(4600);
    const kept = ['http://h/c', 'http://h/c', 'http://h/c'];
    expect(bench.opened.slice(0, 4)).toEqual([...kept, triesAll ? 'http://h/a' : 'http://h/c']);
  });

  it('stay settled when the kept one comes back in time', () => {
    const bench = new LoopBench();
    const outcomes = [failing('not-found'), failing('unreachable'), ok];
    bench.respond = absent('http://h/b');
    bench.set(1, { candidates });
    bench.run(0);
    bench.opened.length = 0;
    let nth = 0;
    bench.respond = () => outcomes[nth++ % 3];
    bench.run(9600);
    expect(bench.opened.length).toBeGreaterThanOrEqual(9);
    expect(new Set(bench.opened)).toEqual(new Set(['http://h/b']));
  });

  it('keep the recognised one through a change of the list that still has it', () => {
    const bench = new LoopBench();
    bench.respond = absent('http://h/b');
    bench.set(1, { candidates });
    bench.run(0);
    bench.opened.length = 0;
    bench.set(1, { candidates: ['http://h/x', 'http://h/b'] });
    bench.run(1500);
    expect(bench.opened).toEqual(['http://h/b']);
  });

  it('may be none, for now', () => {
    const bench = new LoopBench();
    bench.set(1, { candidates: [] });
    bench.run(2000);
    expect(bench.loop.counters).toMatchObject({ started: 0, skipped: 0 });
    bench.set(1);
    bench.run(2010);
    expect(bench.loop.counters.started).toBe(1);
  });

  it('a failure is never recognised, whatever the sink says', () => {
    const bench = new LoopBench();
    bench.respond = () => failing('truncated');
    bench.recognise = () => 'recognised';
    bench.set(1, { candidates });
    bench.run(0);
    expect(bench.opened).toEqual(candidates);
  });
});

describe('the number of scrapes under way', () => {
  it('is bounded, and whoever waits longest is next', () => {
    const bench = new LoopBench(2);
    bench.respond = () => undefined;
    for (let id = 1; id <= 5; id++) bench.set(id);
    bench.run(0);
    expect([...bench.waiting.keys()]).toEqual(['http://e1/metrics', 'http://e2/metrics']);
    bench.answer('http://e1/metrics');
    bench.run(10);
    expect([...bench.waiting.keys()]).toEqual(['http://e2/metrics', 'http://e3/metrics']);
  });

  it('is shared fairly: with twice the load that fits, each target gets its half', () => {
    const bench = new LoopBench(5);
    bench.respond = () => undefined;
    for (let id = 1; id <= 15; id++) bench.set(id, { timeoutMs: 60_000 });
    for (let step = 0; step < 2000; step++) {
      bench.run(bench.nowMs);
      for (const request of [...bench.waiting.values()]) {
        if (bench.nowMs - request.startedAtMs >= 700) request.done(ok);
      }
    }
    expect(bench.nowMs).toBe(20_000);
    const counts = Array.from({ length: 15 }, (_, place) => bench.startsOf(place + 1).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...counts)).toBeLessThanOrEqual(11);
    expect(bench.loop.counters.skipped).toBeGreaterThan(50);
  });

  it('is shared fairly also where every target is overdue all the time', () => {
    const bench = new LoopBench(1);
    bench.respond = () => undefined;
    for (let id = 1; id <= 4; id++) bench.set(id, { intervalMs: 100, timeoutMs: 60_000 });
    for (let step = 0; step < 1000; step++) {
      bench.run(bench.nowMs);
      for (const request of [...bench.waiting.values()]) {
        if (bench.nowMs - request.startedAtMs >= 90) request.done(ok);
      }
    }
    const counts = [1, 2, 3, 4].map((id) => bench.startsOf(id).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(20);
  });

  it('leaves half of the places to endpoints that answer, however many do not', () => {
    const bench = new LoopBench(10);
    bench.respond = (url) => (Number(/\d+/.exec(url)) > 100 ? undefined : ok);
    for (let id = 1; id <= 150; id++) bench.set(id, { timeoutMs: 900 });
    bench.run(20_000);
    const before = bench.finished.length;
    bench.run(30_000);
    const healthy = bench.finished.slice(before).filter(({ id }) => id <= 100).length;
    expect(healthy).toBeGreaterThanOrEqual(990);
    const slow = new Set(bench.finished.filter(({ id }) => id > 100).map(({ id }) => id));
    expect(slow.size).toBe(50);
  });
});

describe('over real sockets', () => {
  const loops: ScrapeLoop[] = [];
  afterEach(() => {
    for (const loop of loops.splice(0)) loop.close();
  });

  it('finds the page, reads it each interval on one connection, and hands over its bytes', async () => {
    const body = 'a 1\n';
    const server = await serveRaw(({ text, socket }) => {
      const found = text.startsWith('GET /b ');
      const status = found ? '200 OK' : '404 Not Found';
      socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 4\r\n\r\n${body}`);
    });
    let nowMs = 0;
    const seen: string[] = [];
    const loop = new ScrapeLoop({
      client: new HttpClient({ policy: addressPolicy({ allowCidrs: ['127.0.0.0/8'] }) }),
      nowMs: () => nowMs,
      sinks: {
        open: (id, url) => ({
          start: () => {},
          chunk: (bytes) => seen.push(Buffer.from(bytes).toString()),
          finish: (outcome) => {
            seen.push(`${id} ${new URL(url).pathname} ${outcome.ok ? 'ok' : outcome.failure}`);
            return outcome.ok ? 'recognised' : 'unrecognised';
          },
        }),
      },
    });
    loops.push(loop);
    const base = `http://127.0.0.1:${server.port}`;
    loop.set({ id: 7, candidates: [`${base}/a`, `${base}/b`], intervalMs: 1000, timeoutMs: 800, maxBodyBytes: 100 });
    loop.tick(nowMs);
    await expect.poll(() => seen).toEqual(['7 /a not-found', body, '7 /b ok']);
    seen.length = 0;
    for (nowMs = 0; nowMs <= 1500; nowMs += 10) loop.tick(nowMs);
    await expect.poll(() => seen).toEqual([body, '7 /b ok']);
    expect(server.connections()).toBe(2);
  });
});
