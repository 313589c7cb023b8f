import type { Observation } from '../aggregation/observation.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { ReportPolicy } from '../decision/decide.ts';
import type { HpaView } from '../decision/hpa-view.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import type { Scaling } from '../discovery/scaling.ts';
import type { HpaTolerance } from '../keda/hpa-proposal.ts';
import { defaultHpaTolerance } from '../keda/hpa-proposal.ts';
import type { Moment } from './moment.ts';

/** The HPA reads the scale, then asks for the metric: a size counts for so long after it was last seen. */
const SIZE_COUNTS_FOR_MS = 5_000;
/** An HPA that buys the surge makes it none, until the rollout has added another: it looks every 15 s. */
const SURGE_IS_OVER_AFTER_MS = 20_000;
/** The HPA can't find more different sizes than these within that time. */
const MOST_SIZES = 16;

/** What is remembered of the replicas that the HPA may find. */
export interface SurgeMemory {
  /** Sizes that `status.replicas` may have had lately, the newest first. */
  readonly sizes: readonly { readonly replicas: number; readonly atMs: number }[];
  /**
   * Replicas that were asked for when more than that appeared, or that what could be read has justified since;
   * `undefined` while there are no more, and were none lately.
   */
  readonly justReplicas: number | undefined;
  /** When there were last more than are asked for. */
  readonly surgeMs: number | undefined;
}

export const noSurge: SurgeMemory = { sizes: [], justReplicas: undefined, surgeMs: undefined };

/** The memory after one more moment. */
export function rememberSurge(
  before: SurgeMemory,
  { discovered, nowMs }: Moment,
  { replicas, windowed }: Observation,
  { aggregation, targetValue }: ReportPolicy,
): SurgeMemory {
  const now = discovered.scale?.statusReplicas ?? [];
  const { usesCachedMetrics = false } = discovered.scaling ?? {};
  const forMs = SIZE_COUNTS_FOR_MS + (usesCachedMetrics ? (discovered.pollingIntervalMs ?? 0) : 0);
  const older = before.sizes.filter((size) => nowMs - size.atMs <= forMs && !now.includes(size.replicas));
  const sizes = [...now.map((size) => ({ replicas: size, atMs: nowMs })), ...older].slice(0, MOST_SIZES);
  const surgeMs = sizes.some((size) => size.replicas > replicas) ? nowMs : before.surgeMs;
  if (surgeMs === undefined || nowMs - surgeMs > SURGE_IS_OVER_AFTER_MS) return { ...noSurge, sizes };
  // A mean over a window may lie a rounding above what it is the mean of.
  const needed = aggregation === 'sum' ? Math.ceil(windowed.low / targetValue - 1e-6) : 0;
  return { sizes, surgeMs, justReplicas: Math.min(Math.max(before.justReplicas ?? replicas, needed), replicas) };
}

/**
 * What the HPA will look at beside the value. `undefined` where the scale or the ScaledObject are not read, and where a
 * formula of the ScaledObject makes something else of the value.
 */
export function hpaViewOf(
  { sizes, justReplicas }: SurgeMemory,
  { discovered, metricType }: Moment,
  { replicas, aggregation }: { readonly replicas: number; readonly aggregation: TriggerMetadata['aggregation'] },
): HpaView | undefined {
  const { scale, scaling } = discovered;
  if (scale === undefined || scaling === undefined || scaling.hasFormula || sizes.length === 0) return undefined;
  // A rollout that begins or ends at this moment is there and is not.
  const statusReplicas = [...new Set([...sizes.map((size) => size.replicas), replicas])];
  const type = metricType ?? (aggregation === 'sum' ? 'AverageValue' : 'Value');
  const sight = {
    specReplicas: replicas,
    statusReplicas,
    readyReplicas: scale.readyReplicas,
    tolerances: tolerancesOf(scaling),
  };
  const isMoving = scale.statusReplicas.length > 1 || scale.statusReplicas[0]! > replicas;
  return {
    kind: type === 'AverageValue' ? 'average-value' : 'value',
    sight,
    isErrorSafe: isMoving && isErrorSafe(discovered, scaling),
    justReplicas: justReplicas ?? replicas,
    minReplicas: scaling.minReplicaCount,
    maxReplicas: scaling.maxReplicaCount,
  };
}

/**
 * Where KEDA may scale to nothing, it can take an error for idleness (see `told.ts`); where there is a fallback, an
 * error is taken for a failure.
 */
function isErrorSafe({ hasFallback, problem }: EndpointSnapshot, scaling: Scaling): boolean {
  const mayEnd = scaling.minReplicaCount === 0 || scaling.idleReplicaCount !== undefined;
  return !mayEnd && hasFallback === false && problem === undefined;
}

/** As set; an API server that does not know the field drops it, and the default holds. */
function tolerancesOf({ behavior }: Scaling): readonly HpaTolerance[] {
  const up = behavior?.scaleUp?.tolerance ?? defaultHpaTolerance.up;
  const down = behavior?.scaleDown?.tolerance ?? defaultHpaTolerance.down;
  const isSet = up !== defaultHpaTolerance.up || down !== defaultHpaTolerance.down;
  return isSet ? [{ up, down }, defaultHpaTolerance] : [defaultHpaTolerance];
}
