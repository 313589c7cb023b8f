import type { HpaBehavior } from '../keda/hpa-behavior.ts';

export type MetricType = 'AverageValue' | 'Value';

/** How KEDA and the HPA scale the workload, as the ScaledObject says. */
export interface Scaling {
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
  readonly idleReplicaCount: number | undefined;
  /** `undefined`: none is set, which is another way for the HPA than an empty one. */
  readonly behavior: HpaBehavior | undefined;
  /** Whether a formula (`scalingModifiers`) stands between a trigger's value and the HPA. */
  readonly hasFormula: boolean;
  /** Whether KEDA hands some trigger's values on as old as its polling interval. */
  readonly usesCachedMetrics: boolean;
  readonly metricTypes: MetricTypes;
}

/** What the HPA takes the values of all triggers for; where they differ, by `metadataKey`. */
export type MetricTypes = MetricType | ReadonlyMap<string, MetricType>;

/** A trigger's metadata as one string, whatever order it is written in. */
export function metadataKey(metadata: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The replicas the HPA looks at beside a value. */
export interface ScaleSight {
  /** What `status.replicas` may be at this moment, surge included, the likeliest first; at least one. */
  readonly statusReplicas: readonly number[];
  /** Pods under the scale's selector that are ready, ending ones and other owners' included. */
  readonly readyReplicas: number;
}
