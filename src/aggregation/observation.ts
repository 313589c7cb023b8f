import type { Aggregation, Metric } from '../config/metadata/trigger-metadata.ts';
import type { Bounds, BoundWindow } from './bound-window.ts';
import type { EndpointLoad } from './endpoint-load.ts';
import { unreadableLoad } from './endpoint-load.ts';
import type { GatewayLoad } from './gateway-load.ts';
import { requestsInFront, withGateway } from './gateway-load.ts';

/** What one trigger looks like at one moment. Made here, judged in `decision/`. Loads are in the trigger's unit. */
export interface Observation {
  /** False until discovery has delivered its first full list. */
  readonly discoverySynced: boolean;
  /** Replicas as the HPA counts them, ready or not; the number of endpoints where discovery knows no better. */
  readonly replicas: number;
  /** Endpoints whose load is known now, or bounded by a fresh last reading. */
  readonly readable: number;
  /** Endpoints that ought to be readable and are not. */
  readonly unreadable: number;
  /** Replicas that all went at once and have not come back: what they would carry is unknown. Left out where none. */
  readonly lost?: number;
  /** Bounds of the total at this moment. */
  readonly now: Bounds;
  /** What of that no gauge shows, by latency sums, over the burst window and over the window. */
  readonly unseen: { readonly burst: Bounds; readonly window: Bounds };
  /** The part of it that the replicas say or may have. */
  readonly engines: Bounds;
  /** The larger of the means over the stable and the burst window, bound by bound. */
  readonly windowed: Bounds;
  /** Requests at the gateway, where there is one and it could be read. */
  readonly requestsInFront: number | undefined;
  /** How well the gateway is known; `undefined` where there is none. */
  readonly gatewayState: GatewayLoad['state'] | undefined;
  /** The part of the upper bound of this moment that is only what the gateway may hold while it can't be read. */
  readonly unreadInFront: number;
  /** True where the gateway could never be read and counts as nothing. */
  readonly isGatewayGivenUp: boolean;
}

/** How one trigger's loads become one number. */
export interface ObservationPolicy {
  readonly metric: Metric;
  readonly targetValue: number;
  readonly aggregation: Aggregation;
  readonly windowMs: number;
  readonly burstWindowMs: number;
}

export interface Seen {
  readonly discoverySynced: boolean;
  readonly replicas: number;
  readonly loads: readonly EndpointLoad[];
  /** As in an observation. */
  readonly lost?: number;
  readonly gateway: GatewayLoad | undefined;
}

/** Puts the moment into the window and says what the trigger looks like. */
export function observe(seen: Seen, window: BoundWindow, policy: ObservationPolicy, nowMs: number): Observation {
  const shown = boundsOf(seen, policy, 'shown');
  const now = boundsOf(seen, policy, 'bounds');
  const unseen = { burst: less(now, shown), window: less(boundsOf(seen, policy, 'overWindow'), shown) };
  if (seen.discoverySynced) window.record(nowMs, shown);
  return {
    discoverySynced: seen.discoverySynced,
    replicas: seen.replicas,
    readable: count(seen.loads, 'read') + count(seen.loads, 'stale'),
    unreadable: count(seen.loads, 'unreadable'),
    ...((seen.lost ?? 0) > 0 && { lost: seen.lost! }),
    now,
    unseen,
    engines: enginesOf(seen, policy, 'bounds'),
    windowed: windowed({ now, unseen, heldUnserved: heldUnserved(seen, policy) }, window, policy, nowMs),
    requestsInFront: requestsInFront(seen.gateway),
    gatewayState: seen.gateway?.state,
    unreadInFront: countsRequests(policy.metric) ? (seen.gateway?.unknown ?? 0) : 0,
    isGatewayGivenUp: seen.gateway?.isGivenUp ?? false,
  };
}

type Part = 'bounds' | 'shown' | 'overWindow';

function enginesOf(seen: Seen, policy: ObservationPolicy, part: Part): Bounds {
  const lost = unreadableLoad(policy.targetValue);
  const loads = [...seen.loads, ...Array<EndpointLoad>(seen.lost ?? 0).fill(lost)];
  return combined(loads, { aggregation: policy.aggregation, replicas: seen.replicas }, part);
}

function boundsOf(seen: Seen, policy: ObservationPolicy, part: Part): Bounds {
  const engines = enginesOf(seen, policy, part);
  return countsRequests(policy.metric) ? withGateway(engines, seen.gateway) : engines;
}

/** Only metrics whose unit is requests can take in the requests that stand in front. */
export function countsRequests(metric: Metric): boolean {
  return metric === 'concurrency' || metric === 'waiting';
}

interface Combination {
  readonly aggregation: Aggregation;
  /** Those that are asked for. */
  readonly replicas: number;
}

function combined(loads: readonly EndpointLoad[], { aggregation, replicas }: Combination, part: Part): Bounds {
  const counted = loads.filter((load) => load.legibility !== 'not-serving');
  if (aggregation === 'max') {
    return {
      low: Math.max(0, ...counted.map((load) => load[part].low)),
      high: Math.max(0, ...counted.map((load) => load[part].high)),
    };
  }
  let low = 0;
  let high = 0;
  for (const load of counted) {
    low += load[part].low;
    high += load[part].high;
  }
  // The surge of a rollout carries a share of what the replicas that are asked for will carry again.
  const listed = counted.reduce((sum, { share = 1 }) => sum + share, 0);
  const sharing = replicas === 0 ? listed : Math.min(listed, replicas);
  const divisor = aggregation === 'mean' ? Math.max(1, sharing) : 1;
  return { low: low / divisor, high: high / divisor };
}

/**
 * The mean over a window would let a burst wait for a minute, the mean over a few seconds would follow every
 * ripple: the larger of the two rises fast and falls slowly. What can't be read at this moment stays possible in
 * full, however short it has lasted, so that a mean over better times can't ask for fewer replicas. What is held while
 * nothing serves is still there when something does, so all of it counts from the first moment.
 */
function windowed(
  { now, unseen, heldUnserved }: Pick<Observation, 'now' | 'unseen'> & { readonly heldUnserved: number },
  window: BoundWindow,
  policy: ObservationPolicy,
  nowMs: number,
): Bounds {
  if (policy.metric === 'timeToFirstToken') return now; // a mean over the window already
  const { stable = now, burst = now } = windowMeans(window, unseen, policy, nowMs);
  const low = Math.max(stable.low, burst.low, heldUnserved);
  const slack = now.high - now.low;
  return { low, high: Math.max(stable.high, burst.high, slack > 0 ? low + slack : low) };
}

/** Requests held in front while nothing serves. */
function heldUnserved({ loads, lost = 0, gateway }: Seen, { metric }: ObservationPolicy): number {
  const isServed = lost > 0 || loads.some(({ legibility }) => legibility !== 'not-serving');
  return isServed || !countsRequests(metric) ? 0 : (gateway?.held ?? 0);
}

/** The means of both windows: of what gauges showed, and with it what only latency sums show over the same span. */
export function windowMeans(
  window: BoundWindow,
  unseen: Observation['unseen'],
  { windowMs, burstWindowMs }: Pick<ObservationPolicy, 'windowMs' | 'burstWindowMs'>,
  nowMs: number,
): { readonly stable: Bounds | undefined; readonly burst: Bounds | undefined } {
  const stable = window.means(nowMs, windowMs);
  const burst = window.means(nowMs, burstWindowMs);
  return { stable: stable && plus(stable, unseen.window), burst: burst && plus(burst, unseen.burst) };
}

function plus(one: Bounds, other: Bounds): Bounds {
  return { low: one.low + other.low, high: one.high + other.high };
}

function less(one: Bounds, other: Bounds): Bounds {
  return { low: one.low - other.low, high: one.high - other.high };
}

function count(loads: readonly EndpointLoad[], state: EndpointLoad['legibility']): number {
  let found = 0;
  for (const load of loads) if (load.legibility === state) found++;
  return found;
}
