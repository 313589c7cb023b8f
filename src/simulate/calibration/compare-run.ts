import { Engine } from '../engine/engine.ts';
import type { EngineShape } from '../engine/engine-shape.ts';
import type { LoggedRequest } from './run-log.ts';

/** What is measured of a request: milliseconds to its first token, for each further one, and to its last. */
export const spans = ['timeToFirstToken', 'timePerOutputToken', 'endToEnd'] as const;
export type Span = (typeof spans)[number];

/** How a simulated run stands to a real one: simulated over real, minus 1. */
export interface RunError {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export type RunComparison = Readonly<Record<Span, RunError>>;

/** The same requests at the same moments, on one simulated replica. */
export function replayRun(shape: EngineShape, log: readonly LoggedRequest[]): LoggedRequest[] {
  const engine = new Engine<LoggedRequest>(shape, 0);
  const firstTokenMs = new Map<LoggedRequest, number>();
  const finishedMs = new Map<LoggedRequest, number>();
  const advance = (nowMs: number): void => {
    for (const { kind, request, atMs } of engine.advance(nowMs)) {
      (kind === 'finished' ? finishedMs : firstTokenMs).set(request, atMs);
    }
  };
  for (const request of log) {
    advance(request.arrivedMs);
    engine.submit(request, request.arrivedMs);
  }
  while (engine.nextChangeMs < Number.POSITIVE_INFINITY) advance(engine.nextChangeMs);
  return log.map((one) => ({ ...one, firstTokenMs: firstTokenMs.get(one)!, finishedMs: finishedMs.get(one)! }));
}

/** How far the simulated run of a log is from the log itself. */
export function compareRun(shape: EngineShape, log: readonly LoggedRequest[]): RunComparison {
  const simulated = replayRun(shape, log);
  const errorOf = (span: Span): RunError => {
    const real = spansOf(log, span);
    const ours = spansOf(simulated, span);
    const ratio = (of: (sorted: readonly number[]) => number): number => of(ours) / of(real) - 1;
    const at = (share: number) =>
      ratio((sorted) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
    return { mean: ratio(meanOf), p50: at(0.5), p90: at(0.9), p99: at(0.99) };
  };
  return {
    timeToFirstToken: errorOf('timeToFirstToken'),
    timePerOutputToken: errorOf('timePerOutputToken'),
    endToEnd: errorOf('endToEnd'),
  };
}

/** One span of every request that has it, ascending. */
export function spansOf(log: readonly LoggedRequest[], span: Span): readonly number[] {
  return log.flatMap((one) => spanOf(one, span) ?? []).sort((a, b) => a - b);
}

function spanOf({ arrivedMs, firstTokenMs, finishedMs, outputTokens }: LoggedRequest, span: Span): number | undefined {
  if (span === 'timeToFirstToken') return firstTokenMs - arrivedMs;
  if (span === 'endToEnd') return finishedMs - arrivedMs;
  return outputTokens > 1 ? (finishedMs - firstTokenMs) / (outputTokens - 1) : undefined;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
