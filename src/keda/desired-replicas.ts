/** The HPA's own dead band around a ratio of 1, unless the ScaledObject or the cluster sets another. */
export const HPA_TOLERANCE = 0.1;

/**
 * Replicas the HPA will ask for when given a total for an `AverageValue` target, before its limits, stabilization
 * and policies: the current number while `metricValue / (targetValue × replicas)` is within the tolerance of 1,
 * else `ceil(metricValue / targetValue)` (kubernetes `replica_calculator.go`).
 */
export function desiredReplicas(metricValue: number, targetValue: number, replicas: number): number {
  if (replicas === 0) return 0;
  const ratio = metricValue / (targetValue * replicas);
  if (ratio >= 1 - HPA_TOLERANCE && ratio <= 1 + HPA_TOLERANCE) return replicas;
  return Math.ceil(metricValue / targetValue);
}
