const firstMs = 100;
const longestMs = 10_000;
/** A thread that lived this long was worth starting: its death counts as the first one. */
const worthwhileMs = 30_000;

/** How long to wait before a thread that died is started again: 100 ms, doubling to 10 s while none of them lives. */
export class RestartDelay {
  #nextMs = firstMs;

  /** Takes in how long the last thread lived; returns the wait before the next one. Both in milliseconds. */
  afterDeath(livedMs: number): number {
    const delayMs = livedMs >= worthwhileMs ? firstMs : this.#nextMs;
    this.#nextMs = Math.min(2 * delayMs, longestMs);
    return delayMs;
  }
}
