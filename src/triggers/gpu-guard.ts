import { lastStirMs } from '../aggregation/standstill.ts';
import { GPU_STALE_AFTER_MS } from './loads.ts';
import type { Moment } from './moment.ts';
import type { WatchedList } from './watched-list.ts';

/** From this share on a GPU is doing work: an idle model server leaves its GPU at 0. */
const BUSY_RATIO = 0.1;

/** Nodes on which the workload's pods run. */
export function nodesOf({ endpoints }: Pick<WatchedList, 'endpoints'>): ReadonlySet<string> {
  const nodes = new Set<string>();
  for (const { endpoint } of endpoints) if (endpoint.node !== undefined) nodes.add(endpoint.node);
  return nodes;
}

/**
 * A busy GPU is believed against an idle page for this long while no counter on the page moves: with time slicing one
 * of the pods on a device is given the work of all.
 */
const BELIEVED_FOR_MS = 1_800_000;

/**
 * True when a replica's page says idle while its own GPU is at work: then the page is not believed, and the workload
 * is kept. A GPU that pods share proves nothing about one of them.
 */
export function isGpuBusy({ gpus, replicas, nowMs }: Moment): boolean {
  if (gpus === undefined) return false;
  for (const { endpoint, memory } of replicas.endpoints) {
    if (endpoint.namespace === undefined || memory.lastLoad !== 0) continue;
    const facts = gpus.ofPod(endpoint.namespace, endpoint.name, endpoint.node);
    if (facts === undefined || facts.gpus.shared || nowMs - facts.atMs > GPU_STALE_AFTER_MS) continue;
    if (nowMs - (lastStirMs(memory) ?? nowMs) > BELIEVED_FOR_MS) continue;
    if ((facts.gpus.utilizationRatio ?? 0) >= BUSY_RATIO) return true;
  }
  return false;
}
