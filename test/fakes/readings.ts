import type { FailedReading, GoodReading } from '../../src/aggregation/reading.ts';
import type { Signals } from '../../src/presets/signals.ts';

/** A page that says nothing at all. */
export const noSignals: Signals = {
  running: undefined,
  waiting: undefined,
  concurrency: undefined,
  capacity: undefined,
  kvCacheRatio: undefined,
  requestsTotal: undefined,
  stepsTotal: undefined,
  timeToFirstTokenSecondsSum: undefined,
  timeToFirstTokenCount: undefined,
  inferred: false,
  asleep: false,
  models: [],
  problems: [],
};

export function goodReading(atMs: number, signals: Partial<Signals>): GoodReading {
  return {
    ok: true,
    atMs,
    url: 'http://10.0.0.1:8000/metrics',
    engine: 'vllm',
    signals: { ...noSignals, ...signals },
    durationMs: 3,
    bodyBytes: 50_000,
  };
}

export function failedReading(atMs: number): FailedReading {
  return { ok: false, atMs, url: 'http://10.0.0.1:8000/metrics', failure: 'unreachable', detail: 'connection refused' };
}
