import type { Clock } from '../../time/clock.ts';

/** KEDA's budget for writes to the Kubernetes API, shared by all its ScaledObjects: a bucket that fills steadily. */
export class WriteBudget {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number;

  constructor(clock: Clock, perSecond = 20, burst = 30) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = clock.nowMs();
  }

  /** Resolves when one write may go out, in the order asked. */
  async take(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const filled = this.#tokens + ((nowMs - this.#filledMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, filled) - 1;
    this.#filledMs = nowMs;
    if (this.#tokens < 0) await this.#clock.sleep((-this.#tokens / this.#perSecond) * 1000, signal);
  }
}
