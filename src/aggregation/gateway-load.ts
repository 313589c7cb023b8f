import type { Bounds } from './bound-window.ts';
import type { EndpointMemory } from './endpoint-memory.ts';
import type { GoodReading } from './reading.ts';

/**
 * `held`: the gateway's number is requests that no engine has yet, so it adds. `in-flight`: it contains what the
 * engines have already, so the larger counts.
 */
export type GatewayCount = 'held' | 'in-flight';

/** What stands in front of the workload at one moment, in requests. */
export interface GatewayLoad {
  /** Whether the numbers are current, a fresh last reading, or not known at all. */
  readonly state: 'read' | 'stale' | 'unreadable';
  /** Requests that no engine has yet. */
  readonly held: number;
  /** Requests that the gateway has forwarded or is holding, where it can't tell which. */
  readonly inFlight: number;
}

/** How fresh a gateway's reading must be, in milliseconds. */
export interface GatewayFreshness {
  readonly currentForMs: number;
  readonly staleAfterMs: number;
}

/** What stands in front, over all endpoints of the gateway: known only where every one of them could be read. */
export function gatewayLoad(
  memories: Iterable<EndpointMemory>,
  countOf: (reading: GoodReading) => GatewayCount,
  freshness: GatewayFreshness,
  nowMs: number,
): GatewayLoad {
  const unreadable: GatewayLoad = { state: 'unreadable', held: 0, inFlight: 0 };
  let held = 0;
  let inFlight = 0;
  let endpoints = 0;
  let state: GatewayLoad['state'] = 'read';
  for (const { lastGood, lastLoad, lastLoadMs, latest } of memories) {
    endpoints++;
    if (lastGood === undefined || lastLoad === undefined || lastLoadMs === undefined) return unreadable;
    const ageMs = nowMs - lastLoadMs;
    if (ageMs > freshness.staleAfterMs) return unreadable;
    if (latest !== lastGood || ageMs > freshness.currentForMs) state = 'stale';
    const waiting = lastGood.signals.waiting ?? (countOf(lastGood) === 'held' ? lastLoad : 0);
    held += waiting;
    inFlight += lastLoad - waiting;
  }
  return endpoints === 0 ? unreadable : { state, held, inFlight };
}

/**
 * Adds what stands in front to what the engines carry, counting each request once. A gateway that can't be read
 * is judged as an endpoint is: nothing held at best; its last reading while fresh, then one replica's target, at worst.
 */
export function withGateway(engines: Bounds, gateway: GatewayLoad | undefined, targetValue: number): Bounds {
  if (gateway === undefined) return engines;
  const { held, inFlight } = gateway;
  if (gateway.state === 'unreadable') return { low: engines.low, high: engines.high + targetValue };
  const high = Math.max(engines.high, inFlight) + held;
  return { low: gateway.state === 'read' ? Math.max(engines.low, inFlight) + held : engines.low, high };
}

/** All that is known to stand in front, or `undefined` when it can't be read now. */
export function requestsInFront(gateway: GatewayLoad | undefined): number | undefined {
  return gateway?.state === 'read' ? gateway.held + gateway.inFlight : undefined;
}
