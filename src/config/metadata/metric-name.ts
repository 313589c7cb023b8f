import type { TriggerMetadata } from './trigger-metadata.ts';

/**
 * The name of a trigger's one metric, such as `llm-concurrency` or `llm-kv-cache`: `[a-z0-9-]` only, because KEDA
 * makes it a path segment of an API. Triggers of one ScaledObject are told apart by KEDA's own prefix.
 */
export function metricNameOf({ metric }: Pick<TriggerMetadata, 'metric'>): string {
  return `llm-${metric.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
