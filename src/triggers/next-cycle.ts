/** When a trigger's next cycle is due. */
export class NextCycle {
  #dueMs: number;
  #isUrgent = false;
  #hasNews = true;

  constructor(nowMs: number) {
    this.#dueMs = nowMs;
  }

  /** Something was read since the last cycle. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  isDue(nowMs: number): boolean {
    return this.#isUrgent || nowMs >= this.#dueMs;
  }

  /** `isUrgent`: what was read may make an inactive trigger active. */
  noticed(isUrgent: boolean): void {
    this.#hasNews = true;
    this.#isUrgent ||= isUrgent;
  }

  /** The next one must not wait for its turn. */
  hurry(): void {
    this.#isUrgent = true;
  }

  /** The trigger is looked at again at `dueMs`, with no cycle run yet. */
  postpone(dueMs: number): void {
    this.#dueMs = dueMs;
  }

  /** A cycle has run, or has failed; the next is due at `dueMs`. */
  ran(dueMs: number): void {
    this.#hasNews = false;
    this.#isUrgent = false;
    this.#dueMs = dueMs;
  }
}
