/**
 * One bounded quantity (requests, or bytes) that several lanes use. Half of it is set aside in equal parts, one a lane,
 * which nobody else can take; the other half is for whoever needs it. So the whole is never exceeded, and a lane that
 * takes all it can get leaves every other lane its part.
 */
export class SharedRoom {
  readonly #capacity: number;
  readonly #mostOfLane: number;
  readonly #used = new Map<string, number>();
  #lanes: number;
  #total = 0;

  /**
   * @param capacity of all lanes together
   * @param mostOfLane of any one lane
   * @param lanes how many lanes have a part of their own, at least 1
   */
  constructor(capacity: number, mostOfLane: number, lanes: number) {
    this.#capacity = capacity;
    this.#mostOfLane = mostOfLane;
    this.#lanes = Math.max(1, lanes);
  }

  /** Used by all lanes. */
  get total(): number {
    return this.#total;
  }

  used(lane: string): number {
    return this.#used.get(lane) ?? 0;
  }

  /** From now on this many lanes have a part. What is used already stays used. */
  setLanes(lanes: number): void {
    this.#lanes = Math.max(1, lanes);
  }

  /** Why `amount` more can't be used by `lane`, or `undefined` when it is used from now on. */
  take(lane: string, amount: number): 'lane' | 'all' | undefined {
    const used = this.used(lane);
    if (used + amount > this.#mostOfLane) return 'lane';
    if (!this.#fits(used, amount)) return 'all';
    this.#set(lane, used + amount);
    return undefined;
  }

  release(lane: string, amount: number): void {
    this.#set(lane, this.used(lane) - amount);
  }

  #fits(used: number, amount: number): boolean {
    if (this.#total + amount > this.#capacity) return false;
    const own = this.#ownPart;
    if (used + amount <= own) return true;
    let beyondOwn = Math.max(0, used + amount - own) - Math.max(0, used - own);
    for (const other of this.#used.values()) beyondOwn += Math.max(0, other - own);
    return beyondOwn <= this.#capacity - own * this.#lanes;
  }

  get #ownPart(): number {
    return Math.floor(this.#capacity / (2 * this.#lanes));
  }

  /** A lane that uses nothing is forgotten, so the map is no larger than what is held. */
  #set(lane: string, used: number): void {
    this.#total += used - this.used(lane);
    if (used === 0) this.#used.delete(lane);
    else this.#used.set(lane, used);
  }
}
