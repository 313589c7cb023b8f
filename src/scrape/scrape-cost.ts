import type { ScrapeOutcome } from './scrape-outcome.ts';
import type { ScrapeSink } from './scrape-target.ts';

/** Above this a page is heavy. One of 80 kB takes a twentieth of a millisecond. */
const heavyMs = 2;
const bytesPerMs = 1024 * 1024;
/** A body over the limit has been read up to it, and perhaps decompressed. */
const tooLargeMs = 10;
/** Above one read a second an endpoint may take a hundredth of the thread's time. */
const restsPerCost = 100;
const mostRestMs = 900;

/** What reading one page took of the thread, for each of those who wanted it. */
export class ScrapeCost {
  readonly #cpuMs: () => number;
  readonly #readers: number;
  #ms = 0;

  /** `cpuMs`: CPU time, so that a thread that has to wait for the processor does not make pages look costly. */
  constructor(cpuMs: () => number, readers: number) {
    this.#cpuMs = cpuMs;
    this.#readers = readers;
  }

  /** The same sink, on the clock. */
  measured(sink: ScrapeSink): ScrapeSink {
    return {
      start: (contentType) => sink.start(contentType),
      chunk: (bytes) => this.#timed(() => sink.chunk(bytes)),
      finish: (outcome, timing) => this.#timed(() => sink.finish(outcome, timing)),
    };
  }

  /** Milliseconds, an estimate for what is not on the clock included. */
  of(outcome: ScrapeOutcome): number {
    const eachMs = this.#ms / this.#readers;
    if (!outcome.ok) return eachMs + (outcome.failure === 'body-too-large' ? tooLargeMs : 0);
    return eachMs + outcome.bodyBytes / bytesPerMs;
  }

  #timed<Result>(act: () => Result): Result {
    const startedMs = this.#cpuMs();
    const result = act();
    this.#ms += this.#cpuMs() - startedMs;
    return result;
  }
}

/** A mean that leans to what was before: one read into which a garbage collection fell says nothing of the page. */
export function meanCostMs(beforeMs: number, costMs: number): number {
  return beforeMs + (costMs - beforeMs) / 5;
}

export function isHeavy(costMs: number): boolean {
  return costMs > heavyMs;
}

/** How long a page that cost so much is left alone: less than a second, so that the usual interval is kept. */
export function restAfterMs(costMs: number): number {
  return isHeavy(costMs) ? Math.min(mostRestMs, restsPerCost * costMs) : 0;
}

/** How long no heavy page is begun after one that cost so much: together they take a quarter of the thread's time. */
export function pauseAfterMs(costMs: number): number {
  return isHeavy(costMs) ? 3 * costMs : 0;
}
