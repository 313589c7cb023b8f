import type { Bounds } from './bound-window.ts';

/** `held`: requests that no engine has yet, so they add. `in-flight`: contains what the engines have, so the larger counts. */
export type GatewayCount = 'held' | 'in-flight';

/** What stands in front of the workload at one moment. */
export interface GatewayLoad {
  readonly counts: GatewayCount;
  /** Requests, or `undefined` when the gateway can't be read. */
  readonly requests: number | undefined;
  /** The last requests read while fresh; bounds a gateway that can't be read. */
  readonly staleRequests: number | undefined;
}

/** Adds what stands in front to what the engines carry, counting each request once. */
export function withGateway(engines: Bounds, gateway: GatewayLoad | undefined, targetValue: number): Bounds {
  if (gateway === undefined) return engines;
  const { requests } = gateway;
  if (gateway.counts === 'in-flight') {
    const seen = requests ?? 0;
    return { low: Math.max(engines.low, seen), high: Math.max(engines.high, seen) };
  }
  if (requests !== undefined) return { low: engines.low + requests, high: engines.high + requests };
  return { low: engines.low, high: engines.high + (gateway.staleRequests ?? targetValue) };
}
