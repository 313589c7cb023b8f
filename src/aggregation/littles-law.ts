import type { StepWindow } from './step-window.ts';

/** A request counts for at most this many times as long as requests usually take: one that stands out counts alone. */
const usualUpTo = 2;

/** What the growth of latency sums says of one endpoint, over two spans that end with its newest reading. */
export interface LatencyEstimate {
  /** Mean requests in the server over the burst window and over the window, as far as they have ended. */
  readonly burst: number;
  readonly window: number;
  /** What of that the gauge did not show over the same span. */
  readonly unseenInBurst: number;
  readonly unseenInWindow: number;
  /** Mean seconds that the requests took which ended in the window; `undefined` where none did. */
  readonly meanSeconds: number | undefined;
}

export interface EstimateSpans {
  readonly windowMs: number;
  readonly burstWindowMs: number;
  /** True where the gauge is known to show a part alone, as a queue does: then it is taken at its word. */
  readonly isGaugeOfPart?: boolean;
}

/**
 * Little's law, L = λW (Little 1961): the growth of the sum of request seconds, over time, is the mean number of
 * requests in the server. `undefined` before the first step.
 *
 * A sum grows by a request's whole time at its end, so a long one would look like many at once. Three bounds keep each
 * request at what it can have been: it counts for the part of its time that lies inside the span; in a step whose mean
 * is far above the usual one the rest counts as one request; and what is still running counts for nothing. So the
 * estimate is a lower bound: for requests that take `t` of a span `T` it shows about `1 - t / 2T` of them.
 */
export function latencyEstimate(
  steps: StepWindow,
  nowMs: number,
  { windowMs, burstWindowMs, isGaugeOfPart = false }: EstimateSpans,
): LatencyEstimate | undefined {
  const { startMs } = steps;
  if (startMs === undefined) return undefined;
  const usualSeconds = usualIn(steps, nowMs - windowMs);
  // What was not looked at yet is not idle: a scaler that has just started must not find less than there is.
  const burst = meanOver(steps, usualSeconds, nowMs, Math.min(burstWindowMs, nowMs - startMs));
  const window = meanOver(steps, usualSeconds, nowMs, windowMs);
  return {
    burst: burst.requests,
    window: window.requests,
    unseenInBurst: unseen(burst, isGaugeOfPart),
    unseenInWindow: unseen(window, isGaugeOfPart),
    meanSeconds: window.count > 0 ? window.seconds / window.count : undefined,
  };
}

/**
 * A gauge that shows requests is believed up to half as much again. Sums move when requests end and gauges when they are
 * looked at, so that over a few seconds the two differ by some requests either way, most of all while requests move from
 * one replica to another; taking the larger of both each time would count that as load. A gauge that is blind shows
 * nothing or next to nothing, and then nearly all of the estimate counts.
 */
const believedUpTo = 1.5;

function unseen({ requests, gauge }: ReturnType<typeof meanOver>, isGaugeOfPart: boolean): number {
  return Math.max(0, requests - (isGaugeOfPart ? 1 : believedUpTo) * gauge);
}

/** Above this share of the window a request that is still running is much of what there is. */
const longShare = 0.25;

/** The estimate in words, beside what the gauge says; the same on the status page and in `probe`. */
export function latencyWords(
  { burst, window, meanSeconds = 0 }: LatencyEstimate,
  gauge: number | undefined,
  windowMs: number,
): string {
  const isLong = meanSeconds > (longShare * windowMs) / 1000;
  const requests = `${isLong ? 'at least ' : ''}${rounded(Math.max(burst, window))}`;
  const why = isLong ? ` (requests of ${rounded(meanSeconds)} s show when they end)` : '';
  return `from latency sums: ${requests}${why}; gauge ${gauge === undefined ? 'not printed' : rounded(gauge)}`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Room for the means of one call, kept because every page of every endpoint asks. */
let means = new Float64Array(128);

/** The median of the means of steps: what a request takes usually, whatever a few of them take. */
function usualIn(steps: StepWindow, sinceMs: number): number {
  if (means.length < steps.length) means = new Float64Array(2 * steps.length);
  let found = 0;
  for (let step = steps.firstAfter(sinceMs); step < steps.length; step++) {
    if (steps.seconds(step) > 0) means[found++] = steps.seconds(step) / requestsIn(steps, step);
  }
  return found === 0 ? 0 : means.subarray(0, found).sort()[found >> 1]!;
}

/** A counter of requests may move at their arrival: seconds without an ending are those of one request at least. */
function requestsIn(steps: StepWindow, step: number): number {
  return Math.max(1, steps.count(step));
}

function meanOver(steps: StepWindow, usualSeconds: number, nowMs: number, spanMs: number) {
  const sinceMs = nowMs - spanMs;
  let requestSeconds = 0;
  let gaugeMs = 0;
  let seconds = 0;
  let count = 0;
  for (let step = steps.firstAfter(sinceMs); step < steps.length; step++) {
    const fromMs = steps.fromMs(step);
    const toMs = steps.toMs(step);
    const insideMs = toMs - Math.max(fromMs, sinceMs);
    gaugeMs += steps.gauge(step) * insideMs;
    if (steps.seconds(step) === 0) continue;
    seconds += steps.seconds(step);
    count += requestsIn(steps, step);
    const share = insideMs / (toMs - fromMs);
    requestSeconds += share * secondsInside(steps, step, usualSeconds, (toMs - sinceMs) / 1000);
  }
  return { requests: requestSeconds / (spanMs / 1000), gauge: gaugeMs / spanMs, seconds, count };
}

/** Of the seconds of a step those that can lie in a span of which `mostSeconds` had passed when it ended. */
function secondsInside(steps: StepWindow, step: number, usualSeconds: number, mostSeconds: number): number {
  const requests = requestsIn(steps, step);
  const each = Math.min(steps.seconds(step) / requests, usualUpTo * usualSeconds);
  const rest = steps.seconds(step) - requests * each;
  return requests * Math.min(each, mostSeconds) + Math.min(rest, mostSeconds);
}
