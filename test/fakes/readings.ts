import type { FailedReading, GoodReading } from '../../src/aggregation/reading.ts';
import type { Signals } from '../../src/presets/signals.ts';
import { absentSignals } from '../../src/presets/signals-outcome.ts';

export function goodReading(atMs: number, signals: Partial<Signals>): GoodReading {
  return {
    ok: true,
    atMs,
    url: 'http://10.0.0.1:8000/metrics',
    engine: 'vllm',
    signals: { ...absentSignals, ...signals },
    durationMs: 3,
    bodyBytes: 50_000,
  };
}

export function failedReading(atMs: number): FailedReading {
  return { ok: false, atMs, url: 'http://10.0.0.1:8000/metrics', failure: 'unreachable', detail: 'connection refused' };
}
