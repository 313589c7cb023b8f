import { expect, it } from 'vitest';
import { counterIncrease } from '../../src/aggregation/counters.ts';
import type { EndpointMemory } from '../../src/aggregation/endpoint-memory.ts';
import { emptyMemory, remember } from '../../src/aggregation/endpoint-memory.ts';
import type { Reading } from '../../src/aggregation/reading.ts';
import type { Metric } from '../../src/config/metadata/trigger-metadata.ts';
import type { Signals } from '../../src/presets/signals.ts';
import { failedReading, goodReading } from '../fakes/readings.ts';

function after(metric: Metric, readings: readonly Reading[]): EndpointMemory {
  return readings.reduce(
    (memory, reading) => remember(memory, reading, { metric, windowMs: 10_000, burstWindowMs: 5_000 }),
    emptyMemory,
  );
}
const atSeconds = (metric: Metric, ...signals: Partial<Signals>[]) =>
  after(
    metric,
    signals.map((said, second) => goodReading(second * 1000, said)),
  );

it.each([
  ['moves by the difference', 10, 14, 4],
  ['does not move while it stands', 10, 10, 0],
  ['counts from zero after a restart', 10, 3, 3],
])('a counter %s', (_name, before, now, want) => expect(counterIncrease(before, now)).toBe(want));

const loads: [string, Metric, Partial<Signals>[], number | undefined][] = [
  ['concurrency as printed', 'concurrency', [{ concurrency: 4, running: 3, waiting: 1 }], 4],
  ['running alone', 'running', [{ concurrency: 4, running: 3, waiting: 1 }], 3],
  ['waiting alone', 'waiting', [{ concurrency: 4, running: 3, waiting: 1 }], 1],
  ['waiting as absent where the engine does not print it', 'waiting', [{ concurrency: 4, running: 4 }], undefined],
  ['the KV-cache ratio', 'kvCache', [{ kvCacheRatio: 0.75 }], 0.75],
  ['a rate from two readings', 'requestRate', [{ requestsTotal: 10 }, { requestsTotal: 16 }], 6],
  ['no rate from one reading', 'requestRate', [{ requestsTotal: 10 }], undefined],
  ['a rate of zero for a server that finished nothing yet', 'requestRate', [{ requestsTotal: 0 }], 0],
  ['a rate after a restart from zero', 'requestRate', [{ requestsTotal: 10 }, { requestsTotal: 2 }], 2],
  [
    'the mean time to first token in the window',
    'timeToFirstToken',
    [
      { timeToFirstTokenSecondsSum: 100, timeToFirstTokenCount: 10, concurrency: 1 },
      { timeToFirstTokenSecondsSum: 103, timeToFirstTokenCount: 12, concurrency: 1 },
    ],
    1.5,
  ],
  [
    'a time to first token of zero when nothing came and nothing waits',
    'timeToFirstToken',
    [{ timeToFirstTokenSecondsSum: 100, timeToFirstTokenCount: 10, concurrency: 0 }],
    0,
  ],
  [
    'no time to first token while requests wait and none was answered',
    'timeToFirstToken',
    [{ timeToFirstTokenSecondsSum: 100, timeToFirstTokenCount: 10, concurrency: 5 }],
    undefined,
  ],
];
it.each(loads)('reads %s', (_name, metric, signals, want) => {
  expect(atSeconds(metric, ...signals).lastLoad).toBe(want);
});

it('forgets first tokens that are older than the window', () => {
  const mark = (atMs: number, secondsSum: number, count: number) =>
    goodReading(atMs, { timeToFirstTokenSecondsSum: secondsSum, timeToFirstTokenCount: count, concurrency: 1 });
  const memory = after('timeToFirstToken', [
    mark(0, 0, 0),
    mark(5_000, 50, 10),
    mark(14_000, 51, 11),
    mark(15_000, 52, 12),
  ]);
  expect(memory.lastLoad).toBe(1);
});

it('starts the time to first token anew when the server restarts', () => {
  const mark = (atMs: number, secondsSum: number, count: number) =>
    goodReading(atMs, { timeToFirstTokenSecondsSum: secondsSum, timeToFirstTokenCount: count, concurrency: 1 });
  expect(after('timeToFirstToken', [mark(0, 500, 100), mark(1_000, 4, 2)]).lastLoad).toBe(2);
});

it('knows when the request counter moved, and that the first sight of it is no move', () => {
  const first = atSeconds('concurrency', { requestsTotal: 5 });
  expect(first.counters.requestsTotal?.movedMs).toBeUndefined();
  expect(
    atSeconds('concurrency', { requestsTotal: 5 }, { requestsTotal: 5 }).counters.requestsTotal?.movedMs,
  ).toBeUndefined();
  expect(
    atSeconds('concurrency', { requestsTotal: 5 }, { requestsTotal: 6 }, { requestsTotal: 6 }).counters.requestsTotal
      ?.movedMs,
  ).toBe(1000);
});

it('takes a counter that appears with its first request for a request, and one that restarts at zero for none', () => {
  expect(
    atSeconds('concurrency', { requestsTotal: undefined }, { requestsTotal: 1 }).counters.requestsTotal?.movedMs,
  ).toBe(1000);
  expect(
    atSeconds('concurrency', { requestsTotal: 500 }, { requestsTotal: 0 }).counters.requestsTotal?.movedMs,
  ).toBeUndefined();
  expect(atSeconds('concurrency', { requestsTotal: 500 }, { requestsTotal: 2 }).counters.requestsTotal?.movedMs).toBe(
    1000,
  );
});

it('forgets nothing when a scrape fails', () => {
  const readings = [goodReading(0, { concurrency: 4, requestsTotal: 9 }), failedReading(1000), failedReading(2000)];
  expect(after('concurrency', readings)).toMatchObject({
    lastLoad: 4,
    lastLoadMs: 0,
    counters: { requestsTotal: { value: 9, atMs: 0 } },
  });
});

it('lets the mean time to first token fall when the histogram leaves the page', () => {
  const answered = { timeToFirstTokenSecondsSum: 9, timeToFirstTokenCount: 1 };
  const served = [
    goodReading(0, { timeToFirstTokenSecondsSum: 0, timeToFirstTokenCount: 0 }),
    goodReading(1000, answered),
  ];
  const later = (atMs: number, concurrency: number | undefined) =>
    after('timeToFirstToken', [...served, goodReading(atMs, { concurrency })]);
  expect(later(2_000, 0)).toMatchObject({ lastLoad: 9, lastLoadMs: 2_000 });
  expect(later(12_000, 0)).toMatchObject({ lastLoad: 0, lastLoadMs: 12_000 });
  // With requests in the engine, what their first token takes is not known, and what was is not said of now.
  expect(later(12_000, 3)).toMatchObject({ lastLoad: 9, lastLoadMs: 1_000 });
});

it('divides what a counter grew by by the time since it was last on the page', () => {
  const without = Array.from({ length: 59 }, (_, second) => goodReading((second + 1) * 1000, {}));
  const memory = after('requestRate', [
    goodReading(0, { requestsTotal: 10 }),
    ...without,
    goodReading(60_000, { requestsTotal: 70 }),
  ]);
  expect(memory.lastLoad).toBe(1);
});

it('takes nothing that another engine counted for what this one has counted since', () => {
  const before = goodReading(0, { requestsTotal: 10 });
  const other = { ...goodReading(1000, { requestsTotal: 40 }), engine: 'sglang' as const };
  const memory = after('requestRate', [before, other]);
  expect(memory.counters.requestsTotal?.movedMs).toBeUndefined();
  expect(memory.lastLoad).toBeUndefined();
});
