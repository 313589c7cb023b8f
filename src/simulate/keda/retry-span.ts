/** KEDA's wait between two attempts at a stream: 2 s, doubled after each wait up to 60 s. */
export class RetrySpan {
  #nextMs = 2000;

  reset(): void {
    this.#nextMs = 2000;
  }

  /** The wait before the next attempt. */
  take(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(waitMs * 2, 60_000);
    return waitMs;
  }
}
