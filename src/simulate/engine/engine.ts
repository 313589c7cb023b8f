import { Batch } from './batch.ts';
import { DecodeStretch } from './decode-stretch.ts';
import type { EngineShape } from './engine-shape.ts';
import { EngineStats } from './engine-stats.ts';
import type { EngineRequest } from './sequence.ts';
import { Sequence, SequenceList } from './sequence.ts';
import { fixedStepMs, stepMs } from './step-timing.ts';

export interface EngineEvent<Request extends EngineRequest = EngineRequest> {
  readonly kind: 'first-token' | 'finished';
  readonly request: Request;
  readonly atMs: number;
}

/** A part of a prompt that the step in progress computes. */
interface Chunk<Request extends EngineRequest> {
  readonly sequence: Sequence<Request>;
  readonly tokens: number;
}

/**
 * A model server's engine with continuous batching, scheduled as vLLM V1 does: requests wait first come, first served,
 * are read in chunks beside the decoding ones within a budget of tokens, then give one token a step; a full KV cache
 * sends the youngest one back to the queue, which then reads its prompt and what it had given again. Steps between
 * which nothing changes are taken together, exactly. Pure: it lives in the time it is given.
 */
export class Engine<Request extends EngineRequest = EngineRequest> {
  readonly shape: EngineShape;
  readonly #stats: EngineStats;
  readonly #batch: Batch<Request>;
  readonly #waiting = new SequenceList<Request>();
  #chunks: Chunk<Request>[] = [];
  #aborting: Sequence<Request>[] = [];
  #stretch: DecodeStretch | undefined;
  /** Steps of the stretch that the stats have counted. */
  #counted = 0;
  #nowMs: number;
  #events: EngineEvent<Request>[] = [];

  /** `timeScale`: how often its time passes while that of its pages' reader passes once. */
  constructor(shape: EngineShape, nowMs: number, timeScale = 1) {
    this.shape = shape;
    this.#stats = new EngineStats(timeScale);
    this.#batch = new Batch(shape);
    this.#nowMs = nowMs;
  }

  get runningRequests(): number {
    return this.#batch.length;
  }

  get waitingRequests(): number {
    return this.#waiting.length;
  }

  /** When the numbers of requests change next unless something is submitted; `Infinity` while nothing runs. */
  get nextChangeMs(): number {
    return this.#stretch?.endMs ?? Number.POSITIVE_INFINITY;
  }

  /** Everything counted up to the last call that told the time. */
  get stats(): EngineStats {
    this.#count();
    return this.#stats;
  }

  /** Share of the KV cache in use, 0 to 1. */
  get kvCacheRatio(): number {
    const stretch = this.#stretch;
    const begun = stretch === undefined ? 0 : Math.min(stretch.steps, stretch.endedBy(this.#nowMs) + 1);
    return this.#batch.usedRatio(begun);
  }

  /** The longest request, prompt and output together, that the KV cache can hold. */
  get maxRequestTokens(): number {
    return this.shape.kvBlocks * this.shape.blockTokens;
  }

  /** All requests that are not finished. */
  unfinished(): Request[] {
    const all = [...this.#batch.all, ...this.#waiting].filter((one) => !this.#aborting.includes(one));
    return all.map((one) => one.request);
  }

  /** Takes a request in at `nowMs`, which may not lie before the engine's own time. Throws RangeError. */
  submit(request: Request, nowMs: number): void {
    const tokens = request.promptTokens + request.outputTokens;
    if (request.outputTokens < 1 || request.promptTokens < 1) throw new RangeError('a request needs tokens in and out');
    if (tokens > this.maxRequestTokens) {
      throw new RangeError(`a request of ${tokens} tokens does not fit into a cache of ${this.maxRequestTokens}`);
    }
    this.#run(nowMs);
    // Where others wait already the first of them is what blocks, until something ends.
    const mayBeAdmitted = this.#waiting.length === 0;
    this.#waiting.push(new Sequence(request, this.#nowMs));
    if (this.#stretch === undefined) this.#begin(this.#nowMs);
    else if (mayBeAdmitted) this.#interrupt();
  }

  /**
   * Drops a request whose client has gone: at once while it waits, else with the end of the step in progress. False
   * when there is no such request.
   */
  abort(request: Request, nowMs: number): boolean {
    this.#run(nowMs);
    const waiting = find(this.#waiting, request);
    const running = waiting === undefined ? find(this.#batch.all, request) : undefined;
    if (waiting !== undefined) {
      this.#waiting.remove(waiting);
    } else if (running !== undefined && !this.#aborting.includes(running)) {
      this.#batch.forgetEnd(running);
      this.#aborting.push(running);
      this.#interrupt();
    } else {
      return false;
    }
    this.#stats.aborted += 1;
    return true;
  }

  /** Runs up to `nowMs` and says what happened since the last call, in order. */
  advance(nowMs: number): readonly EngineEvent<Request>[] {
    this.#run(nowMs);
    if (this.#events.length === 0) return nothing;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #run(nowMs: number): void {
    while (this.#stretch !== undefined && this.#stretch.endMs <= nowMs) {
      const endedMs = this.#stretch.endMs;
      this.#end(this.#stretch, endedMs);
      this.#begin(endedMs);
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  /** Lets the stretch end with the step in progress. */
  #interrupt(): void {
    const stretch = this.#stretch!;
    stretch.steps = Math.min(stretch.steps, stretch.endedBy(this.#nowMs) + 1);
  }

  #begin(nowMs: number): void {
    const wasPreempted = this.#makeRoom(nowMs);
    if (!wasPreempted) this.#admit(nowMs);
    const sequences = this.#batch.length;
    if (sequences === 0) return;
    const { timing } = this.shape;
    const { decoding, decodingTokens } = this.#batch;
    if (this.#chunks.length > 0) {
      const read = this.#readLoad();
      const tokens = decoding + read.tokens;
      const spanMs = stepMs(timing, { sequences, tokens, decodingTokens, attentionPairs: read.pairs });
      this.#stretch = new DecodeStretch(nowMs, spanMs, 0, 1);
      return;
    }
    const kvMs = timing.kvPerThousandTokensMs / 1000;
    const firstMs = fixedStepMs(timing, decoding, sequences) + kvMs * decodingTokens;
    const steps = wasPreempted ? 1 : this.#batch.unchangedSteps;
    this.#stretch = new DecodeStretch(nowMs, firstMs, kvMs * decoding, steps);
  }

  #readLoad(): { readonly tokens: number; readonly pairs: number } {
    let tokens = 0;
    let pairs = 0;
    for (const chunk of this.#chunks) {
      tokens += chunk.tokens;
      pairs += chunk.tokens * (chunk.sequence.computed + chunk.tokens / 2);
    }
    return { tokens, pairs };
  }

  /** Each decoding sequence gets its block for the next step, and the one being read its next chunk's. */
  #makeRoom(nowMs: number): boolean {
    let wasPreempted = false;
    while (this.#batch.lacksBlocks) {
      this.#preempt(this.#batch.last!, nowMs);
      wasPreempted = true;
    }
    const reading = this.#batch.last;
    if (reading === undefined || reading.sinceStep !== undefined) return wasPreempted;
    const tokens = Math.min(reading.toRead, this.shape.maxStepTokens - this.#batch.decoding);
    if (this.#schedule(reading, tokens)) return wasPreempted;
    this.#preempt(reading, nowMs);
    return true;
  }

  #admit(nowMs: number): void {
    let budget = this.shape.maxStepTokens - this.#batch.decoding;
    for (const { tokens } of this.#chunks) budget -= tokens;
    while (budget > 0 && this.#batch.length < this.shape.maxRunning) {
      const sequence = this.#waiting.first;
      if (sequence === undefined) return;
      const tokens = Math.min(sequence.toRead, budget);
      if (!this.#schedule(sequence, tokens)) return;
      budget -= tokens;
      this.#waiting.remove(sequence);
      sequence.scheduledMs ??= nowMs;
      this.#batch.add(sequence);
    }
  }

  /** Takes the blocks for a chunk and plans it; false where the decoding sequences leave too few. */
  #schedule(sequence: Sequence<Request>, tokens: number): boolean {
    if (!this.#batch.takeFor(sequence, tokens)) return false;
    this.#chunks.push({ sequence, tokens });
    return true;
  }

  #preempt(sequence: Sequence<Request>, nowMs: number): void {
    this.#stats.preemptions += 1;
    if (sequence.sinceStep !== undefined) sequence.pausedMs = nowMs;
    this.#batch.release(sequence);
    this.#waiting.unshift(sequence);
  }

  #end(stretch: DecodeStretch, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#count();
    this.#batch.elapse(stretch.steps);
    this.#stretch = undefined;
    this.#counted = 0;
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const sequence of this.#aborting.splice(0)) {
      this.#batch.release(sequence);
      sequence.isAborted = true;
    }
    for (let done = this.#batch.takeEnded(); done !== undefined; done = this.#batch.takeEnded()) {
      this.#finish(done, nowMs);
    }
    for (const { sequence, tokens } of chunks) if (!sequence.isAborted) this.#read(sequence, tokens, nowMs);
  }

  /** A chunk is computed; with the last one comes a token. */
  #read(sequence: Sequence<Request>, tokens: number, nowMs: number): void {
    sequence.computed += tokens;
    if (sequence.toRead > 0) return;
    const { request, submittedMs } = sequence;
    if (sequence.generated === 0) this.#stats.promptTokens += request.promptTokens;
    this.#stats.generationTokens += 1;
    sequence.generated += 1;
    if (sequence.pausedMs !== undefined) {
      this.#stats.interTokenLatency.observe(this.#stats.secondsOf(nowMs - sequence.pausedMs));
    } else if (sequence.firstTokenMs === undefined) {
      sequence.firstTokenMs = nowMs;
      this.#stats.countFirstToken(submittedMs, nowMs);
      this.#events.push({ kind: 'first-token', request, atMs: nowMs });
    }
    if (sequence.generated < request.outputTokens) {
      sequence.pausedMs = undefined;
      this.#batch.decode(sequence);
    } else {
      this.#batch.release(sequence);
      this.#finish(sequence, nowMs);
    }
  }

  #finish({ request, submittedMs, scheduledMs, firstTokenMs }: Sequence<Request>, nowMs: number): void {
    this.#events.push({ kind: 'finished', request, atMs: nowMs });
    const { promptTokens, outputTokens } = request;
    const times = { submittedMs, scheduledMs: scheduledMs ?? submittedMs, firstTokenMs: firstTokenMs ?? nowMs };
    this.#stats.countFinished({ promptTokens, outputTokens, ...times, finishedMs: nowMs });
  }

  /** Counts the steps of the stretch that have ended since this was last done. */
  #count(): void {
    const stretch = this.#stretch;
    const ended = stretch?.endedBy(this.#nowMs) ?? 0;
    const steps = ended - this.#counted;
    if (stretch === undefined || steps <= 0) return;
    const spanMs = stretch.endOf(ended) - stretch.endOf(this.#counted);
    const { decoding } = this.#batch;
    let tokens = decoding;
    for (const chunk of this.#chunks) tokens += chunk.tokens;
    this.#stats.countSteps({ steps, spanMs, tokens, decoding });
    this.#counted = ended;
  }
}

const nothing: readonly never[] = [];

function find<Request extends EngineRequest>(
  list: SequenceList<Request>,
  request: Request,
): Sequence<Request> | undefined {
  for (const sequence of list) if (sequence.request === request) return sequence;
  return undefined;
}
