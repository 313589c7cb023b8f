import { BlockPool } from './block-pool.ts';
import { EndHeap } from './end-heap.ts';
import type { EngineShape } from './engine-shape.ts';
import type { EngineRequest, Sequence } from './sequence.ts';
import { SequenceList } from './sequence.ts';

/** The sequences an engine works on, in the order of their admission, and what they hold of the KV cache. */
export class Batch<Request extends EngineRequest> {
  readonly #all = new SequenceList<Request>();
  readonly #ends = new EndHeap<Request>();
  readonly #pool: BlockPool;
  #step = 0;
  #admitted = 0;
  #decoding = 0;
  #decodingTokens = 0;

  constructor({ kvBlocks, blockTokens }: EngineShape) {
    this.#pool = new BlockPool(kvBlocks, blockTokens);
  }

  get length(): number {
    return this.#all.length;
  }

  get all(): SequenceList<Request> {
    return this.#all;
  }

  /** The youngest sequence; the only one that may still be read. */
  get last(): Sequence<Request> | undefined {
    return this.#all.last;
  }

  /** Sequences that decode: one token a step for each. */
  get decoding(): number {
    return this.#decoding;
  }

  /** Prompt and generated tokens of all decoding sequences. */
  get decodingTokens(): number {
    return this.#decodingTokens;
  }

  /** Whether the decoding sequences lack blocks for their next step. */
  get lacksBlocks(): boolean {
    return this.#pool.takenIn(this.#step, 1) > this.#pool.free;
  }

  /** Steps until a sequence ends or the blocks do. At least one sequence decodes. */
  get unchangedSteps(): number {
    return this.#pool.lastsFor(this.#step, this.#ends.first!.endStep - this.#step);
  }

  /** Share of the blocks in use once the decoding sequences have begun so many steps, 0 to 1. */
  usedRatio(begunSteps: number): number {
    return 1 - (this.#pool.free - this.#pool.takenIn(this.#step, begunSteps)) / this.#pool.total;
  }

  /** Takes blocks for the next tokens of a prompt; false where the decoding sequences' next step leaves too few. */
  takeFor(sequence: Sequence<Request>, tokens: number): boolean {
    const blocks = this.#pool.blocksFor(sequence.computed + tokens) - sequence.blocks;
    if (blocks > this.#pool.free - this.#pool.takenIn(this.#step, 1)) return false;
    this.#pool.take(blocks);
    sequence.blocks += blocks;
    return true;
  }

  add(sequence: Sequence<Request>): void {
    this.#admitted += 1;
    sequence.order = this.#admitted;
    this.#all.push(sequence);
  }

  /** The sequence has been read and gives one token a step from now on. */
  decode(sequence: Sequence<Request>): void {
    const { request, generated } = sequence;
    const tokens = request.promptTokens + generated;
    sequence.sinceStep = this.#step;
    sequence.endStep = this.#step + request.outputTokens - generated;
    sequence.phase = this.#pool.phaseOf(tokens, this.#step);
    this.#pool.join(sequence.phase);
    this.#decoding += 1;
    this.#decodingTokens += tokens;
    this.#ends.add(sequence);
  }

  /** Keeps a sequence that is about to be released from ending by itself. */
  forgetEnd(sequence: Sequence<Request>): void {
    this.#ends.remove(sequence);
  }

  /** Takes a sequence out of the batch, with what it holds of the cache. */
  release(sequence: Sequence<Request>): void {
    this.#all.remove(sequence);
    this.#ends.remove(sequence);
    const { request, sinceStep } = sequence;
    if (sinceStep === undefined) {
      this.#pool.give(sequence.blocks);
    } else {
      sequence.generated += this.#step - sinceStep;
      const tokens = request.promptTokens + sequence.generated;
      // Its newest token is not in the cache yet.
      this.#pool.give(this.#pool.blocksFor(tokens - 1));
      this.#pool.leave(sequence.phase);
      this.#decoding -= 1;
      this.#decodingTokens -= tokens;
    }
    sequence.sinceStep = undefined;
    sequence.blocks = 0;
    sequence.computed = 0;
  }

  /** So many steps are over. */
  elapse(steps: number): void {
    this.#pool.take(this.#pool.takenIn(this.#step, steps));
    this.#step += steps;
    this.#decodingTokens += steps * this.#decoding;
  }

  /** Takes out the next sequence that has given all its tokens. */
  takeEnded(): Sequence<Request> | undefined {
    const first = this.#ends.first;
    if (first === undefined || first.endStep > this.#step) return undefined;
    this.release(first);
    return first;
  }
}
