import type { EngineProfile } from '../engine/engine-profiles.ts';
import type { EngineShape } from '../engine/engine-shape.ts';
import type { StepTiming } from '../engine/step-timing.ts';
import type { RunComparison } from './compare-run.ts';
import { compareRun, spans } from './compare-run.ts';
import type { LoggedRequest } from './run-log.ts';

/** What of the step-time law is fitted, each as one factor: what runs of requests can tell apart. */
interface Factors {
  /** Of what a step costs whatever is in it: weights, launching, sampling. */
  readonly step: number;
  /** Of what tokens of prompts cost. */
  readonly prompt: number;
  /** Of what the KV cache of decoding requests costs. */
  readonly cache: number;
}

/** A fitted profile, and how it stands to each run. */
export interface Fit {
  readonly profile: EngineProfile;
  readonly before: readonly RunComparison[];
  readonly after: readonly RunComparison[];
}

const names = ['step', 'prompt', 'cache'] as const;
/** Every way to go up, down or stay with each of the three: they trade off, so one at a time is not enough. */
const moves = [-1, 0, 1]
  .flatMap((step) => [-1, 0, 1].flatMap((prompt) => [-1, 0, 1].map((cache) => [step, prompt, cache])))
  .filter((move) => move.some((way) => way !== 0));
/** Steps of the search, as shares; each is used until nothing gets better by it. */
const strides = [0.4, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005];
const mostRounds = 40;
/** No factor leaves these bounds: beyond them another profile is the better start. */
const furthest = 8;

/**
 * Fits a profile to runs of a real server by a pattern search over three factors of its step times, until simulated
 * and real times to first token, for each further one and in all agree in mean, middle and tail. Limits and the size of
 * the KV cache stay as the profile says.
 */
export function fitProfile(start: EngineProfile, runs: readonly (readonly LoggedRequest[])[], name: string): Fit {
  const shapeOf = (factors: Factors): EngineShape => ({ ...start.shape, timing: scaled(start.shape.timing, factors) });
  const missOf = (factors: Factors): number => {
    const shape = shapeOf(factors);
    return runs.reduce((sum, run) => sum + missing(compareRun(shape, run)), 0);
  };
  const factors = search(missOf);
  const shape = shapeOf(factors);
  const basis = `fitted to ${runs.length} runs of ${runs.reduce((sum, run) => sum + run.length, 0)} requests, from ${start.name}`;
  return {
    profile: { ...start, name, title: `${start.title}, calibrated`, shape, basis },
    before: runs.map((run) => compareRun(start.shape, run)),
    after: runs.map((run) => compareRun(shape, run)),
  };
}

function search(missOf: (factors: Factors) => number): Factors {
  let best: Factors = { step: 1, prompt: 1, cache: 1 };
  let least = missOf(best);
  for (const stride of strides) {
    for (let round = 0, isBetter = true; isBetter && round < mostRounds; round += 1) {
      isBetter = false;
      for (const move of moves) {
        const tried = moved(best, move, 1 + stride);
        const miss = tried === undefined ? Number.POSITIVE_INFINITY : missOf(tried);
        if (tried === undefined || miss >= least) continue;
        [best, least, isBetter] = [tried, miss, true];
      }
    }
  }
  return best;
}

/** The factors after a move of one stride; `undefined` where one would leave its bounds. */
function moved(factors: Factors, move: readonly number[], stride: number): Factors | undefined {
  const [step = 1, prompt = 1, cache = 1] = names.map((name, place) => factors[name] * stride ** move[place]!);
  const isWithin = [step, prompt, cache].every((factor) => factor <= furthest && factor >= 1 / furthest);
  return isWithin ? { step, prompt, cache } : undefined;
}

/** How far a run is off, in squares of logarithms, so that twice and half count the same. */
function missing(comparison: RunComparison): number {
  let miss = 0;
  for (const span of spans) {
    const { mean, p50, p90 } = comparison[span];
    for (const error of [mean, p50, p90]) miss += Math.log(Math.max(1 + error, 1e-6)) ** 2;
  }
  return miss;
}

function scaled(timing: StepTiming, { step, prompt, cache }: Factors): StepTiming {
  return {
    memoryBaseMs: timing.memoryBaseMs * step,
    memoryPerTokenMs: timing.memoryPerTokenMs * step,
    computeBaseMs: timing.computeBaseMs * prompt,
    computePerTokenMs: timing.computePerTokenMs * prompt,
    kvPerThousandTokensMs: timing.kvPerThousandTokensMs * cache,
    attentionPerMillionPairsMs: timing.attentionPerMillionPairsMs * prompt,
    perSequenceMs: timing.perSequenceMs * step,
    overheadMs: timing.overheadMs * step,
  };
}
