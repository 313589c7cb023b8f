/** What AIBrix' application pod autoscaler is set to. */
export interface ApaSettings {
  /** Load of one pod that is aimed at. */
  readonly target: number;
  /** Bands around the target in which nothing changes: 0.1 is 10 %. */
  readonly upTolerance: number;
  readonly downTolerance: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
}

/**
 * AIBrix' APA (vllm-project/aibrix `pkg/controller/podautoscaler/algorithm/apa.go`): in proportion to the mean load of
 * a pod outside the band, at most so many times more or fewer pods at once.
 */
export function apaReplicas(current: number, perPod: number, settings: ApaSettings): number {
  const ratio = perPod / settings.target;
  const expected = Math.ceil(current * ratio);
  if (ratio > 1 + settings.upTolerance) return Math.min(expected, Math.ceil(settings.maxScaleUpRate * current));
  if (ratio < 1 - settings.downTolerance) return Math.max(expected, Math.floor(current / settings.maxScaleDownRate));
  return current;
}

/**
 * The same with its guard (`autoscaler.go`, `applyPendingReplicaGuard`): pods that are starting count as idle on the way
 * up and as on target on the way down, and never turn the direction round.
 */
export function guardedReplicas(
  { current, ready }: { readonly current: number; readonly ready: number },
  perPod: number,
  settings: ApaSettings,
): number {
  const desired = apaReplicas(current, perPod, settings);
  const pending = current - ready;
  if (pending <= 0 || desired === current) return desired;
  const load = perPod * ready + (desired < current ? settings.target * pending : 0);
  const careful = Math.ceil(load / settings.target);
  const [low, high] = desired > current ? [current, desired] : [desired, current];
  return Math.min(Math.max(careful, low), high);
}
