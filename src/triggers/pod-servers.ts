import { kinshipOf } from '../aggregation/same-server.ts';
import type { Endpoint } from '../discovery/endpoint.ts';
import type { WatchedEndpoint } from './watched-list.ts';

/** More declared ports than this are not looked at beside the one that was found. */
const mostBeside = 15;

/** Declared ports of an endpoint that may have the pages of further servers, beside the page that was found. */
export function portsBeside({ ports, url }: Endpoint, foundUrl: string): readonly number[] {
  if (url !== undefined) return [];
  const found = new URL(foundUrl).port;
  const others = ports.map(({ number }) => number).filter((number) => String(number) !== found);
  return [...new Set(others)].slice(0, mostBeside);
}

/** Whether a page's load is one to be counted: that of a server that was asked for, or is not known to be a mirror. */
export function isCounted({ server, memory }: WatchedEndpoint): boolean {
  return server?.isOptional !== true || (memory.lastGood !== undefined && server.isMirror !== true);
}

/** True while a page may still turn out to show what another of its pod shows as well. */
export function mayBeMirror({ server }: WatchedEndpoint): boolean {
  return server !== undefined && server.isMirror === undefined;
}

/** Counts may agree by chance and disagree but once, where a server restarts: so long a disagreement stands. */
const DIFFERS_FOR_MS = 600_000;

/** What is known of whether a page mirrors another of its pod. */
export interface MirrorCheck {
  readonly isMirror: boolean | undefined;
  /** When its counts were last seen to be others. */
  readonly differedMs: number | undefined;
}

/** Compares a page with those of its pod that count. */
export function checkMirror(
  before: MirrorCheck,
  one: WatchedEndpoint,
  others: readonly WatchedEndpoint[],
  nowMs: number,
): MirrorCheck {
  const kinships = others.filter(isCounted).map(({ memory }) => kinshipOf(one.memory, memory));
  const differedMs = kinships.includes('other-counts') ? nowMs : before.differedMs;
  const hasDiffered = differedMs !== undefined && nowMs - differedMs < DIFFERS_FOR_MS;
  if (kinships.includes('same')) return { isMirror: !hasDiffered, differedMs };
  return { isMirror: kinships.includes(undefined) ? before.isMirror : false, differedMs };
}

/** How many servers count of each replica, by its name. */
export function serversByReplica(endpoints: readonly WatchedEndpoint[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const watched of endpoints) {
    const { name } = watched.endpoint;
    if (isCounted(watched)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
