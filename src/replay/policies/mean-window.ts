/** The mean of what was recorded over the last span of time. */
export class MeanWindow {
  readonly #spanMs: number;
  #samples: { readonly atMs: number; readonly value: number }[] = [];
  #first = 0;
  #sum = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  record(atMs: number, value: number): void {
    this.#samples.push({ atMs, value });
    this.#sum += value;
    while (this.#samples[this.#first]!.atMs <= atMs - this.#spanMs) {
      this.#sum -= this.#samples[this.#first]!.value;
      this.#first += 1;
    }
    if (this.#first < 256) return;
    this.#samples = this.#samples.slice(this.#first);
    this.#first = 0;
    // Added up anew, so that rounding does not pile up over days.
    this.#sum = this.#samples.reduce((sum, sample) => sum + sample.value, 0);
  }

  /** 0 before anything was recorded. */
  get mean(): number {
    const count = this.#samples.length - this.#first;
    return count === 0 ? 0 : this.#sum / count;
  }
}
