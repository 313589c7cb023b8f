/** How far from 1 the HPA lets its ratio be, upwards and downwards, before it acts. Shares, 0–1. */
export interface HpaTolerance {
  readonly up: number;
  readonly down: number;
}

/** The HPA's own dead band, unless the ScaledObject's `behavior` or the controller's flag sets another. */
export const HPA_TOLERANCE = 0.1;
export const defaultHpaTolerance: HpaTolerance = { up: HPA_TOLERANCE, down: HPA_TOLERANCE };

/** A metric as the HPA is given it: a total to be shared among replicas, or a value that each of them has. */
export interface HpaTarget {
  readonly kind: 'average-value' | 'value';
  /** Above 0, in the metric's unit. */
  readonly target: number;
}

/** The replicas that the HPA looks at. */
export interface HpaSizes {
  /** What is asked for. */
  readonly specReplicas: number;
  /** What there is, the surge of a rollout included. */
  readonly statusReplicas: number;
  /** Pods under the scale's selector that are ready, ending ones included; `undefined` where there is no pod at all. */
  readonly readyReplicas: number | undefined;
}

/** Where the controller's whole numbers end. */
const MOST_REPLICAS = 2 ** 31 - 1;

/**
 * Replicas that one metric makes the HPA ask for, before its limits, stabilization and policies; `undefined` where it
 * takes the metric for invalid. An average is compared with the replicas there are, surge included, and inside the
 * tolerance those are asked for; a value is multiplied with the ready ones. Numbers are KEDA's, in thousandths
 * (kubernetes `replica_calculator.go`).
 */
export function hpaProposal(
  { kind, target }: HpaTarget,
  value: number,
  sizes: HpaSizes,
  tolerance: HpaTolerance,
): number | undefined {
  const milliValue = Math.round(value * 1000);
  const milliTarget = Math.round(target * 1000);
  if (kind === 'average-value') {
    const isLeft = isWithin(milliValue / (milliTarget * sizes.statusReplicas), tolerance);
    return isLeft ? sizes.statusReplicas : whole(milliValue / milliTarget);
  }
  const ratio = milliValue / milliTarget;
  if (isWithin(ratio, tolerance)) return sizes.specReplicas;
  return sizes.readyReplicas === undefined ? undefined : whole(ratio * sizes.readyReplicas);
}

/** Whether a ratio asks for no change. Nothing over no replicas is no ratio, and not within any tolerance. */
export function isWithin(ratio: number, { up, down }: HpaTolerance): boolean {
  return ratio >= 1 - down && ratio <= 1 + up;
}

function whole(replicas: number): number {
  return Math.min(Math.ceil(replicas), MOST_REPLICAS);
}
