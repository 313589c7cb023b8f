import type { EndpointMemory } from '../aggregation/endpoint-memory.ts';
import type { Metric } from '../config/metadata/trigger-metadata.ts';

/**
 * Where a server has refused requests lately that it had no room for, in words: what it refuses is load nowhere, so a
 * limit of its own at or below the target is never passed, and no second replica is asked for.
 */
export function refusedWords(
  { counters, lastLoad }: EndpointMemory,
  {
    metric,
    targetValue,
    windowMs,
  }: { readonly metric: Metric; readonly targetValue: number; readonly windowMs: number },
  nowMs: number,
): string | undefined {
  const movedMs = counters.refusedTotal?.movedMs;
  const isLately = movedMs !== undefined && nowMs - movedMs <= windowMs;
  if (!isLately || metric !== 'concurrency' || lastLoad === undefined || lastLoad > targetValue) return undefined;
  return (
    `it refuses requests with ${lastLoad} in it, which is not above the target of ${targetValue}: what is refused is no ` +
    'load, so no replica is asked for; choose a target below the limit of the server'
  );
}
