import type { Counter } from '../presets/quantities.ts';
import type { CounterTrack, CounterTracks } from './counters.ts';
import type { GoodReading } from './reading.ts';
import { StepWindow } from './step-window.ts';

/** A latency as two counters: the sum of its seconds, and how many there were. */
export interface LatencyCounters {
  readonly sum: Counter;
  readonly count: Counter;
  /**
   * After a fall: count what has come since the restart, where a mean is taken of it; or begin anew, where it would be
   * divided by the time of one step, though it may have been counted over a longer one.
   */
  readonly afterFall: 'count' | 'begin-anew';
}

export const requestLatency: LatencyCounters = {
  sum: 'requestSecondsSum',
  count: 'requestSecondsCount',
  afterFall: 'begin-anew',
};
export const firstTokenLatency: LatencyCounters = {
  sum: 'timeToFirstTokenSecondsSum',
  count: 'timeToFirstTokenCount',
  afterFall: 'count',
};

/** What is known before a reading: the counters until then, and the steps they made. */
export interface StepsBefore {
  readonly counters: CounterTracks;
  readonly steps: StepWindow | undefined;
}

interface Spans {
  readonly windowMs: number;
  readonly burstWindowMs: number;
}

/**
 * The steps after one more page, with what the latency grew by since it was last on one. Its first sight is no growth:
 * what a counter says then was counted over a time that nobody saw.
 */
export function stepsAfter(
  { counters, steps }: StepsBefore,
  { signals, atMs }: GoodReading,
  { sum, count, afterFall }: LatencyCounters,
  { gauge, ...spans }: Spans & { readonly gauge: number },
): StepWindow | undefined {
  const seconds = growthOf(counters[sum], signals[sum]);
  const requests = growthOf(counters[count], signals[count]);
  if (seconds === undefined || requests === undefined) return steps;
  const hasFallen = seconds.by < 0 || requests.by < 0;
  if (hasFallen && afterFall === 'begin-anew') return undefined;
  const grown = (hasFallen ? undefined : steps) ?? new StepWindow(spans.windowMs, spans.burstWindowMs);
  const [secondsBy, countBy] = hasFallen ? [signals[sum]!, signals[count]!] : [seconds.by, requests.by];
  grown.add({ fromMs: seconds.fromMs, toMs: atMs, seconds: secondsBy, count: countBy, gauge });
  return grown;
}

/**
 * The steps of a server that counts its requests and prints no latency: while the counter stands still nothing ended,
 * and once it moves nothing is known.
 */
export function stepsOfRequests(
  { counters, steps }: StepsBefore,
  { signals, atMs }: GoodReading,
  spans: Spans,
): StepWindow | undefined {
  const requests = growthOf(counters.requestsTotal, signals.requestsTotal);
  if (requests === undefined) return steps;
  if (requests.by !== 0) return undefined;
  const grown = steps ?? new StepWindow(spans.windowMs, spans.burstWindowMs);
  grown.add({ fromMs: requests.fromMs, toMs: atMs, seconds: 0, count: 0, gauge: 0 });
  return grown;
}

/** How far a counter has come since it was last on a page; below 0 where it fell. */
function growthOf(before: CounterTrack | undefined, now: number | undefined) {
  return before === undefined || now === undefined ? undefined : { fromMs: before.atMs, by: now - before.value };
}
