import type { Clock } from './clock.ts';

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved, for tests and simulations in virtual time. */
export class ManualClock implements Clock {
  readonly #random: () => number;
  /** Whoever wakes leaves, so it holds no more than there are waiters. */
  readonly #sleepers = new Set<Sleeper>();
  #nowMs: number;

  /** `random`: where chance comes from. Left out, it is always the middle, 0.5. */
  constructor(nowMs = 0, random: () => number = () => 0.5) {
    this.#nowMs = nowMs;
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
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { wakeAtMs: this.#nowMs + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
    });
  }

  /** How many sleep. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** When the next sleeper wakes; `undefined` when nobody sleeps. */
  nextWakeMs(): number | undefined {
    let earliestMs: number | undefined;
    for (const { wakeAtMs } of this.#sleepers) earliestMs = Math.min(earliestMs ?? wakeAtMs, wakeAtMs);
    return earliestMs;
  }

  /** Moves on and wakes, in their order, all whose time has come. Their follow-up work runs after the caller yields. */
  advanceTo(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const due = [...this.#sleepers].filter((sleeper) => sleeper.wakeAtMs <= this.#nowMs);
    for (const sleeper of due.sort((a, b) => a.wakeAtMs - b.wakeAtMs)) sleeper.wake();
  }
}
