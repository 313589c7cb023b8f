/** Something that happens at one moment; `undefined` once it was taken back. */
interface Event {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** What is to happen, by its moment; what was planned first comes first at one moment. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #planned = 0;

  /** When the next thing happens; `Infinity` when nothing does. */
  get nextMs(): number {
    this.#dropCancelled();
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Plans something. Returns how to take it back. */
  plan(atMs: number, run: () => void): () => void {
    this.#planned += 1;
    const event: Event = { atMs, order: this.#planned, run };
    this.#heap.push(event);
    this.#rise(this.#heap.length - 1);
    return () => {
      event.run = undefined;
    };
  }

  /** Takes the next thing out, to be run by the caller once its clock says that moment. */
  take(): { readonly atMs: number; readonly run: () => void } | undefined {
    this.#dropCancelled();
    const first = this.#pop();
    return first?.run === undefined ? undefined : { atMs: first.atMs, run: first.run };
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]!.run === undefined) this.#pop();
  }

  #pop(): Event | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#heap[0] = last;
    this.#sink();
    return first;
  }

  #rise(from: number): void {
    const event = this.#heap[from]!;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(event, this.#heap[above]!)) break;
      this.#heap[place] = this.#heap[above]!;
      place = above;
    }
    this.#heap[place] = event;
  }

  #sink(): void {
    const event = this.#heap[0]!;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#heap.length) break;
      if (below + 1 < this.#heap.length && isBefore(this.#heap[below + 1]!, this.#heap[below]!)) below += 1;
      if (!isBefore(this.#heap[below]!, event)) break;
      this.#heap[place] = this.#heap[below]!;
      place = below;
    }
    this.#heap[place] = event;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
