/** How an endpoint's last scrapes went: `slow` if its server lets one wait, `heavy` if its page took the thread long. */
export type Pace = 'usual' | 'slow' | 'heavy';

/** A scrape under way, or one that would be. */
export interface PlaceRequest {
  /** Whose it is; `undefined`: nobody's in particular. */
  readonly owner: string | undefined;
  readonly pace: Pace;
  /** Whether it is one that is waited for. Slow ones are from their start, others once they have lasted too long. */
  readonly waits: boolean;
}

/** Of all, and of one owner. Each keeps the thread for milliseconds, and what arrives meanwhile waits for all of them. */
const mostHeavy = { all: 2, ofOne: 2 };
/** They come when their servers please, so a few may come at once. */
const mostHeavyWaiting = { all: 8, ofOne: 4 };
/** What one owner may take of the places for pages that come at once, and of those for pages that are waited for. */
const shareOfOne = 0.75;
const shareOfOneWaiting = 0.5;

/**
 * The scrapes under way at once, and what part of the places each kind and each owner may take. Those that are waited
 * for have as many places of their own, and so take none from servers that answer.
 */
export class Places {
  readonly #quick: Pool;
  readonly #waiting: Pool;

  /** `total`: places for pages that come at once; there are as many again for those that are waited for. */
  constructor(total: number) {
    this.#quick = new Pool({ all: total, ofOne: Math.ceil(total * shareOfOne) }, mostHeavy);
    this.#waiting = new Pool({ all: total, ofOne: Math.ceil(total * shareOfOneWaiting) }, mostHeavyWaiting);
  }

  /** Places that this owner has now, of those such a request would take. */
  takenBy(owner: string | undefined, waits: boolean): number {
    return this.#poolOf(waits).takenBy(owner);
  }

  hasRoomFor(place: PlaceRequest): boolean {
    return this.#poolOf(place.waits).hasRoomFor(place);
  }

  take(place: PlaceRequest): void {
    this.#poolOf(place.waits).add(place, 1);
  }

  /** `place`: what was given to `take`. */
  leave(place: PlaceRequest): void {
    this.#poolOf(place.waits).add(place, -1);
  }

  #poolOf(waits: boolean): Pool {
    return waits ? this.#waiting : this.#quick;
  }
}

interface Most {
  readonly all: number;
  readonly ofOne: number;
}

/** Places of one kind. What is nobody's in particular is limited by the places there are, not by a share. */
class Pool {
  readonly #any: Counted;
  readonly #heavy: Counted;

  constructor(most: Most, mostOfHeavy: Most) {
    this.#any = new Counted(most);
    this.#heavy = new Counted(mostOfHeavy);
  }

  takenBy(owner: string | undefined): number {
    return this.#any.of(owner);
  }

  hasRoomFor({ owner, pace }: PlaceRequest): boolean {
    return this.#any.hasRoomFor(owner) && (pace !== 'heavy' || this.#heavy.hasRoomFor(owner));
  }

  add({ owner, pace }: PlaceRequest, change: 1 | -1): void {
    this.#any.add(owner, change);
    if (pace === 'heavy') this.#heavy.add(owner, change);
  }
}

/** A count, and how much of it each owner has. An owner that has nothing is forgotten. */
class Counted {
  readonly #most: Most;
  readonly #byOwner = new Map<string | undefined, number>();
  #all = 0;

  constructor(most: Most) {
    this.#most = most;
  }

  of(owner: string | undefined): number {
    return this.#byOwner.get(owner) ?? 0;
  }

  hasRoomFor(owner: string | undefined): boolean {
    return this.#all < this.#most.all && (owner === undefined || this.of(owner) < this.#most.ofOne);
  }

  add(owner: string | undefined, change: 1 | -1): void {
    this.#all += change;
    const now = this.of(owner) + change;
    if (now === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, now);
  }
}
