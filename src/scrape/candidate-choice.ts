import type { ScrapeOutcome } from './scrape-outcome.ts';

/** So often in a row a page that was recognised once may be gone before it is looked for elsewhere. */
const patience = 3;

/**
 * Which of several URLs a page is read from. Until one is recognised a pass tries them in order; then that one is kept,
 * until it has been gone three times without being recognised between. A server that is merely slow or failing keeps
 * its URL.
 */
export class CandidateChoice {
  #candidates: readonly string[];
  #at = 0;
  #settled = false;
  #gone = 0;

  constructor(candidates: readonly string[]) {
    this.#candidates = candidates;
  }

  /** The one whose turn it is; undefined where there are none. */
  get url(): string | undefined {
    return this.#candidates[this.#at];
  }

  /** Whether no other is tried in this pass. */
  get last(): boolean {
    return this.#settled || this.#at >= this.#candidates.length - 1;
  }

  /** Takes another list. One that has been recognised is kept if it is still there. */
  replace(candidates: readonly string[]): void {
    const at = this.#settled ? candidates.indexOf(this.#candidates[this.#at]!) : -1;
    this.#candidates = candidates;
    this.#settle(at);
  }

  /** Takes in what came of the current one. True: the pass goes on with the next one now. */
  judge(outcome: ScrapeOutcome, recognised: boolean): boolean {
    if (recognised) {
      this.#settle(this.#at);
      return false;
    }
    if (this.#settled) {
      if (isGone(outcome)) this.#gone++;
      if (this.#gone >= patience) this.#settle(-1);
      return false;
    }
    this.#at = this.last ? 0 : this.#at + 1;
    return this.#at > 0;
  }

  #settle(at: number): void {
    this.#settled = at >= 0;
    this.#at = Math.max(0, at);
    this.#gone = 0;
  }
}

function isGone(outcome: ScrapeOutcome): boolean {
  if (outcome.ok) return true;
  const { failure } = outcome;
  return failure === 'not-found' || failure === 'refused' || failure === 'unreachable';
}
