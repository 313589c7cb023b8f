/** How an endpoint's last scrape went: `slow` if it timed out, `heavy` if its page took long to be read. */
export type Pace = 'usual' | 'slow' | 'heavy';

/** What a scrape asks of the others' time. */
export interface PlaceRequest {
  /** Whose it is; `undefined`: nobody's in particular. */
  readonly owner: string | undefined;
  readonly pace: Pace;
}

/** Each of them keeps the thread for milliseconds, and all pages that arrive meanwhile wait for all of them. */
const mostHeavy = 2;

/** The scrapes under way at once, and what part of the places each kind and each owner may take. */
export class Places {
  readonly #total: number;
  readonly #owned = new Map<string | undefined, number>();
  #taken = 0;
  readonly #ofPace: Record<Pace, number> = { usual: 0, slow: 0, heavy: 0 };
  readonly #mostOfPace: Record<Pace, number>;

  constructor(total: number) {
    this.#total = total;
    this.#mostOfPace = { usual: total, slow: Math.ceil(total / 2), heavy: mostHeavy };
  }

  /** Places that this owner has now. */
  takenBy(owner: string | undefined): number {
    return this.#owned.get(owner) ?? 0;
  }

  /** Slow ones get half of the places, so that there is room for those that answer; one owner gets three quarters. */
  hasRoomFor({ owner, pace }: PlaceRequest): boolean {
    if (this.#taken >= this.#total || this.#ofPace[pace] >= this.#mostOfPace[pace]) return false;
    return owner === undefined || this.takenBy(owner) < Math.ceil(this.#total * 0.75);
  }

  take({ owner, pace }: PlaceRequest): void {
    this.#taken++;
    this.#ofPace[pace]++;
    this.#owned.set(owner, this.takenBy(owner) + 1);
  }

  /** Takes what was given to `take`. */
  leave({ owner, pace }: PlaceRequest): void {
    this.#taken--;
    this.#ofPace[pace]--;
    const left = this.takenBy(owner) - 1;
    if (left === 0) this.#owned.delete(owner);
    else this.#owned.set(owner, left);
  }
}
