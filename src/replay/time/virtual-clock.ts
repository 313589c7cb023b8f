import { setImmediate as afterPromises } from 'node:timers/promises';
import type { Clock } from '../../time/clock.ts';
import { EventQueue } from './event-queue.ts';

/**
 * Time that stands still while something happens and then jumps to the next thing. Plain events cost no promise;
 * whoever sleeps is woken by one, and time goes on when all that follows from it has been done.
 */
export class VirtualClock implements Clock {
  readonly #queue = new EventQueue();
  readonly #random: () => number;
  #nowMs = 0;
  #isUnsettled = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#random();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = (): void => {
        cancel();
        signal?.removeEventListener('abort', wake);
        this.#isUnsettled = true;
        resolve();
      };
      const cancel = this.#queue.plan(this.#nowMs + Math.max(0, ms), wake);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Something is to happen at a moment. Returns how to take it back. */
  plan(atMs: number, run: () => void): () => void {
    return this.#queue.plan(Math.max(atMs, this.#nowMs), run);
  }

  /** Something was done that promises follow from. */
  unsettle(): void {
    this.#isUnsettled = true;
  }

  /** Whether there is something to do before `untilMs`; if so, `step` does the next of it. */
  isBusyUntil(untilMs: number): boolean {
    return this.#isUnsettled || this.#queue.nextMs < untilMs;
  }

  /** Does the next thing. Returns a promise where others follow from it, which is to be awaited. */
  step(): Promise<void> | undefined {
    if (!this.#isUnsettled) {
      const next = this.#queue.take();
      if (next === undefined) return undefined;
      this.#nowMs = next.atMs;
      next.run();
    }
    return this.#isUnsettled ? this.#settle() : undefined;
  }

  /** Moves on to a moment before which nothing is left to do. */
  moveTo(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  async #settle(): Promise<void> {
    this.#isUnsettled = false;
    await afterPromises();
  }
}
