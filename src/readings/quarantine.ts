/** So many deaths of the thread while a page was read, and that page is left alone. One may be chance: memory ran out. */
const toleratedDeaths = 1;
const restsMs = 600_000;
/** Deaths further apart than this are not added up. */
const forgottenAfterMs = 3_600_000;
/** The longest unblamed is forgotten first. */
const mostSuspects = 1000;

interface Suspect {
  deaths: number;
  blamedMs: number;
}

/**
 * Pages during whose reading the scrape thread died. After the second death such a page is left alone for ten minutes:
 * what no `catch` can hold, memory that runs out say, must not take everybody's readings away again and again.
 */
export class Quarantine {
  /** The longest unblamed first; at most a thousand. */
  readonly #suspects = new Map<string, Suspect>();

  /** The thread died while this page was read. */
  blame(page: string, nowMs: number): void {
    const known = this.#suspects.get(page);
    const isRecent = known !== undefined && nowMs - known.blamedMs < forgottenAfterMs;
    this.#suspects.delete(page);
    this.#suspects.set(page, { deaths: isRecent ? known.deaths + 1 : 1, blamedMs: nowMs });
    if (this.#suspects.size > mostSuspects) this.#suspects.delete(this.#suspects.keys().next().value!);
  }

  /** For how long this page is still to be left alone, in milliseconds; 0: it may be read. */
  restMs(page: string, nowMs: number): number {
    const suspect = this.#suspects.get(page);
    if (suspect === undefined || suspect.deaths <= toleratedDeaths) return 0;
    return Math.max(0, suspect.blamedMs + restsMs - nowMs);
  }
}
