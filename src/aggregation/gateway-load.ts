import type { Bounds } from './bound-window.ts';
import type { EndpointPhase, LoadPolicy } from './endpoint-load.ts';
import { endpointLoad, pageEvidence } from './endpoint-load.ts';
import type { EndpointMemory } from './endpoint-memory.ts';
import type { GoodReading } from './reading.ts';

/**
 * `held`: the gateway's number is requests that no engine has yet, so it adds. `in-flight`: it contains what the
 * engines have already, so the larger counts.
 */
export type GatewayCount = 'held' | 'in-flight';

/** What stands in front of the workload at one moment, in requests. */
export interface GatewayLoad {
  /** How well the whole of it is known: as well as its worst endpoint that ought to be readable. */
  readonly state: 'read' | 'stale' | 'unreadable';
  /** Requests that no engine has yet, as far as they can be read now. */
  readonly held: number;
  /** Requests that the gateway has forwarded or is holding, where it can't tell which. */
  readonly inFlight: number;
  /** What its endpoints that can't be read may hold beside that, at most. */
  readonly unknown: number;
  /** True where it could never be read for so long that it counts as nothing. */
  readonly isGivenUp: boolean;
}

/**
 * A gateway that never said its number is most likely one that can't, or is not the one meant: after this long it
 * counts as it does at zero, as nothing. Long enough for a gateway that starts together with its workload.
 */
export const GIVEN_UP_AFTER_MS = 300_000;

/** How an endpoint of a gateway is judged: as a replica is, see `endpoint-load.ts`. */
export interface GatewayEndpoint {
  readonly memory: EndpointMemory;
  readonly phase: EndpointPhase;
}

export interface GatewayPolicy extends LoadPolicy {
  readonly countOf: (reading: GoodReading) => GatewayCount;
  /** For how long none of its endpoints has ever said its number; `undefined` where one has. */
  readonly neverReadForMs: number | undefined;
}

/**
 * What stands in front, over all endpoints of the gateway. Each counts what it said; what those hold that can't be
 * read now is not known, and bounded by their last readings while fresh, else by one target for all of them together.
 */
export function gatewayLoad(endpoints: Iterable<GatewayEndpoint>, policy: GatewayPolicy, nowMs: number): GatewayLoad {
  let held = 0;
  let inFlight = 0;
  let stale = 0;
  let read = 0;
  let isUnreadable = false;
  let isStale = false;
  for (const { memory, phase } of endpoints) {
    const { legibility, shown: bounds } = endpointLoad(pageEvidence(memory), phase, policy, nowMs);
    if (legibility === 'read') {
      const waiting = waitingIn(memory, policy.countOf);
      held += waiting;
      inFlight += bounds.high - waiting;
      read++;
    } else if (legibility === 'stale') {
      isStale = true;
      stale += bounds.high;
    } else if (legibility === 'unreadable') {
      isUnreadable = true;
    }
  }
  isUnreadable ||= read === 0 && !isStale;
  const state = isUnreadable ? 'unreadable' : isStale ? 'stale' : 'read';
  const isGivenUp = isUnreadable && (policy.neverReadForMs ?? 0) >= GIVEN_UP_AFTER_MS;
  const unreadable = isUnreadable && !isGivenUp ? policy.targetValue : 0;
  return { state, held, inFlight, unknown: stale + unreadable, isGivenUp };
}

/** The part of a gateway's number that no engine has yet. */
function waitingIn(
  { lastGood, lastLoad = 0 }: EndpointMemory,
  countOf: (reading: GoodReading) => GatewayCount,
): number {
  if (lastGood === undefined) return 0;
  return lastGood.signals.waiting ?? (countOf(lastGood) === 'held' ? lastLoad : 0);
}

/**
 * Adds what stands in front to what the engines carry, counting each request once. What can't be read of it is
 * judged as an endpoint is: nothing at best.
 */
export function withGateway(engines: Bounds, gateway: GatewayLoad | undefined): Bounds {
  if (gateway === undefined) return engines;
  const { held, inFlight, unknown } = gateway;
  return {
    low: Math.max(engines.low, inFlight) + held,
    high: Math.max(engines.high, inFlight) + held + unknown,
  };
}

/** All that is known to stand in front, or `undefined` when nothing of it can be read now. */
export function requestsInFront(gateway: GatewayLoad | undefined): number | undefined {
  if (gateway === undefined) return undefined;
  const known = gateway.held + gateway.inFlight;
  return gateway.state === 'read' || known > 0 ? known : undefined;
}
