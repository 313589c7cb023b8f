import type { Bounds } from '../aggregation/bound-window.ts';
import type { Observation } from '../aggregation/observation.ts';
import type { Aggregation } from '../config/metadata/trigger-metadata.ts';

export interface ReportPolicy {
  /** Load one replica should carry, in the metric's unit. Above 0. */
  readonly targetValue: number;
  readonly aggregation: Aggregation;
}

export type HoldReason = 'discovery-not-synced' | 'nothing-readable';

/** `hold`: KEDA and the HPA are to keep the replica count, or to use the ScaledObject's fallback; see `told.ts`. */
export type Decision =
  | {
      readonly kind: 'report';
      /** A total over all endpoints, or their mean or maximum where the trigger asks for it. */
      readonly metricValue: number;
      /** The same at this moment, windows left out: what activation looks at. */
      readonly loadNow: number;
      /** The value at which the replica count stays as it is. */
      readonly noChangeValue: number;
      /** Which bound spoke: `exact` when every endpoint could be read. */
      readonly settledBy: 'exact' | 'no-change' | 'lower-bound' | 'upper-bound';
    }
  | { readonly kind: 'hold'; readonly reason: HoldReason };

/**
 * Decides what KEDA is told about one trigger. With the default aggregation the HPA divides:
 * `desiredReplicas = ceil(metricValue / targetValue)`.
 *
 * Unreadable endpoints bound the total from both sides. Inside those bounds the value that asks for no change wins,
 * so a failed scrape by itself never resizes the workload.
 */
export function decide(seen: Observation, policy: ReportPolicy): Decision {
  if (!seen.discoverySynced) return { kind: 'hold', reason: 'discovery-not-synced' };
  if (seen.unreadable > 0 && seen.readable === 0 && seen.now.low === 0) {
    return { kind: 'hold', reason: 'nothing-readable' };
  }
  const noChangeValue = noChangeValueOf(seen, policy);
  const metricValue = clamp(noChangeValue, seen.windowed);
  return {
    kind: 'report',
    metricValue,
    loadNow: clamp(noChangeValue, seen.now),
    noChangeValue,
    settledBy: settledBy(metricValue, seen.windowed),
  };
}

/** The value at which the HPA keeps the replicas there are. */
export function noChangeValueOf(
  { replicas }: Pick<Observation, 'replicas'>,
  { aggregation, targetValue }: ReportPolicy,
): number {
  return aggregation === 'sum' ? replicas * targetValue : targetValue;
}

export function clamp(value: number, bounds: Bounds): number {
  return Math.min(Math.max(value, bounds.low), bounds.high);
}

function settledBy(value: number, bounds: Bounds): Extract<Decision, { kind: 'report' }>['settledBy'] {
  if (bounds.low === bounds.high) return 'exact';
  if (value === bounds.low) return 'lower-bound';
  return value === bounds.high ? 'upper-bound' : 'no-change';
}
