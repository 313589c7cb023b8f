/** A total that lies somewhere from `low` to `high`; both are equal when every endpoint could be read. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** At most this many buckets are kept for one window, whatever its span. */
const MAX_BUCKETS = 600;
const MIN_BUCKET_MS = 100;
const MAX_BUCKET_MS = 1000;

/**
 * Bounds over the last `windowMs`, one bucket for each slice of time. What comes later in a bucket replaces what
 * came before, so that a cycle run twice in a second does not count twice.
 */
export class BoundWindow {
  readonly bucketMs: number;
  readonly #spans: readonly [windowMs: number, burstWindowMs: number];
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;
  /** Which slice of time a bucket holds; -Infinity for none. */
  readonly #slices: Float64Array;

  constructor(windowMs: number, burstWindowMs: number) {
    this.#spans = [windowMs, burstWindowMs];
    const finest = Math.min(MAX_BUCKET_MS, Math.max(MIN_BUCKET_MS, burstWindowMs / 6));
    this.bucketMs = Math.max(finest, windowMs / MAX_BUCKETS);
    const buckets = Math.ceil(windowMs / this.bucketMs);
    this.#lows = new Float64Array(buckets);
    this.#highs = new Float64Array(buckets);
    this.#slices = new Float64Array(buckets).fill(Number.NEGATIVE_INFINITY);
  }

  /** Another window with the same past. */
  copy(): BoundWindow {
    const other = new BoundWindow(...this.#spans);
    other.#lows.set(this.#lows);
    other.#highs.set(this.#highs);
    other.#slices.set(this.#slices);
    return other;
  }

  /**
   * Puts the bounds of this moment into its bucket. `nowMs`, in monotonic milliseconds, must not go back: an older
   * moment would take the bucket of a newer one.
   */
  record(nowMs: number, bounds: Bounds): void {
    const slice = Math.floor(nowMs / this.bucketMs);
    const bucket = slice % this.#slices.length;
    this.#slices[bucket] = slice;
    this.#lows[bucket] = bounds.low;
    this.#highs[bucket] = bounds.high;
  }

  /**
   * The means of both bounds over the last `spanMs` up to `nowMs`; `undefined` when nothing was recorded in it. Above
   * `windowMs` the span is cut to that: no more is kept.
   */
  means(nowMs: number, spanMs: number): Bounds | undefined {
    const newest = Math.floor(nowMs / this.bucketMs);
    const oldest = newest - Math.max(1, Math.round(spanMs / this.bucketMs)) + 1;
    let low = 0;
    let high = 0;
    let count = 0;
    for (let bucket = 0; bucket < this.#slices.length; bucket++) {
      const slice = this.#slices[bucket]!;
      if (slice < oldest || slice > newest) continue;
      low += this.#lows[bucket]!;
      high += this.#highs[bucket]!;
      count++;
    }
    return count === 0 ? undefined : { low: low / count, high: high / count };
  }
}
