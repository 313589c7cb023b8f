/** A place in an `ArrivalList`. */
export interface Place<Item> {
  readonly item: Item;
  before: Place<Item> | undefined;
  after: Place<Item> | undefined;
}

/** Items in the order they came, each of which can leave at once from wherever it stands. */
export class ArrivalList<Item> {
  #first: Place<Item> | undefined;
  #last: Place<Item> | undefined;

  get first(): Item | undefined {
    return this.#first?.item;
  }

  add(item: Item): Place<Item> {
    const place: Place<Item> = { item, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    return place;
  }

  /** Takes a place out. It must stand in this list, and must not be taken out twice. */
  remove({ before, after }: Place<Item>): void {
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }

  *[Symbol.iterator](): Generator<Item> {
    for (let place = this.#first; place !== undefined; place = place.after) yield place.item;
  }
}
