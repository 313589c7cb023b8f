type End = () => Promise<void> | void;

/** What has to be ended, whatever happens; the newest first. */
export class Endings {
  readonly #ends: End[] = [];
  #running: Promise<void> | undefined;

  /** What is added after the end has begun is ended as well. */
  add(end: End): void {
    this.#ends.push(end);
    if (this.#running !== undefined) this.#running = this.#running.then(() => this.#endAll());
  }

  /** Ends everything once; a second call waits for the first. */
  run(): Promise<void> {
    this.#running ??= this.#endAll();
    return this.#running;
  }

  async #endAll(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      try {
        await end();
      } catch (error) {
        console.error(`could not end something: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
}
