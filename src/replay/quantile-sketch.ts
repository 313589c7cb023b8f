/** The smallest value that is told from 0, and the growth from one bucket to the next: quantiles are within 0.25 %. */
const least = 0.01;
const growth = 1.005;
const buckets = 6000;

/** Quantiles of any number of values above 0 in a fixed amount of memory. */
export class QuantileSketch {
  readonly #counts = new Uint32Array(buckets);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    const bucket = value <= least ? 0 : Math.ceil(Math.log(value / least) / Math.log(growth));
    this.#counts[Math.min(bucket, buckets - 1)]! += 1;
    this.#count += 1;
  }

  /** The value that a share of all values is at or below; `undefined` without any. */
  quantile(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    const wanted = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return least * growth ** (bucket - 0.5);
    }
    return least * growth ** buckets;
  }
}
