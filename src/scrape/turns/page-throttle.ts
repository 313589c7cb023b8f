import type { Clock } from '../../time/clock.ts';
import type { ScrapeOutcome } from '../scrape-outcome.ts';
import type { Pace } from './places.ts';
import { CostTiming, isHeavy, meanCostMs, restAfterFailuresMs, restAfterMs, ScrapeCost } from './scrape-cost.ts';

/** The clocks of a thread. */
export interface ThreadClock extends Pick<Clock, 'nowMs'> {
  /** CPU time of the thread so far, in milliseconds; `nowMs` where left out. */
  readonly cpuMs?: () => number;
}

/** What one endpoint's page has asked of the thread so far, and how long it should therefore be left alone. */
export class PageThrottle {
  readonly #timing = new CostTiming();
  #costMs = 0;
  #failures = 0;
  #pace: Pace = 'usual';

  get pace(): Pace {
    return this.#pace;
  }

  /** Until when to leave it alone after a read. Less than a second, so that the usual interval is kept. */
  restsUntilMs({ startedAtMs, endedAtMs }: { readonly startedAtMs: number; readonly endedAtMs: number }): number {
    return Math.max(endedAtMs + restAfterMs(this.#costMs), startedAtMs + restAfterFailuresMs(this.#failures));
  }

  /** What the next read is measured with. `readers`: how many want the page. */
  measure({ nowMs: now, cpuMs = now }: ThreadClock, readers: number): ScrapeCost {
    const isExact = cpuMs === now || this.#timing.isExact;
    return new ScrapeCost(isExact ? cpuMs : now, isExact, readers);
  }

  /** Takes in how a read went. Returns what it took of the thread, in milliseconds. */
  note(cost: ScrapeCost, outcome: ScrapeOutcome): number {
    const costMs = cost.of(outcome);
    this.#timing.note(cost.looksHeavy);
    this.#costMs = meanCostMs(this.#costMs, costMs);
    this.#failures = outcome.ok ? 0 : this.#failures + 1;
    const isSlow = !outcome.ok && outcome.failure === 'timeout';
    this.#pace = isHeavy(this.#costMs) ? 'heavy' : isSlow ? 'slow' : 'usual';
    return costMs;
  }
}
