import type { PageAccess } from './http/page-access.ts';
import type { BodySink, ScrapeOutcome } from './scrape-outcome.ts';

/** Tenants take turns, and so do the triggers of one. */
export interface ScrapeOwner {
  readonly tenant: string;
  readonly trigger: string;
}

/** One endpoint whose page is read again and again. */
export interface ScrapeTarget {
  readonly id: number;
  /** Whose it is, so that nobody's endpoints keep others' waiting. Nobody's in particular where left out. */
  readonly owner?: ScrapeOwner;
  /** How many want what its page says; 1 where left out. */
  readonly readers?: number;
  /** URLs its page may be at, tried in order until one is recognised. */
  readonly candidates: readonly string[];
  /** What goes with a request for one of them, asked before each; nothing where left out. */
  readonly accessTo?: ((url: string) => PageAccess | undefined) | undefined;
  /** From start to start. */
  readonly intervalMs: number;
  /** From connecting to the last byte. May be longer than the interval: the next page is asked for after this one came. */
  readonly timeoutMs: number;
  /** After decompression. */
  readonly maxBodyBytes: number;
}

/** On the clock that the loop was given. */
export interface ScrapeTiming {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** True when no other candidate is tried before the next interval, whatever this one is recognised as. */
  readonly lastCandidate: boolean;
  /** How long its server is left alone from now on, beyond the interval, because its page costs it much; mostly 0. */
  readonly restMs: number;
}

export type Recognition = 'recognised' | 'unrecognised';

/** Takes one page. */
export interface ScrapeSink extends BodySink {
  /**
   * Says whether this is the page that was looked for. A failed outcome counts as `unrecognised` whatever is said, and
   * chunks that were given before it mean nothing. Called once, except when the target is removed before.
   */
  finish(outcome: ScrapeOutcome, timing: ScrapeTiming): Recognition;
}

export interface ScrapeSinks {
  open(targetId: number, url: string): ScrapeSink;
}
