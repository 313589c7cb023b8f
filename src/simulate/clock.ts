import { setTimeout as wait } from 'node:timers/promises';

/** The simulation's time: virtual milliseconds that only grow. */
export interface Clock {
  nowMs(): number;
  /** Resolves once `spanMs` of this clock have passed, or at once when the signal aborts. Never rejects. */
  sleep(spanMs: number, signal?: AbortSignal): Promise<void>;
}

/** A clock that starts at 0 and runs `timeScale` times as fast as the wall clock. */
export function scaledClock(timeScale: number): Clock {
  const startedMs = performance.now();
  return {
    nowMs: () => (performance.now() - startedMs) * timeScale,
    async sleep(spanMs, signal) {
      const options = signal === undefined ? {} : { signal };
      await wait(Math.max(0, spanMs / timeScale), undefined, options).catch(() => undefined);
    },
  };
}

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved, for tests and simulations in virtual time. */
export class ManualClock implements Clock {
  #nowMs: number;
  #sleepers: Sleeper[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(spanMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const sleeper: Sleeper = { wakeAtMs: this.#nowMs + Math.max(0, spanMs), wake: resolve };
      this.#sleepers.push(sleeper);
      const leave = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** When the next sleeper wakes; `undefined` when nobody sleeps. */
  nextWakeMs(): number | undefined {
    if (this.#sleepers.length === 0) return undefined;
    return Math.min(...this.#sleepers.map((sleeper) => sleeper.wakeAtMs));
  }

  /** Moves on and wakes, in their order, all whose time has come. Their follow-up work runs after the caller yields. */
  advanceTo(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const due = this.#sleepers.filter((sleeper) => sleeper.wakeAtMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.wakeAtMs > this.#nowMs);
    for (const sleeper of due.sort((a, b) => a.wakeAtMs - b.wakeAtMs)) sleeper.wake();
  }
}
