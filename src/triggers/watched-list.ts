import type { EndpointMemory } from '../aggregation/endpoint-memory.ts';
import type { Endpoint } from '../discovery/endpoint.ts';
import type { OpenScrape } from './world.ts';

/** One endpoint that is being watched, with what was read of it. */
export interface WatchedEndpoint {
  endpoint: Endpoint;
  memory: EndpointMemory;
  scrape: OpenScrape | undefined;
  /** Where its page is looked for, or why nowhere. */
  place: string;
  /** Why it can't be scraped at all. */
  problem: string | undefined;
  /** When it was seen to turn from starting to ready; `undefined` for one that was ready when it was first seen. */
  becameReadyMs: number | undefined;
  /** When it joined endpoints that were there before: became ready, or was first seen and was ready at once. */
  joinedMs: number | undefined;
}

/** The endpoints of one list, with what was read of them. */
export interface WatchedList {
  readonly endpoints: readonly WatchedEndpoint[];
  /** Endpoints that the operator's limit leaves out. */
  readonly surplus: number;
}
