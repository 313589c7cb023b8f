import type { EndpointLoad, EndpointPhase, LoadEvidence, LoadPolicy } from '../aggregation/endpoint-load.ts';
import { endpointLoad, pageEvidence } from '../aggregation/endpoint-load.ts';
import type { MetricName } from '../config/trigger-metadata.ts';
import type { WatchedEndpoint } from './endpoint-watch.ts';
import type { Trigger } from './trigger.ts';
import type { Gpus } from './world.ts';

/** GPU exporters refresh their page every 30 s; after three times that nothing on it is current. */
export const GPU_STALE_AFTER_MS = 90_000;
/** A reading is current until this many intervals passed without the next one. */
const CURRENT_INTERVALS = 3;

export interface PhasedLoad {
  readonly phase: EndpointPhase;
  readonly load: EndpointLoad;
}

export function isGpuMetric(metric: MetricName): boolean {
  return metric === 'gpuUtilization' || metric === 'gpuMemory';
}

/** The load of each endpoint of a trigger, in the trigger's unit. */
export function loadsOf(trigger: Trigger, gpus: Gpus | undefined, nowMs: number): readonly PhasedLoad[] {
  const { targetValue, staleAfterMs, scrapeIntervalMs, scrapeTimeoutMs, metric } = trigger.metadata;
  const currentForMs = CURRENT_INTERVALS * scrapeIntervalMs + scrapeTimeoutMs;
  const pagePolicy: LoadPolicy = { targetValue, staleAfterMs, currentForMs: Math.min(currentForMs, staleAfterMs) };
  const gpuPolicy: LoadPolicy = { targetValue, staleAfterMs: GPU_STALE_AFTER_MS, currentForMs: GPU_STALE_AFTER_MS };
  const isGpu = isGpuMetric(metric);
  return [...trigger.endpoints.all].map((watched) => {
    const phase = hasJustBecomeReady(watched, pagePolicy.currentForMs, nowMs) ? 'starting' : watched.endpoint.state;
    const evidence = isGpu ? gpuEvidence(watched, gpus, metric) : pageEvidence(watched.memory);
    return { phase, load: endpointLoad(evidence, phase, isGpu ? gpuPolicy : pagePolicy, nowMs) };
  });
}

/**
 * A replica becomes ready between two scrapes. Until the first one since then it is known no worse than a moment ago,
 * when it was starting; counted as unreadable, each new replica of a rolling update would ask for one more.
 */
function hasJustBecomeReady({ becameReadyMs, memory }: WatchedEndpoint, graceMs: number, nowMs: number): boolean {
  if (becameReadyMs === undefined || nowMs - becameReadyMs > graceMs) return false;
  return memory.lastGood === undefined && (memory.latest === undefined || memory.latest.atMs < becameReadyMs);
}

/** What the pod's GPUs say, in place of its page. */
function gpuEvidence({ endpoint }: WatchedEndpoint, gpus: Gpus | undefined, metric: MetricName): LoadEvidence {
  const facts = endpoint.namespace === undefined ? undefined : gpus?.ofPod(endpoint.namespace, endpoint.name);
  const load = metric === 'gpuMemory' ? facts?.gpus.memoryRatio : facts?.gpus.utilizationRatio;
  return { load, loadMs: facts?.atMs, isLatest: true, wasRead: facts !== undefined };
}
