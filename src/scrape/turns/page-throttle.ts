import type { Clock } from '../../time/clock.ts';
import type { ScrapeOutcome } from '../scrape-outcome.ts';
import type { Pace } from './places.ts';
import { CostTiming, isHeavy, meanCostMs, restAfterFailuresMs, restAfterMs, ScrapeCost } from './scrape-cost.ts';
import { ServerBurden } from './server-burden.ts';

/** The clocks of a thread. */
export interface ThreadClock extends Pick<Clock, 'nowMs'> {
  /** CPU time of the thread so far, in milliseconds; `nowMs` where left out. */
  readonly cpuMs?: () => number;
}

/** A page that was waited for as long as this is slow, and waits among its like. The usual one takes milliseconds. */
export const SLOW_AFTER_MS = 800;

interface Span {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** What one endpoint's page has asked of the thread so far, and how long it should therefore be left alone. */
export class PageThrottle {
  readonly #timing = new CostTiming();
  readonly #burden = new ServerBurden();
  #costMs = 0;
  #failures = 0;
  #pace: Pace = 'usual';

  get pace(): Pace {
    return this.#pace;
  }

  /** Until when to leave it alone after a read. Less than a second, so that the usual interval is kept. */
  restsUntilMs({ startedAtMs, endedAtMs }: Span): number {
    return Math.max(endedAtMs + restAfterMs(this.#costMs), startedAtMs + restAfterFailuresMs(this.#failures));
  }

  /** How long its server is to be left alone after this read, in milliseconds: often longer than the interval. */
  serverRestMs(outcome: ScrapeOutcome, { startedAtMs, endedAtMs }: Span): number {
    return outcome.ok ? this.#burden.note(outcome.bodyBytes, endedAtMs - startedAtMs) : 0;
  }

  /** What the next read is measured with. `readers`: how many want the page. */
  measure({ nowMs: now, cpuMs = now }: ThreadClock, readers: number): ScrapeCost {
    const isExact = cpuMs === now || this.#timing.isExact;
    return new ScrapeCost(isExact ? cpuMs : now, isExact, readers);
  }

  /** Takes in how a read went. Returns what it took of the thread, in milliseconds. */
  note(cost: ScrapeCost, outcome: ScrapeOutcome, { startedAtMs, endedAtMs }: Span): number {
    const costMs = cost.of(outcome);
    this.#timing.note(cost.looksHeavy);
    this.#costMs = meanCostMs(this.#costMs, costMs);
    this.#failures = outcome.ok ? 0 : this.#failures + 1;
    const isTimeout = !outcome.ok && outcome.failure === 'timeout';
    const isSlow = isTimeout || endedAtMs - startedAtMs >= SLOW_AFTER_MS;
    this.#pace = isHeavy(this.#costMs) ? 'heavy' : isSlow ? 'slow' : 'usual';
    return costMs;
  }
}
