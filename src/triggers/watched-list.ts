import type { EndpointMemory } from '../aggregation/endpoint-memory.ts';
import type { Endpoint } from '../discovery/endpoint.ts';

/** One of several servers that a replica is made of, each with a port of its own. */
export interface PodServer {
  readonly port: string | number;
  /** True where it was not asked for: it counts once it has shown an engine's page of its own. */
  readonly isOptional: boolean;
  /** Whether its page is that of a server that counts already; `undefined` until both could be compared. */
  readonly isMirror: boolean | undefined;
}

/** One endpoint that is being watched, with what was read of it. Replaced whole when anything of it changes. */
export interface WatchedEndpoint {
  readonly endpoint: Endpoint;
  readonly memory: EndpointMemory;
  /** Which of the endpoint's servers; left out where it has, or is known to have, one. */
  readonly server?: PodServer;
  /** Why it can't be scraped at all. */
  readonly problem: string | undefined;
  /** Whether it ever was ready. */
  readonly wasReady: boolean;
  /** When it was seen to turn from starting to ready; `undefined` for one that was ready when it was first seen. */
  readonly becameReadyMs: number | undefined;
  /** When it joined endpoints that were there before: became ready, or was first seen and was ready at once. */
  readonly joinedMs: number | undefined;
  /** Since when it is ready and refuses every connection, without a break; left out where it does not. */
  readonly refusesSinceMs?: number | undefined;
}

/** The endpoints of one list, with what was read of them. */
export interface WatchedList {
  readonly endpoints: readonly WatchedEndpoint[];
  /** Endpoints that the operator's limit leaves out. */
  readonly surplus: number;
}
