import { counterNames } from '../presets/quantities.ts';
import type { EndpointMemory } from './endpoint-memory.ts';

/** How two pages of a pod are related; `undefined`: these two can't tell. */
export type Kinship = 'same' | 'other-process' | 'other-counts' | undefined;

/**
 * Whether two pages of one pod are one server's: a proxy in front of a server may hand on its page. One process has one
 * start and counters that only grow, whichever page shows them; so a page that was read later and counts less is
 * another server's. Readings that overlap in time say nothing about which of them is the later one.
 */
export function kinshipOf(one: EndpointMemory, other: EndpointMemory): Kinship {
  const { lastGood: a } = one;
  const { lastGood: b } = other;
  if (a === undefined || b === undefined) return undefined;
  if (a.engine !== b.engine || a.signals.processStartSeconds !== b.signals.processStartSeconds) {
    return 'other-process';
  }
  const [earlier, later] = a.atMs <= b.atMs ? [a, b] : [b, a];
  if (later.atMs - later.durationMs < earlier.atMs) return undefined;
  const counters = counterNames.map((name) => [earlier.signals[name], later.signals[name]] as const);
  const isGrown = ([before, now]: (typeof counters)[number]): boolean => {
    return before === undefined || now === undefined ? before === now : now >= before;
  };
  if (!counters.every(isGrown)) return 'other-counts';
  if (a.signals.processStartSeconds !== undefined) return 'same';
  // Nothing but counters to go by: what has none is not known to be a mirror, and zeros are everybody's.
  if (counters.every(([before]) => before === undefined)) return 'other-counts';
  return counters.some(([before = 0]) => before > 0) ? 'same' : undefined;
}
