export interface EngineRequest {
  /** At least 1, like the output. */
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** A request inside the engine. */
export class Sequence<Request extends EngineRequest> {
  readonly request: Request;
  readonly submittedMs: number;
  scheduledMs: number | undefined;
  firstTokenMs: number | undefined;
  /** When its latest token came, kept where that is not the end of the step before. */
  pausedMs: number | undefined;
  /** Place in the batch: grows with each admission. */
  order = 0;
  /** Tokens in the KV cache while it is being read; 0 again after a preemption. */
  computed = 0;
  /** Tokens given, up to `sinceStep`. */
  generated = 0;
  /** The engine's step since which it decodes; `undefined` while it waits or is being read. */
  sinceStep: number | undefined;
  phase = 0;
  /** The KV blocks it held at `sinceStep`. */
  blocks = 0;
  /** The step with which it ends, and its place in the heap by that; −1 outside. */
  endStep = 0;
  heapPlace = -1;
  isAborted = false;
  previous: Sequence<Request> | undefined;
  next: Sequence<Request> | undefined;

  constructor(request: Request, submittedMs: number) {
    this.request = request;
    this.submittedMs = submittedMs;
  }

  /** Tokens to read before it can give its next one: the prompt and, after a preemption, what it had given. */
  get toRead(): number {
    return this.request.promptTokens + this.generated - this.computed;
  }
}

/** Sequences in order, from which any can be taken. */
export class SequenceList<Request extends EngineRequest> {
  #first: Sequence<Request> | undefined;
  #last: Sequence<Request> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): Sequence<Request> | undefined {
    return this.#first;
  }

  get last(): Sequence<Request> | undefined {
    return this.#last;
  }

  push(sequence: Sequence<Request>): void {
    sequence.previous = this.#last;
    sequence.next = undefined;
    if (this.#last === undefined) this.#first = sequence;
    else this.#last.next = sequence;
    this.#last = sequence;
    this.#length += 1;
  }

  unshift(sequence: Sequence<Request>): void {
    sequence.previous = undefined;
    sequence.next = this.#first;
    if (this.#first === undefined) this.#last = sequence;
    else this.#first.previous = sequence;
    this.#first = sequence;
    this.#length += 1;
  }

  remove(sequence: Sequence<Request>): void {
    const { previous, next } = sequence;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    this.#length -= 1;
  }

  *[Symbol.iterator](): IterableIterator<Sequence<Request>> {
    for (let one = this.#first; one !== undefined; one = one.next) yield one;
  }
}
