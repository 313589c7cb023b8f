import { emptyMemory, remember } from '../aggregation/endpoint-memory.ts';
import { latencyWords } from '../aggregation/littles-law.ts';
import type { ProbedPage } from './probed-page.ts';

/** The spans of a trigger that sets none. */
const policy = { metric: 'concurrency', windowMs: 60_000, burstWindowMs: 6_000 } as const;

/** What latency sums say of a page that is read again and again, as the service would take it. */
export class WatchedPage {
  #memory = emptyMemory;

  /** Takes one more look; moments are monotonic milliseconds and grow. A page that can't be read changes nothing. */
  look({ engine, signals }: ProbedPage, atMs: number): void {
    if (signals === undefined || engine === 'dcgm' || engine === 'unknown') return;
    const reading = { ok: true, atMs, url: '', engine, signals, durationMs: 0, bodyBytes: 0 } as const;
    this.#memory = remember(this.#memory, reading, policy);
  }

  /** Requests by latency sums beside those of the gauge, in words; why there are none, where the page has no such sums. */
  get words(): string {
    const { estimate, lastGood } = this.#memory;
    if (estimate !== undefined) return latencyWords(estimate, lastGood?.signals.concurrency, policy.windowMs);
    const hasSums = lastGood?.signals.requestSecondsSum !== undefined;
    return hasSums
      ? 'latency sums were read once: nothing to compare yet'
      : 'this page prints no latency sums that count';
  }

  /** Mean requests over the last seconds, by latency sums. */
  get requests(): number | undefined {
    return this.#memory.estimate?.burst;
  }
}
