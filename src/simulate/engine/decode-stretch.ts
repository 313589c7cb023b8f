/**
 * Consecutive steps that compute one token for each of the same sequences, so that each step is longer than the one
 * before by the KV cache that has grown meanwhile:
 *
 *     spanMs(k) = k·first + growth·k(k−1)/2
 *
 * Times are always counted from the stretch's start, so that looking in between changes nothing.
 */
export class DecodeStretch {
  readonly startMs: number;
  /** The first step, and by how much each further one is longer. */
  readonly firstMs: number;
  readonly growthMs: number;
  /** Steps until something changes; may be shortened while the stretch runs. */
  steps: number;

  constructor(startMs: number, firstMs: number, growthMs: number, steps: number) {
    this.startMs = startMs;
    this.firstMs = firstMs;
    this.growthMs = growthMs;
    this.steps = steps;
  }

  /** When the k-th step ends; the start for 0. */
  endOf(steps: number): number {
    return this.startMs + steps * this.firstMs + (this.growthMs * steps * (steps - 1)) / 2;
  }

  get endMs(): number {
    return this.endOf(this.steps);
  }

  /** How many steps have ended by `nowMs`, at most all. */
  endedBy(nowMs: number): number {
    // Compared with ends, never as spans: rounding must not part this from what `endMs` says.
    if (nowMs >= this.endMs) return this.steps;
    if (nowMs < this.endOf(1)) return 0;
    const spanMs = nowMs - this.startMs;
    const half = this.firstMs - this.growthMs / 2;
    const root = Math.floor((2 * spanMs) / (half + Math.sqrt(half * half + 2 * this.growthMs * spanMs)));
    // The root is exact up to rounding, which may be off by one step.
    let ended = Math.max(0, Math.min(root, this.steps));
    while (ended > 0 && this.endOf(ended) > nowMs) ended -= 1;
    while (ended < this.steps && this.endOf(ended + 1) <= nowMs) ended += 1;
    return ended;
  }
}
