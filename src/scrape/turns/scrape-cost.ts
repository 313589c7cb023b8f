import type { ScrapeOutcome } from '../scrape-outcome.ts';
import type { ScrapeSink } from '../scrape-target.ts';

/** Above this a page is heavy. One of 80 kB takes a twentieth of a millisecond. */
const heavyMs = 2;
const bytesPerMs = 1024 * 1024;
/** A body over the limit has been read up to it, and perhaps decompressed. */
const tooLargeMs = 10;
/** Above one read a second an endpoint may take a hundredth of the thread's time. */
const restsPerCost = 100;
const mostRestMs = 900;
const toleratedFailures = 3;

/** Reads of a page that looked heavy that are then timed exactly. */
const exactReads = 50;

/**
 * How exactly reads of one page are timed. CPU time would be right always, but to ask for it costs more than many a
 * page: it is asked for only of pages that look heavy by the clock, which runs on while the thread has to wait.
 */
export class CostTiming {
  #exactLeft = 0;

  get isExact(): boolean {
    return this.#exactLeft > 0;
  }

  /** `looksHeavy`: by whichever clock the read was timed. */
  note(looksHeavy: boolean): void {
    this.#exactLeft = looksHeavy ? exactReads : Math.max(0, this.#exactLeft - 1);
  }
}

/** What reading one page took of the thread, for each of those who wanted it. */
export class ScrapeCost {
  readonly #clockMs: () => number;
  readonly #isExact: boolean;
  readonly #readers: number;
  #ms = 0;

  /** `clockMs`: CPU time of the thread where `isExact`, else any clock. */
  constructor(clockMs: () => number, isExact: boolean, readers: number) {
    this.#clockMs = clockMs;
    this.#isExact = isExact;
    this.#readers = readers;
  }

  /** Whether it seems to have taken long, by a clock that may not be exact. */
  get looksHeavy(): boolean {
    return isHeavy(this.#ms / this.#readers);
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
    const seenMs = this.#ms / this.#readers;
    const eachMs = this.#isExact ? seenMs : Math.min(heavyMs, seenMs);
    if (!outcome.ok) return eachMs + (outcome.failure === 'body-too-large' ? tooLargeMs : 0);
    return eachMs + outcome.bodyBytes / bytesPerMs;
  }

  #timed<Result>(act: () => Result): Result {
    const startedMs = this.#clockMs();
    const result = act();
    this.#ms += this.#clockMs() - startedMs;
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

/**
 * How long a page is left alone that could not be read so often in a row. A connection that is opened and closed costs
 * as much as a page; a server that comes back is found within a second.
 */
export function restAfterFailuresMs(failures: number): number {
  return failures >= toleratedFailures ? mostRestMs : 0;
}

/** How long no heavy page is begun after one that cost so much: together they take a quarter of the thread's time. */
export function pauseAfterMs(costMs: number): number {
  return isHeavy(costMs) ? 3 * costMs : 0;
}
