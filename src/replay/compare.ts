import type { EngineProfile } from '../simulate/engine/engine-profiles.ts';
import type { Policy } from './autoscaler.ts';
import { meanStartMs } from './cold-starts.ts';
import type { Load } from './demand/load.ts';
import { survey } from './demand/survey.ts';
import type { Oracle } from './oracle/oracle.ts';
import { findOracle } from './oracle/oracle.ts';
import type { PolicyText } from './policies/parse-policy.ts';
import { makePolicy } from './policies/parse-policy.ts';
import type { Comparison } from './report/comparison.ts';
import { frontierPoint, policyRow } from './report/comparison.ts';
import type { ReplayOptions, ReplayResult } from './run-replay.ts';
import { runReplay } from './run-replay.ts';

export interface CompareOptions extends ReplayOptions {
  readonly profile: EngineProfile;
  readonly policies: readonly PolicyText[];
  /** Share of requests within the objective that the oracle keeps. */
  readonly attainment: number;
  readonly isOracleSought: boolean;
  /** Said of what is being done now; the share is of that alone. */
  readonly onStage?: (what: string, share: number) => void;
}

/** Settings of policies that can't be used, each in a sentence. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('; '));
    this.faults = faults;
  }
}

/** Replays a load under every policy and under the best possible one. The same seed, the same comparison. */
export async function compare(load: Load, options: CompareOptions): Promise<Comparison> {
  const { profile, slo, coldStarts, policies: texts, attainment, onStage = () => undefined } = options;
  onStage('reading the load', 0);
  const seen = await survey(load, profile, slo);
  const policies = makeAll(texts, (text) => makePolicy(text, seen));
  const results: ReplayResult[] = [];
  for (const policy of policies) {
    const onProgress = (share: number): void => onStage(policy.name, share);
    results.push(await runReplay(policy, load, seen, { ...options, onProgress }));
  }
  const startMs = meanStartMs(coldStarts.later);
  const onProgress = (share: number): void => onStage('oracle', share);
  const oracle = options.isOracleSought
    ? await findOracle(load, seen, { ...options, onProgress }, { attainment, startMs })
    : undefined;
  return assemble(load, options, { seen, results, oracle });
}

function makeAll(texts: readonly PolicyText[], make: (text: PolicyText) => ReturnType<typeof makePolicy>): Policy[] {
  const made = texts.map(make);
  const faults = made.flatMap((policy) => (policy.ok ? [] : policy.faults));
  if (faults.length > 0) throw new PolicyError(faults);
  return made.flatMap((policy) => (policy.ok ? [policy.value] : []));
}

interface Outcome {
  readonly seen: Awaited<ReturnType<typeof survey>>;
  readonly results: readonly ReplayResult[];
  readonly oracle: Oracle | undefined;
}

function assemble(load: Load, options: CompareOptions, { seen, results, oracle }: Outcome): Comparison {
  const { profile, slo, coldStarts, minReplicas, maxReplicas, seed, attainment: wanted } = options;
  const { first, later } = coldStarts;
  return {
    title: load.title,
    trace: load.name,
    profile: { name: profile.name, title: profile.title },
    slo: { ttftSeconds: slo.timeToFirstTokenMs / 1000, tpotSeconds: slo.timePerOutputTokenMs / 1000 },
    coldStart: first.text === later.text ? later.text : `${later.text} (the first ${first.text})`,
    bounds: { minReplicas, maxReplicas },
    seed,
    requests: seen.requests,
    tooLarge: seen.tooLarge,
    skipped: load.skipped?.() ?? 0,
    spanSeconds: seen.spanMs / 1000,
    targetConcurrency: Number(seen.target.requests.toFixed(3)),
    meanTokens: {
      prompt: Number(seen.mix.meanPromptTokens.toFixed(2)),
      output: Number(seen.mix.meanOutputTokens.toFixed(2)),
    },
    policies: results.map((result) => policyRow(result, oracle)),
    wanted,
    oracle: oracle && { ...frontierPoint(oracle.best), isReached: oracle.isReached },
    frontier: oracle?.frontier.map(frontierPoint) ?? [],
    load: loadOverTime(seen.arrivals, results[0]?.tally.timeline.pointMs ?? 60_000),
  };
}

function loadOverTime(arrivals: Uint16Array, pointMs: number): Comparison['load'] {
  const pointSeconds = pointMs / 1000;
  const perSecond: number[] = [];
  for (let from = 0; from < arrivals.length; from += pointSeconds) {
    const part = arrivals.subarray(from, from + pointSeconds);
    const mean = part.reduce((sum, count) => sum + count, 0) / part.length;
    perSecond.push(Number(mean.toFixed(4)));
  }
  return { pointSeconds, perSecond };
}
