/**
 * The KV cache in blocks of a fixed number of tokens. Decoding sequences take one block each time they have filled the
 * last; how many do so in which step follows from how far each is into its block, of which only counts are kept.
 */
export class BlockPool {
  readonly total: number;
  readonly blockTokens: number;
  #free: number;
  /** Decoding sequences by (tokens − step) modulo the block's size, which stays the same while they decode. */
  readonly #phases: Int32Array;
  #decoding = 0;

  constructor(total: number, blockTokens: number) {
    this.total = total;
    this.blockTokens = blockTokens;
    this.#free = total;
    this.#phases = new Int32Array(blockTokens);
  }

  get free(): number {
    return this.#free;
  }

  blocksFor(tokens: number): number {
    return Math.ceil(tokens / this.blockTokens);
  }

  take(blocks: number): void {
    this.#free -= blocks;
  }

  give(blocks: number): void {
    this.#free += blocks;
  }

  /** A sequence with so many tokens begins to decode at this step; see `phaseOf`. */
  join(phase: number): void {
    this.#phases[phase]! += 1;
    this.#decoding += 1;
  }

  leave(phase: number): void {
    this.#phases[phase]! -= 1;
    this.#decoding -= 1;
  }

  phaseOf(tokens: number, step: number): number {
    return modulo(tokens - step, this.blockTokens);
  }

  /** Blocks that all decoding sequences together take in the `steps` steps from `step` on. */
  takenIn(step: number, steps: number): number {
    const rounds = Math.floor(steps / this.blockTokens);
    let blocks = rounds * this.#decoding;
    for (let next = rounds * this.blockTokens; next < steps; next += 1) blocks += this.#takenAt(step + next);
    return blocks;
  }

  /** How many steps from `step` on the free blocks last, at most `most`. */
  lastsFor(step: number, most: number): number {
    if (this.#decoding === 0) return most;
    const rounds = Math.floor(this.#free / this.#decoding);
    let left = this.#free - rounds * this.#decoding;
    let steps = rounds * this.blockTokens;
    while (steps < most) {
      left -= this.#takenAt(step + steps);
      if (left < 0) return steps;
      steps += 1;
    }
    return most;
  }

  /** A sequence opens a block with the token that is the first of one. */
  #takenAt(step: number): number {
    return this.#phases[modulo(1 - step, this.blockTokens)]!;
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
