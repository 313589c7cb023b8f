import type { Autoscaler, Policy } from '../autoscaler.ts';
import { sameStart } from '../cold-starts.ts';
import type { Load } from '../demand/load.ts';
import type { Survey } from '../demand/survey.ts';
import type { ReplayOptions, ReplayResult } from '../run-replay.ts';
import { runReplay } from '../run-replay.ts';
import type { Stage } from '../stage.ts';
import type { LayerPlan } from './layers.ts';
import { planLayers } from './layers.ts';

/** One point of what can be had for what it costs, with all of the future known. */
export interface OraclePoint {
  /** How it was planned. */
  readonly plan: string;
  readonly result: ReplayResult;
  readonly attainment: number;
}

export interface Oracle {
  /** From cheap to dear, each with more attainment than the one before. */
  readonly frontier: readonly OraclePoint[];
  /** The cheapest point that keeps the wanted attainment, else the one that comes nearest. */
  readonly best: OraclePoint;
  /** Whether `best` keeps it. */
  readonly isReached: boolean;
}

export interface OracleOptions {
  /** Share of requests within the objective that is aimed at. */
  readonly attainment: number;
  /** How long a start takes in the mean. */
  readonly startMs: number;
}

/** Replicas are planned for this many times their target first, then each time for a tenth less. */
const firstShare = 1.25;
const stepShare = 0.9;
const mostSteps = 10;

type Try = (plan: LayerPlan, words: string) => Promise<OraclePoint>;

/**
 * The best possible, proven by replay: plans the layers' sizes, replays the load under them, and plans for less on each
 * replica until the wanted share of requests is within the objective; likewise the smallest fixed size that keeps it,
 * which is cheaper where the load is even. The cheaper of both counts.
 */
export async function findOracle(
  load: Load,
  survey: Survey,
  options: ReplayOptions,
  { attainment, startMs }: OracleOptions,
): Promise<Oracle> {
  const coldStarts = sameStart(startMs);
  const attempt: Try = async (plan, words) => {
    const result = await runReplay(foresight(plan), load, survey, { ...options, coldStarts });
    return { plan: words, result, attainment: attainmentOf(result) };
  };
  const layered = await tryLayers(attempt, survey, options, { attainment, startMs });
  const fixed = await tryFixed(attempt, options, { attainment, below: layered.at(-1)!.result });
  const points = [...layered, ...fixed].sort((a, b) => a.result.gpuHours - b.result.gpuHours);
  const frontier = points.filter((point, place) =>
    points.slice(0, place).every((one) => one.attainment < point.attainment),
  );
  const able = frontier.find((point) => point.attainment >= attainment);
  return { frontier, best: able ?? frontier.at(-1)!, isReached: able !== undefined };
}

async function tryLayers(
  attempt: Try,
  { offered, target }: Survey,
  { minReplicas, maxReplicas }: ReplayOptions,
  { attainment, startMs }: OracleOptions,
): Promise<OraclePoint[]> {
  const points: OraclePoint[] = [];
  const startSeconds = Math.ceil(startMs / 1000);
  let perReplica = target.requests * firstShare;
  for (let step = 0; step < mostSteps; step += 1, perReplica *= stepShare) {
    const plan = planLayers(offered, { perReplica, startSeconds, minReplicas, maxReplicas });
    points.push(await attempt(plan, `${perReplica.toFixed(1)} requests a replica`));
    if (points.at(-1)!.attainment >= attainment) break;
  }
  return points;
}

/** The smallest fixed size that keeps the attainment and costs no more than the layers do, by halving. */
async function tryFixed(
  attempt: Try,
  { minReplicas, profile }: ReplayOptions,
  { attainment, below }: { readonly attainment: number; readonly below: ReplayResult },
): Promise<OraclePoint[]> {
  const points: OraclePoint[] = [];
  const hours = below.spanMs / 3_600_000;
  let low = Math.max(1, minReplicas);
  let high = Math.floor(below.gpuHours / profile.gpus / hours);
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    points.push(
      await attempt({ initialReplicas: middle, changes: [], replicaSeconds: 0 }, `${middle} replicas throughout`),
    );
    if (points.at(-1)!.attainment >= attainment) high = middle - 1;
    else low = middle + 1;
  }
  return points;
}

/** Share of all requests that were served within the objective, 0 to 1. */
export function attainmentOf({ tally }: Pick<ReplayResult, 'tally'>): number {
  return tally.arrivals === 0 ? 1 : tally.attained / tally.arrivals;
}

function foresight({ initialReplicas, changes }: LayerPlan): Policy {
  const autoscaler: Autoscaler = {
    start(stage: Stage) {
      for (const { atMs, replicas } of changes) stage.clock.plan(atMs, () => stage.setReplicas(replicas));
    },
    close: async () => undefined,
  };
  const rule = 'the cheapest sizes with all of the future known';
  return { name: 'oracle', rule, leastReplicas: 0, initialReplicas, create: () => autoscaler };
}
