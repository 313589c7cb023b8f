import type { ScrapeFailure, ScrapeOutcome } from './scrape-outcome.ts';

/** What went on, since the start; `inFlight` is the number now. */
export interface ScrapeCounters {
  started: number;
  succeeded: number;
  readonly failed: Record<ScrapeFailure, number>;
  /** Starts that were due but left out: the scrape before was still under way or took too long, or no place was free. */
  skipped: number;
  /** Of pages that were read whole. */
  bodyBytes: number;
  inFlight: number;
}

export function newCounters(): ScrapeCounters {
  const failed: Record<ScrapeFailure, number> = {
    refused: 0,
    unreachable: 0,
    timeout: 0,
    'http-status': 0,
    redirect: 0,
    unauthorized: 0,
    'not-found': 0,
    'body-too-large': 0,
    'malformed-response': 0,
    truncated: 0,
    'denied-by-policy': 0,
  };
  return { started: 0, succeeded: 0, failed, skipped: 0, bodyBytes: 0, inFlight: 0 };
}

/** Counts a scrape that has ended. */
export function countOutcome(counters: ScrapeCounters, outcome: ScrapeOutcome): void {
  if (outcome.ok) {
    counters.succeeded++;
    counters.bodyBytes += outcome.bodyBytes;
  } else {
    counters.failed[outcome.failure]++;
  }
}
