import type { SimulatedPod } from '../../simulate/workload.ts';
import type { Stage } from '../stage.ts';

/** What monitoring reads of one pod. Ratios are 0 to 1. */
export interface PodGauges {
  readonly running: number;
  readonly waiting: number;
  readonly kvCacheRatio: number;
  /** Share of time a kernel runs, which is all of it while there is one request. */
  readonly gpuUtilizationRatio: number;
  /** Share of the GPU's memory in use: an engine takes its share when it starts and keeps it. */
  readonly gpuMemoryRatio: number;
}

const engineMemoryShare = 0.9;

/** The gauges of each pod that is not ending; `undefined` for one that is starting. */
export function podGauges(stage: Stage): (PodGauges | undefined)[] {
  const nowMs = stage.clock.nowMs();
  const pods = stage.current().pods.filter(({ state }) => state !== 'terminating');
  return pods.map((pod) => (pod.state === 'ready' ? gaugesOf(pod, nowMs) : undefined));
}

/** The gauges of the ready pods. */
export function readyGauges(stage: Stage): PodGauges[] {
  return podGauges(stage).filter((gauges) => gauges !== undefined);
}

function gaugesOf({ engine }: SimulatedPod, nowMs: number): PodGauges {
  engine.advance(nowMs);
  const { runningRequests: running, waitingRequests: waiting, kvCacheRatio } = engine;
  return {
    running,
    waiting,
    kvCacheRatio,
    gpuUtilizationRatio: running > 0 ? 1 : 0,
    gpuMemoryRatio: engineMemoryShare,
  };
}

export function sumOf(gauges: readonly PodGauges[], of: (one: PodGauges) => number): number {
  return gauges.reduce((sum, one) => sum + of(one), 0);
}
