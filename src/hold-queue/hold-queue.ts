import type { Place } from './arrival-list.ts';
import { ArrivalList } from './arrival-list.ts';
import { SharedRoom } from './shared-room.ts';

/** What may wait, of one lane and in all. */
export interface HoldLimits {
  readonly maxHeldPerLane: number;
  readonly maxHeld: number;
  /** Bytes of bodies, and of heads as far as the caller counts them. */
  readonly maxBytesPerLane: number;
  readonly maxBytes: number;
}

/** Why something may not wait: which bound is reached, and whose. */
export type HoldRefusal = 'lane-count' | 'all-count' | 'lane-bytes' | 'all-bytes';

/** 0 goes first. */
export type Priority = number;

/** Something that waits. */
export interface Held<Item> {
  readonly item: Item;
  readonly lane: string;
  readonly priority: Priority;
  readonly arrivedAtMs: number;
  /** It may wait until then. */
  readonly deadlineMs: number;
  /** Counted so far. */
  readonly bytes: number;
}

export interface Arrival<Item> {
  readonly item: Item;
  /** Whose line it joins: a model's, a route's. */
  readonly lane: string;
  readonly priority: Priority;
  readonly bytes: number;
  readonly nowMs: number;
  readonly holdTimeoutMs: number;
}

export type Admission<Item> =
  | { readonly ok: true; readonly held: Held<Item> }
  | { readonly ok: false; readonly refusal: HoldRefusal };

interface Ticket<Item> extends Held<Item> {
  bytes: number;
  place: Place<Ticket<Item>> | undefined;
}

/** One lane's waiting, by priority. Only priorities that have somebody waiting are in it. */
type Lane<Item> = Map<Priority, ArrivalList<Ticket<Item>>>;

/**
 * Requests that wait for a replica. Within a lane the lower priority number goes first, and among equals whoever came
 * first. Everything is bounded; whatever was admitted leaves exactly once: taken, removed or expired.
 */
export class HoldQueue<Item> {
  readonly #lanes = new Map<string, Lane<Item>>();
  readonly #count: SharedRoom;
  readonly #bytes: SharedRoom;

  /** @param lanes how many lanes there may be: each keeps a part of the whole to itself */
  constructor(limits: HoldLimits, lanes: number) {
    this.#count = new SharedRoom(limits.maxHeld, limits.maxHeldPerLane, lanes);
    this.#bytes = new SharedRoom(limits.maxBytes, limits.maxBytesPerLane, lanes);
  }

  /** Waiting now, in all lanes. */
  get size(): number {
    return this.#count.total;
  }

  get bytes(): number {
    return this.#bytes.total;
  }

  sizeOf(lane: string): number {
    return this.#count.used(lane);
  }

  bytesOf(lane: string): number {
    return this.#bytes.used(lane);
  }

  setLanes(lanes: number): void {
    this.#count.setLanes(lanes);
    this.#bytes.setLanes(lanes);
  }

  admit({ item, lane, priority, bytes, nowMs, holdTimeoutMs }: Arrival<Item>): Admission<Item> {
    const noPlace = this.#count.take(lane, 1);
    if (noPlace !== undefined) return { ok: false, refusal: `${noPlace}-count` };
    const noBytes = this.#bytes.take(lane, bytes);
    if (noBytes !== undefined) {
      this.#count.release(lane, 1);
      return { ok: false, refusal: `${noBytes}-bytes` };
    }
    const deadlineMs = nowMs + holdTimeoutMs;
    const ticket: Ticket<Item> = { item, lane, priority, bytes, arrivedAtMs: nowMs, deadlineMs, place: undefined };
    ticket.place = this.#listOf(lane, priority).add(ticket);
    return { ok: true, held: ticket };
  }

  /** Counts more bytes of something that waits, or says why they may not be kept; it still waits then. */
  grow(held: Held<Item>, bytes: number): HoldRefusal | undefined {
    const ticket = held as Ticket<Item>;
    if (ticket.place === undefined) return undefined;
    const noBytes = this.#bytes.take(ticket.lane, bytes);
    if (noBytes !== undefined) return `${noBytes}-bytes`;
    ticket.bytes += bytes;
    return undefined;
  }

  /** Who would be taken next of a lane. */
  next(lane: string): Held<Item> | undefined {
    const lists = this.#lanes.get(lane);
    return lists?.get(Math.min(...lists.keys()))?.first;
  }

  /** Takes the next one of a lane out. */
  take(lane: string): Held<Item> | undefined {
    const held = this.next(lane);
    if (held !== undefined) this.remove(held);
    return held;
  }

  /** Takes one out, wherever it stands. False when it had left already. */
  remove(held: Held<Item>): boolean {
    const ticket = held as Ticket<Item>;
    const { place, lane, priority } = ticket;
    if (place === undefined) return false;
    ticket.place = undefined;
    const lists = this.#lanes.get(lane)!;
    const list = lists.get(priority)!;
    list.remove(place);
    if (list.first === undefined) lists.delete(priority);
    if (lists.size === 0) this.#lanes.delete(lane);
    this.#count.release(lane, 1);
    this.#bytes.release(lane, ticket.bytes);
    return true;
  }

  /** Takes out all whose time is over. Looks at each that waits. */
  expire(nowMs: number): Held<Item>[] {
    const over: Held<Item>[] = [];
    for (const held of this) if (held.deadlineMs <= nowMs) over.push(held);
    for (const held of over) this.remove(held);
    return over;
  }

  /** All that wait: lane by lane, within it by priority as they first came up, and then by arrival. */
  *[Symbol.iterator](): Generator<Held<Item>> {
    for (const lists of this.#lanes.values()) for (const list of lists.values()) yield* list;
  }

  /** Those of one lane. */
  *of(lane: string): Generator<Held<Item>> {
    for (const list of this.#lanes.get(lane)?.values() ?? []) yield* list;
  }

  #listOf(lane: string, priority: Priority): ArrivalList<Ticket<Item>> {
    const lists: Lane<Item> = this.#lanes.get(lane) ?? new Map();
    this.#lanes.set(lane, lists);
    const list = lists.get(priority) ?? new ArrivalList();
    lists.set(priority, list);
    return list;
  }
}
