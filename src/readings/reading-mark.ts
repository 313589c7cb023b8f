/** No target has this number. */
const nobody = 0;

/**
 * Which target's page the scrape thread is at work on, in memory that outlives the thread: where it dies without a word,
 * the other thread can still see of what.
 */
export class ReadingMark {
  readonly shared: SharedArrayBuffer;
  readonly #id: Int32Array;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#id = new Int32Array(shared);
  }

  /** `undefined`: no page is being read. */
  get targetId(): number | undefined {
    const id = Atomics.load(this.#id, 0);
    return id === nobody ? undefined : id;
  }

  /** Does the work while the mark says for whom. What the work throws leaves the mark where it was. */
  during<Result>(targetId: number, work: () => Result): Result {
    this.#id[0] = targetId;
    const result = work();
    this.#id[0] = nobody;
    return result;
  }

  clear(): void {
    this.#id[0] = nobody;
  }
}
