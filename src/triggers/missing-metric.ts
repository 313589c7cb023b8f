import type { EndpointMemory } from '../aggregation/endpoint-memory.ts';
import type { Metric } from '../config/metadata/trigger-metadata.ts';
import { whyMetricAbsent } from '../presets/reading/why-metric-absent.ts';

/** Why the newest page, which was read, did not give what the trigger counts; `undefined` where it did. */
export function missingMetric({ latest, lastLoadMs }: EndpointMemory, metric: Metric): string | undefined {
  if (latest?.ok !== true || latest.atMs === lastLoadMs) return undefined;
  // Those are read from exporters.
  if (metric === 'gpuUtilization' || metric === 'gpuMemory') return undefined;
  return whyMetricAbsent(latest.engine, metric, latest.signals);
}
