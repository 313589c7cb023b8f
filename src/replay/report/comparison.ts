import type { Oracle, OraclePoint } from '../oracle/oracle.ts';
import { attainmentOf } from '../oracle/oracle.ts';
import type { QuantileSketch } from '../quantile-sketch.ts';
import type { ReplayResult } from '../run-replay.ts';
import type { TimelinePoint } from '../timeline.ts';

/** Quantiles in seconds; `null` where nothing was measured. */
export interface Quantiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** One row of the comparison. */
export interface PolicyRow {
  readonly name: string;
  readonly rule: string;
  /** Share of requests served within the objective, 0 to 1. */
  readonly attainment: number;
  readonly gpuHours: number;
  /** Its GPU-hours over the oracle's; `null` where that was not looked for. */
  readonly timesOracle: number | null;
  readonly ttftSeconds: Quantiles;
  readonly tpotSeconds: Quantiles;
  readonly scaleEvents: number;
  readonly peakReplicas: number;
  readonly requests: number;
  readonly served: number;
  readonly timedOut: number;
  readonly givenUp: number;
  readonly lost: number;
  /** Requests that had not ended an hour after the last one came. */
  readonly unfinished: number;
  readonly timeline: readonly TimelinePoint[];
}

export interface FrontierPoint {
  readonly attainment: number;
  readonly gpuHours: number;
  /** How it was planned, in words. */
  readonly plan: string;
}

/** Everything a report says. */
export interface Comparison {
  /** The load in words, and the file it came from. */
  readonly title: string;
  readonly trace: string;
  readonly profile: { readonly name: string; readonly title: string };
  readonly slo: { readonly ttftSeconds: number; readonly tpotSeconds: number };
  readonly coldStart: string;
  readonly bounds: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly seed: number;
  readonly requests: number;
  readonly tooLarge: number;
  readonly skipped: number;
  readonly spanSeconds: number;
  /** Requests one replica can carry within the objective, by the closed form. */
  readonly targetConcurrency: number;
  readonly meanTokens: { readonly prompt: number; readonly output: number };
  readonly policies: readonly PolicyRow[];
  /** Share of requests within the objective that is wanted, 0 to 1. */
  readonly wanted: number;
  /** `undefined` where it was not looked for. */
  readonly oracle: (FrontierPoint & { readonly isReached: boolean }) | undefined;
  readonly frontier: readonly FrontierPoint[];
  /** Requests a second, in the points of the policies' timelines. */
  readonly load: { readonly pointSeconds: number; readonly perSecond: readonly number[] };
}

export function policyRow(result: ReplayResult, oracle: Oracle | undefined): PolicyRow {
  const { policy, tally, gpuHours, unfinished } = result;
  const { scaleEvents, peakReplicas, arrivals: requests, served, timedOut, givenUp, lost } = tally;
  return {
    name: policy.name,
    rule: policy.rule,
    attainment: rounded(attainmentOf(result), 6),
    gpuHours: rounded(gpuHours, 4),
    timesOracle: oracle === undefined ? null : rounded(gpuHours / oracle.best.result.gpuHours, 4),
    ttftSeconds: quantilesOf(tally.timeToFirstTokenMs),
    tpotSeconds: quantilesOf(tally.timePerOutputTokenMs),
    scaleEvents,
    peakReplicas,
    requests,
    served,
    timedOut,
    givenUp,
    lost,
    unfinished,
    timeline: tally.timeline.points(),
  };
}

export function frontierPoint({ attainment, plan, result }: OraclePoint): FrontierPoint {
  return {
    attainment: rounded(attainment, 6),
    gpuHours: rounded(result.gpuHours, 4),
    plan,
  };
}

function quantilesOf(sketch: QuantileSketch): Quantiles {
  const at = (share: number): number | null => {
    const ms = sketch.quantile(share);
    return ms === undefined ? null : rounded(ms / 1000, 5);
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** So many decimals: enough to compare, and the same bytes on every machine. */
function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
