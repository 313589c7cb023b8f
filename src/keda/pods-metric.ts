import type { HpaTolerance } from './hpa-proposal.ts';
import { isWithin } from './hpa-proposal.ts';

/** A metric that each pod has for itself, as the HPA's `Pods` and `Resource` metrics do. */
export interface PodsMetric {
  /** The value one pod should have in the mean. Above 0. */
  readonly target: number;
  /** One for each pod that is not ending; `undefined` for one that gives no value, such as one that is starting. */
  readonly values: readonly (number | undefined)[];
}

/**
 * What the HPA proposes for a per-pod metric, or `undefined` where no pod gives a value (kubernetes
 * `replica_calculator.go`, `calcPlainMetricReplicas`): pods without a value count as idle on the way up and as on
 * target on the way down, and where that turns the direction round nothing changes.
 */
export function proposePods(
  { target, values }: PodsMetric,
  current: number,
  tolerance: HpaTolerance,
): number | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  const ratio = meanOf(known) / target;
  if (known.length === values.length) return isWithin(ratio, tolerance) ? current : Math.ceil(ratio * known.length);
  const filled = values.map((value) => value ?? (ratio < 1 ? target : 0));
  const careful = meanOf(filled) / target;
  if (isWithin(careful, tolerance) || (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1)) return current;
  const proposal = Math.ceil(careful * filled.length);
  if ((careful < 1 && proposal > current) || (careful > 1 && proposal < current)) return current;
  return proposal;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
