import type { Autoscaler, Policy } from '../autoscaler.ts';
import type { Load } from '../demand/load.ts';
import type { Survey } from '../demand/survey.ts';
import type { ReplayOptions, ReplayResult } from '../run-replay.ts';
import { runReplay } from '../run-replay.ts';
import type { Stage } from '../stage.ts';
import type { LayerPlan } from './layers.ts';
import { planLayers } from './layers.ts';

/** One point of what can be had for what it costs, with all of the future known. */
export interface OraclePoint {
  /** Requests that one replica was planned to carry. */
  readonly perReplica: number;
  readonly result: ReplayResult;
  readonly attainment: number;
}

export interface Oracle {
  /** From the most to the least that a replica is planned to carry, so from cheap to dear. */
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

/**
 * The best possible, proven by replay: plans the layers' sizes, replays the load under them, and plans for less on each
 * replica until the wanted share of requests is within the objective.
 */
export async function findOracle(
  load: Load,
  survey: Survey,
  options: ReplayOptions,
  { attainment, startMs }: OracleOptions,
): Promise<Oracle> {
  const frontier: OraclePoint[] = [];
  let perReplica = survey.target.requests * firstShare;
  for (let step = 0; step < mostSteps; step += 1, perReplica *= stepShare) {
    const startSeconds = Math.ceil(startMs / 1000);
    const { minReplicas, maxReplicas } = options;
    const plan = planLayers(survey.offered, { perReplica, startSeconds, minReplicas, maxReplicas });
    const result = await runReplay(foresight(plan), load, survey, { ...options, coldStartMs: () => startMs });
    const point = { perReplica, result, attainment: attainmentOf(result) };
    frontier.push(point);
    if (point.attainment >= attainment) return { frontier, best: point, isReached: true };
  }
  const best = frontier.reduce((best, point) => (point.attainment > best.attainment ? point : best));
  return { frontier, best, isReached: false };
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
