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
