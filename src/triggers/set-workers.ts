import type { EndpointLoad } from '../aggregation/endpoint-load.ts';
import type { Reading } from '../aggregation/reading.ts';
import type { WatchedEndpoint } from './watched-list.ts';

/**
 * A server opens its port before its pod is ready, or, without a readiness probe, once its model is loaded. Nearly all
 * have by then, so that a pod which is ready and refuses for longer than this runs no server with a page.
 */
export const WORKER_AFTER_MS = 300_000;

/** Since when an endpoint is ready and refuses every connection, after one more reading. */
export function refusesSince({ endpoint, refusesSinceMs }: WatchedEndpoint, reading: Reading): number | undefined {
  const refuses = !reading.ok && reading.failure === 'refused' && endpoint.phase === 'ready';
  return refuses ? (refusesSinceMs ?? reading.atMs) : undefined;
}

/** The load of a pod whose requests another pod's page shows. */
export const loadOfWorker: EndpointLoad = {
  legibility: 'not-serving',
  bounds: { low: 0, high: 0 },
  shown: { low: 0, high: 0 },
  overWindow: { low: 0, high: 0 },
};

/**
 * Headless workers of a StatefulSet, each with the name of the pod that prints its load: the first of the set by
 * ordinal, which has to be read at this moment. A worker never had a page, and has been ready and refused each
 * connection for so long that no page is to come. A pod of several asked-for servers is one only if none has a page.
 *
 * @param reads whether an endpoint's load is read at this moment
 */
export function headsOfWorkers(
  endpoints: readonly WatchedEndpoint[],
  reads: (at: number) => boolean,
  nowMs: number,
): ReadonlyMap<string, string> {
  const heads = new Map<string, { name: string; ordinal: number }>();
  const withPage = new Set<string>();
  endpoints.forEach((watched, at) => {
    const { ofStatefulSet, name } = watched.endpoint;
    if (ofStatefulSet === undefined) return;
    if (!isSilentWorker(watched, nowMs)) withPage.add(name);
    const ordinal = ordinalOf(name);
    if (reads(at) && ordinal < (heads.get(ofStatefulSet)?.ordinal ?? Infinity)) {
      heads.set(ofStatefulSet, { name, ordinal });
    }
  });
  const workers = new Map<string, string>();
  for (const { endpoint } of endpoints) {
    const head = heads.get(endpoint.ofStatefulSet ?? '');
    if (head === undefined || withPage.has(endpoint.name)) continue;
    if (head.ordinal < ordinalOf(endpoint.name)) workers.set(endpoint.name, head.name);
  }
  return workers;
}

/** In words, who counts as a worker of whom; `undefined` where nobody does. */
export function workersInWords(heads: readonly (string | undefined)[]): string | undefined {
  const named = heads.filter((head) => head !== undefined);
  if (named.length === 0) return undefined;
  const [pods, workers] = named.length === 1 ? ['1 pod has', 'a worker'] : [`${named.length} pods have`, 'workers'];
  return `${pods} no page of ${named.length === 1 ? 'its' : 'their'} own: counted as ${workers} of ${named[0]}`;
}

function isSilentWorker({ memory, refusesSinceMs }: WatchedEndpoint, nowMs: number): boolean {
  if (memory.lastGood !== undefined || refusesSinceMs === undefined) return false;
  return nowMs - refusesSinceMs >= WORKER_AFTER_MS;
}

function ordinalOf(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
}
