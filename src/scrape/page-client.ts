import type { PageAccess } from './http/page-access.ts';
import type { BodySink, ScrapeOutcome } from './scrape-outcome.ts';

/** One page to be read. Times are on the caller's own monotonic clock, which it also passes to `tick`. */
export interface PageRequest {
  readonly url: string;
  /** What goes with the request; nothing where left out. */
  readonly access?: PageAccess | undefined;
  readonly startedAtMs: number;
  /** From `startedAtMs` to the last byte of the body, connecting included. */
  readonly timeoutMs: number;
  /** Of the body as it is handed on, that is, decompressed. */
  readonly maxBodyBytes: number;
  /** What it has been given counts only once `done` says that the outcome is ok. Must not throw. */
  readonly sink: BodySink;
  /** Called exactly once, unless the connection is closed before; perhaps before `read` returns. Must not throw. */
  done(outcome: ScrapeOutcome): void;
}

/** Reads pages of one endpoint, one at a time. */
export interface PageConnection {
  /** Throws when a page is being read already. */
  read(request: PageRequest): void;
  /** To be called often, each 10 ms say: ends what is overdue and closes what idles. */
  tick(nowMs: number): void;
  /** Ends the read under way, if any, as if its time were up: nobody has room to wait for it any longer. */
  giveUp(nowMs: number): void;
  /** Ends everything without a further call to the request's `done` or sink. */
  close(): void;
}

export interface PageClient {
  /** A connection of its own for one endpoint. Opened when first needed, kept alive between pages. */
  connection(): PageConnection;
}
