import type { EngineShape } from './engine-shape.ts';
import { EngineStats } from './engine-stats.ts';
import type { EngineRequest, Sequence } from './sequence.ts';
import { isFinished, missingTokens } from './sequence.ts';

export interface EngineEvent {
  readonly kind: 'first-token' | 'finished';
  readonly id: string;
  readonly atMs: number;
}

/**
 * A model server's engine with continuous batching: requests wait, are read in chunks, then give one token a step;
 * a full KV cache sends the youngest one back to the queue. Pure: it lives in the time it is given.
 */
export class Engine {
  readonly shape: EngineShape;
  readonly stats = new EngineStats();
  #running: Sequence[] = [];
  #waiting: Sequence[] = [];
  #freeBlocks: number;
  #stepEndMs: number | undefined;
  #nowMs: number;
  #events: EngineEvent[] = [];

  constructor(shape: EngineShape, nowMs: number) {
    this.shape = shape;
    this.#freeBlocks = shape.kvBlocks;
    this.#nowMs = nowMs;
  }

  get runningRequests(): number {
    return this.#running.length;
  }

  get waitingRequests(): number {
    return this.#waiting.length;
  }

  /** Share of the KV cache in use, 0 to 1. */
  get kvCacheRatio(): number {
    return 1 - this.#freeBlocks / this.shape.kvBlocks;
  }

  /** The longest request, prompt and output together, that the KV cache can hold. */
  get maxRequestTokens(): number {
    return this.shape.kvBlocks * this.shape.blockTokens;
  }

  /** Ids of all requests that are not finished. */
  unfinished(): string[] {
    return [...this.#running, ...this.#waiting].map((sequence) => sequence.request.id);
  }

  /** Takes a request in at `nowMs`, which may not lie before the engine's own time. */
  submit(request: EngineRequest, nowMs: number): void {
    const tokens = request.promptTokens + request.outputTokens;
    if (request.outputTokens < 1 || request.promptTokens < 1) throw new RangeError('a request needs tokens in and out');
    if (tokens > this.maxRequestTokens) {
      throw new RangeError(`a request of ${tokens} tokens does not fit into a cache of ${this.maxRequestTokens}`);
    }
    this.#run(nowMs);
    this.#waiting.push({
      request,
      submittedMs: this.#nowMs,
      scheduledMs: undefined,
      firstTokenMs: undefined,
      lastTokenMs: this.#nowMs,
      computed: 0,
      generated: 0,
      blocks: 0,
      chunk: 0,
    });
    if (this.#stepEndMs === undefined) this.#beginStep(this.#nowMs);
  }

  /** Drops a request whose client has gone. */
  abort(id: string, nowMs: number): void {
    this.#run(nowMs);
    const sequence = [...this.#running, ...this.#waiting].find((one) => one.request.id === id);
    if (sequence === undefined) return;
    this.#release(sequence);
    this.#running = this.#running.filter((one) => one !== sequence);
    this.#waiting = this.#waiting.filter((one) => one !== sequence);
    this.stats.aborted += 1;
  }

  /** Runs up to `nowMs` and says what happened since the last call, in order. */
  advance(nowMs: number): EngineEvent[] {
    this.#run(nowMs);
    return this.#events.splice(0);
  }

  #run(nowMs: number): void {
    while (this.#stepEndMs !== undefined && this.#stepEndMs <= nowMs) {
      const endedMs = this.#stepEndMs;
      this.#stepEndMs = undefined;
      this.#endStep(endedMs);
      this.#beginStep(endedMs);
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  #beginStep(nowMs: number): void {
    let budget = this.shape.maxStepTokens;
    let promptTokens = 0;
    const schedule = (sequence: Sequence): void => {
      const missing = missingTokens(sequence);
      sequence.chunk = Math.min(missing, budget);
      budget -= sequence.chunk;
      if (missing > 1) promptTokens += sequence.chunk;
    };
    const preempted = this.#makeRoom(schedule);
    if (!preempted) this.#admit(nowMs, () => budget > 0, schedule);
    if (this.#running.length === 0) return;
    const { stepBaseMs, stepPerRequestMs, stepPerPromptTokenMs } = this.shape;
    this.stats.stepTokens.observe(this.shape.maxStepTokens - budget);
    this.#stepEndMs =
      nowMs + stepBaseMs + stepPerRequestMs * this.#running.length + stepPerPromptTokenMs * promptTokens;
  }

  /** Gives each running request its blocks for the next step, oldest first; the youngest pays when there are none. */
  #makeRoom(schedule: (sequence: Sequence) => void): boolean {
    let preempted = false;
    for (let index = 0; index < this.#running.length; index += 1) {
      const sequence = this.#running[index]!;
      schedule(sequence);
      while (!this.#allocate(sequence)) {
        this.#preempt(this.#running.pop()!);
        preempted = true;
        if (index >= this.#running.length) return true;
      }
    }
    return preempted;
  }

  #admit(nowMs: number, hasBudget: () => boolean, schedule: (sequence: Sequence) => void): void {
    while (hasBudget() && this.#waiting.length > 0 && this.#running.length < this.shape.maxRunning) {
      const sequence = this.#waiting[0]!;
      const blocks = Math.ceil(missingTokens(sequence) / this.shape.blockTokens);
      if (blocks > this.#freeBlocks) return;
      schedule(sequence);
      this.#allocate(sequence);
      sequence.scheduledMs ??= nowMs;
      this.#waiting.shift();
      this.#running.push(sequence);
    }
  }

  #allocate(sequence: Sequence): boolean {
    const needed = Math.ceil((sequence.computed + sequence.chunk) / this.shape.blockTokens) - sequence.blocks;
    if (needed > this.#freeBlocks) return false;
    this.#freeBlocks -= needed;
    sequence.blocks += needed;
    return true;
  }

  #preempt(sequence: Sequence): void {
    this.#release(sequence);
    sequence.computed = 0;
    sequence.chunk = 0;
    this.#waiting.unshift(sequence);
    this.stats.preemptions += 1;
  }

  #release(sequence: Sequence): void {
    this.#freeBlocks += sequence.blocks;
    sequence.blocks = 0;
  }

  #endStep(nowMs: number): void {
    this.stats.steps += 1;
    let anyFinished = false;
    for (const sequence of this.#running) {
      const wholePrompt = sequence.generated === 0 && sequence.chunk === missingTokens(sequence);
      sequence.computed += sequence.chunk;
      sequence.chunk = 0;
      if (wholePrompt) this.stats.promptTokens += sequence.request.promptTokens;
      if (missingTokens(sequence) > 0) continue;
      this.#giveToken(sequence, nowMs);
      anyFinished ||= isFinished(sequence);
    }
    if (anyFinished) this.#running = this.#running.filter((sequence) => !isFinished(sequence));
  }

  #giveToken(sequence: Sequence, nowMs: number): void {
    const { request, submittedMs } = sequence;
    sequence.generated += 1;
    this.stats.generationTokens += 1;
    if (sequence.firstTokenMs === undefined) {
      sequence.firstTokenMs = nowMs;
      this.stats.countFirstToken(submittedMs, nowMs);
      this.#events.push({ kind: 'first-token', id: request.id, atMs: nowMs });
    } else {
      this.stats.interTokenLatency.observe((nowMs - sequence.lastTokenMs) / 1000);
    }
    sequence.lastTokenMs = nowMs;
    if (!isFinished(sequence)) return;
    this.#release(sequence);
    this.#events.push({ kind: 'finished', id: request.id, atMs: nowMs });
    const times = {
      submittedMs,
      scheduledMs: sequence.scheduledMs ?? submittedMs,
      firstTokenMs: sequence.firstTokenMs,
    };
    this.stats.countFinished({ ...request, ...times, finishedMs: nowMs });
  }
}
