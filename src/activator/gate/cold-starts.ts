const mostKept = 20;
/** What a client is told before the first cold start has been measured. */
const unmeasuredMs = 10_000;

/** How long a model takes from its first held request, with nothing ready, to its first ready replica. */
export class ColdStarts {
  readonly #durationsMs: number[] = [];
  #sinceMs: number | undefined;

  /** When the one under way began; `undefined` while none is. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** The latest ones, in milliseconds, the newest last. */
  get durationsMs(): readonly number[] {
    return this.#durationsMs;
  }

  /** A request is held while nothing is ready. */
  begin(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  /** A replica is ready. Returns how long it took, where somebody had waited for it. */
  end(nowMs: number): number | undefined {
    if (this.#sinceMs === undefined) return undefined;
    const durationMs = nowMs - this.#sinceMs;
    this.#sinceMs = undefined;
    this.#durationsMs.push(durationMs);
    if (this.#durationsMs.length > mostKept) this.#durationsMs.shift();
    return durationMs;
  }

  /** Nobody waits any more: what was begun says nothing about how long a start takes. */
  forget(): void {
    this.#sinceMs = undefined;
  }

  /** When it is worth trying again, in whole seconds from now: the median of the latest, less what has passed of this one. */
  retryAfterSeconds(nowMs: number): number {
    const sorted = this.#durationsMs.toSorted((a, b) => a - b);
    const medianMs = sorted[Math.floor(sorted.length / 2)] ?? unmeasuredMs;
    const passedMs = this.#sinceMs === undefined ? 0 : nowMs - this.#sinceMs;
    return Math.max(1, Math.ceil((medianMs - passedMs) / 1000));
  }
}
