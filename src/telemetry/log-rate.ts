export interface LogRateLimits {
  /** One line for each key in this span. */
  readonly everyMs: number;
  /** Keys remembered; beyond it the one admitted longest ago is forgotten. */
  readonly maxKeys: number;
}

/** Keeps a fault that repeats itself from filling the log. */
export class LogRate {
  readonly #limits: LogRateLimits;
  readonly #admitted = new Map<string, { readonly atMs: number; suppressed: number }>();

  constructor(limits: LogRateLimits) {
    this.#limits = limits;
  }

  /** How many lines of this key were left out since its last one; `undefined` when this one should be as well. */
  admit(key: string, nowMs: number): number | undefined {
    const last = this.#admitted.get(key);
    if (last !== undefined && nowMs - last.atMs < this.#limits.everyMs) {
      last.suppressed++;
      return undefined;
    }
    this.#admitted.delete(key);
    this.#admitted.set(key, { atMs: nowMs, suppressed: 0 });
    if (this.#admitted.size > this.#limits.maxKeys) this.#admitted.delete(this.#admitted.keys().next().value!);
    return last?.suppressed ?? 0;
  }
}

/** How many lines may be written: at most `burst` at once, and in the long run `perSecond`. */
export class LineBudget {
  readonly #rate: { readonly burst: number; readonly perSecond: number };
  readonly #nowMs: () => number;
  #lines: number;
  #atMs: number;

  /** `nowMs`: monotonic milliseconds. */
  constructor(rate: { readonly burst: number; readonly perSecond: number }, nowMs: () => number) {
    this.#rate = rate;
    this.#nowMs = nowMs;
    this.#lines = rate.burst;
    this.#atMs = nowMs();
  }

  /** Whether one more line may be written now; it counts as written then. */
  take(): boolean {
    const nowMs = this.#nowMs();
    const { burst, perSecond } = this.#rate;
    this.#lines = Math.min(burst, this.#lines + ((nowMs - this.#atMs) * perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#lines < 1) return false;
    this.#lines--;
    return true;
  }
}
