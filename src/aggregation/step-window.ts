/** What the sum and the count of a latency grew by from one reading to the next. */
export interface Step {
  readonly fromMs: number;
  readonly toMs: number;
  /** Seconds that the requests took which ended in it, together. */
  readonly seconds: number;
  /** How many they were. */
  readonly count: number;
  /** What the gauge said at its end. */
  readonly gauge: number;
}

/** Steps of one window are at least about this many parts of it, so that frequent readings need no more room. */
const finestPart = 60;
const mergedUpTo = 1.25;
/** Numbers kept of a step: `toMs`, `seconds`, `count` and the gauge's mean. It begins where the one before ends. */
const numbers = 4;

/**
 * The steps of one endpoint over the last `windowMs`. Readings closer together than the window needs are merged, and so
 * are steps in which nothing happened: an idle endpoint takes no room. Emptied by time, with each new step.
 */
export class StepWindow {
  readonly #windowMs: number;
  readonly #finestMs: number;
  #kept: number[] = [];
  #startMs = 0;

  constructor(windowMs: number, burstWindowMs: number) {
    this.#windowMs = windowMs;
    this.#finestMs = Math.max(burstWindowMs / 6, windowMs / finestPart);
  }

  /** Where the oldest step begins; `undefined` before the first one. */
  get startMs(): number | undefined {
    return this.#kept.length === 0 ? undefined : this.#startMs;
  }

  /** Takes the next step: it begins where the last one ended, or everything before it is forgotten. */
  add(step: Step): void {
    if (step.toMs <= step.fromMs) return;
    const kept = this.#kept;
    if (kept.length === 0 || kept[kept.length - numbers] !== step.fromMs) {
      this.#kept = [step.toMs, step.seconds, step.count, step.gauge];
      this.#startMs = step.fromMs;
      return;
    }
    if (!this.#merged(step)) kept.push(step.toMs, step.seconds, step.count, step.gauge);
    this.#forget(step.toMs - this.#windowMs);
  }

  clear(): void {
    this.#kept = [];
  }

  /** Where steps are read one after the other: from the first that ends after `sinceMs` up to `length`. */
  firstAfter(sinceMs: number): number {
    let step = 0;
    while (step < this.length && this.toMs(step) <= sinceMs) step++;
    return step;
  }

  get length(): number {
    return this.#kept.length / numbers;
  }

  fromMs(step: number): number {
    return step === 0 ? this.#startMs : this.#kept[(step - 1) * numbers]!;
  }

  toMs(step: number): number {
    return this.#kept[step * numbers]!;
  }

  seconds(step: number): number {
    return this.#kept[step * numbers + 1]!;
  }

  count(step: number): number {
    return this.#kept[step * numbers + 2]!;
  }

  gauge(step: number): number {
    return this.#kept[step * numbers + 3]!;
  }

  /**
   * Calls with each step that ends after `sinceMs`, oldest first; the first may begin before it. Makes an object of
   * each: what is read with every page reads them by their numbers.
   */
  forEach(sinceMs: number, visit: (step: Step) => void): void {
    for (let step = this.firstAfter(sinceMs); step < this.length; step++) {
      const [fromMs, toMs] = [this.fromMs(step), this.toMs(step)];
      visit({ fromMs, toMs, seconds: this.seconds(step), count: this.count(step), gauge: this.gauge(step) });
    }
  }

  #merged({ toMs, seconds, count, gauge }: Step): boolean {
    const kept = this.#kept;
    const last = kept.length - numbers;
    const lastFromMs = last === 0 ? this.#startMs : kept[last - numbers]!;
    const isQuiet =
      seconds === 0 && count === 0 && gauge === kept[last + 3] && kept[last + 1] === 0 && kept[last + 2] === 0;
    if (!isQuiet && toMs - lastFromMs > mergedUpTo * this.#finestMs) return false;
    const share = (toMs - kept[last]!) / (toMs - lastFromMs);
    kept[last] = toMs;
    kept[last + 1]! += seconds;
    kept[last + 2]! += count;
    kept[last + 3] = kept[last + 3]! * (1 - share) + gauge * share;
    return true;
  }

  #forget(beforeMs: number): void {
    let gone = 0;
    while (gone < this.#kept.length - numbers && this.#kept[gone]! <= beforeMs) gone += numbers;
    if (gone === 0) return;
    this.#startMs = this.#kept[gone - numbers]!;
    this.#kept.splice(0, gone);
  }
}
