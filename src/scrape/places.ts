/** What a scrape asks of the others' time. */
export interface Claim {
  /** Whose it is; `undefined`: nobody's in particular. */
  readonly owner: string | undefined;
  /** Has not shown that it answers in time: its last scrape timed out. */
  readonly slow: boolean;
  /** Its page takes long to be read. */
  readonly heavy: boolean;
}

/** Each of them keeps the thread for milliseconds, and all pages that arrive meanwhile wait for all of them. */
const mostHeavy = 4;

/** The scrapes under way at once, and what part of the places each kind and each owner may take. */
export class Places {
  readonly #total: number;
  readonly #owned = new Map<string | undefined, number>();
  #taken = 0;
  #slow = 0;
  #heavy = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get left(): number {
    return this.#total - this.#taken;
  }

  /** Places that this owner has now. */
  takenBy(owner: string | undefined): number {
    return this.#owned.get(owner) ?? 0;
  }

  /** Slow ones get half of the places, so that there is room for those that answer; one owner gets three quarters. */
  hasRoomFor({ owner, slow, heavy }: Claim): boolean {
    if (this.#taken >= this.#total) return false;
    if (owner !== undefined && this.takenBy(owner) >= Math.ceil(this.#total * 0.75)) return false;
    if (heavy && this.#heavy >= mostHeavy) return false;
    return !slow || this.#slow < Math.ceil(this.#total / 2);
  }

  take({ owner, slow, heavy }: Claim): void {
    this.#taken++;
    this.#owned.set(owner, this.takenBy(owner) + 1);
    if (slow) this.#slow++;
    if (heavy) this.#heavy++;
  }

  /** `claim`: what was given to `take`. */
  leave({ owner, slow, heavy }: Claim): void {
    this.#taken--;
    const left = this.takenBy(owner) - 1;
    if (left === 0) this.#owned.delete(owner);
    else this.#owned.set(owner, left);
    if (slow) this.#slow--;
    if (heavy) this.#heavy--;
  }
}
