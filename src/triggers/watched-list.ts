import type { EndpointMemory } from '../aggregation/endpoint-memory.ts';
import type { Endpoint } from '../discovery/endpoint.ts';

/** One endpoint that is being watched, with what was read of it. Replaced whole when anything of it changes. */
export interface WatchedEndpoint {
  readonly endpoint: Endpoint;
  readonly memory: EndpointMemory;
  /** Why it can't be scraped at all. */
  readonly problem: string | undefined;
  /** Whether it ever was ready. */
  readonly wasReady: boolean;
  /** When it was seen to turn from starting to ready; `undefined` for one that was ready when it was first seen. */
  readonly becameReadyMs: number | undefined;
  /** When it joined endpoints that were there before: became ready, or was first seen and was ready at once. */
  readonly joinedMs: number | undefined;
}

/** The endpoints of one list, with what was read of them. */
export interface WatchedList {
  readonly endpoints: readonly WatchedEndpoint[];
  /** Endpoints that the operator's limit leaves out. */
  readonly surplus: number;
}
