import type { PodGauges } from './pod-gauges.ts';

/** What the saturation analyser of llm-d's workload variant autoscaler is set to. */
export interface WvaSettings {
  /** From this share of its KV cache, or this many waiting requests, a replica counts as saturated. */
  readonly kvCacheThreshold: number;
  readonly queueLengthThreshold: number;
  /** Spare share of the cache, or of the queue, of the others below which one more is asked for. */
  readonly kvSpareTrigger: number;
  readonly queueSpareTrigger: number;
}

type Gauges = Pick<PodGauges, 'kvCacheRatio' | 'waiting'>;

/**
 * One more, one fewer or the same (llm-d docs 0.8, saturation analyser V1): one more where the replicas that are not
 * saturated have too little to spare in the mean, or there is none; one fewer where the load of all, carried by one
 * replica less, would still leave enough.
 */
export function wvaStep(gauges: readonly Gauges[], settings: WvaSettings): 1 | 0 | -1 {
  const { kvCacheThreshold, queueLengthThreshold, kvSpareTrigger, queueSpareTrigger } = settings;
  const free = gauges.filter(
    ({ kvCacheRatio, waiting }) => kvCacheRatio < kvCacheThreshold && waiting < queueLengthThreshold,
  );
  if (free.length === 0) return 1;
  const mean = (of: (one: Gauges) => number): number => free.reduce((sum, one) => sum + of(one), 0) / free.length;
  const cache = mean(({ kvCacheRatio }) => kvCacheRatio);
  const queue = mean(({ waiting }) => waiting);
  if (kvCacheThreshold - cache < kvSpareTrigger || queueLengthThreshold - queue < queueSpareTrigger) return 1;
  if (free.length < 2) return 0;
  const more = free.length / (free.length - 1);
  const stillSpare =
    kvCacheThreshold - cache * more >= kvSpareTrigger && queueLengthThreshold - queue * more >= queueSpareTrigger;
  return stillSpare ? -1 : 0;
}
