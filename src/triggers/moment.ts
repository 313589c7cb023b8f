import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import type { WatchedEndpoint } from './endpoint-watch.ts';
import type { Gpus } from './world.ts';

/** The endpoints of one list, with what was read of them. */
export interface WatchedList {
  readonly endpoints: readonly WatchedEndpoint[];
  /** Endpoints that the operator's limit leaves out. */
  readonly surplus: number;
}

/** Everything that is known of a trigger's world when a cycle runs. */
export interface Moment {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  readonly discovered: EndpointSnapshot;
  readonly replicas: WatchedList;
  /** `undefined` where the trigger names no gateway. */
  readonly gateway: (WatchedList & { readonly problem: string | undefined }) | undefined;
  readonly gpus: Gpus | undefined;
  /** How long replicas that start keep their place. */
  readonly startingForMs: number;
}
