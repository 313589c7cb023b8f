/** A Prometheus histogram: cumulative when printed, kept as one count per bucket. */
export class Histogram {
  /** Upper bounds, ascending, without the infinite one. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#count;
  }

  observe(value: number, times = 1): void {
    this.#sum += value * times;
    this.#count += times;
    for (let bucket = 0; bucket < this.bounds.length; bucket += 1) {
      if (value > this.bounds[bucket]!) continue;
      this.#counts[bucket]! += times;
      return;
    }
  }

  /** For each bound how many values were at or below it. */
  cumulative(): number[] {
    let below = 0;
    return this.#counts.map((count) => {
      below += count;
      return below;
    });
  }
}
