import type { EngineRequest, Sequence } from './sequence.ts';

/** Decoding sequences by the step with which they end; of one step's, the one admitted first comes first. */
export class EndHeap<Request extends EngineRequest> {
  readonly #heap: Sequence<Request>[] = [];

  get first(): Sequence<Request> | undefined {
    return this.#heap[0];
  }

  add(sequence: Sequence<Request>): void {
    this.#heap.push(sequence);
    this.#rise(sequence, this.#heap.length - 1);
  }

  remove(sequence: Sequence<Request>): void {
    const place = sequence.heapPlace;
    if (place < 0) return;
    sequence.heapPlace = -1;
    const last = this.#heap.pop()!;
    if (last === sequence) return;
    this.#rise(last, place);
    this.#sink(last, last.heapPlace);
  }

  #rise(sequence: Sequence<Request>, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(sequence, this.#heap[above]!)) break;
      this.#put(this.#heap[above]!, place);
      place = above;
    }
    this.#put(sequence, place);
  }

  #sink(sequence: Sequence<Request>, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#heap.length) break;
      if (below + 1 < this.#heap.length && isBefore(this.#heap[below + 1]!, this.#heap[below]!)) below += 1;
      if (!isBefore(this.#heap[below]!, sequence)) break;
      this.#put(this.#heap[below]!, place);
      place = below;
    }
    this.#put(sequence, place);
  }

  #put(sequence: Sequence<Request>, place: number): void {
    this.#heap[place] = sequence;
    sequence.heapPlace = place;
  }
}

function isBefore<Request extends EngineRequest>(a: Sequence<Request>, b: Sequence<Request>): boolean {
  return a.endStep < b.endStep || (a.endStep === b.endStep && a.order < b.order);
}
