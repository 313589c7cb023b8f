/** Lets those who ask before the first cycle is whole wait for it. Whoever ends the wait empties the list. */
export class FirstAnswer {
  #isGiven = false;
  #waiters: (() => void)[] = [];

  /** Set once the first cycle was whole, or its time was up. */
  get isGiven(): boolean {
    return this.#isGiven;
  }

  wait(): Promise<void> {
    return new Promise((resume) => this.#waiters.push(resume));
  }

  /** Everybody who waits may go on; nobody waits any more. */
  give(): void {
    this.#isGiven = true;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resume of waiters) resume();
  }
}
