import type { Admission, Held, HoldQueue, HoldRefusal } from '../../hold-queue/hold-queue.ts';
import type { Replica, ReplicaSet } from '../replicas/replica.ts';
import { leastInFlight, stickTo } from './choose-replica.ts';
import { ColdStarts } from './cold-starts.ts';

/** Something that wants a place at a replica. */
export interface Visitor {
  readonly priority: number;
  /** Of its body, as far as it is here. */
  readonly bytes: number;
  /** Those with equal keys go to the same replica as long as its load allows. */
  readonly stickyKey: string | undefined;
  /** How long it may still wait. */
  readonly holdTimeoutMs: number;
  /** It has a place now, and must leave it once. */
  enter(place: Place): void;
  /** It has waited as long as it may. */
  expire(): void;
}

/** One request's right to be at one replica. */
export interface Place {
  readonly replica: Replica;
  leave(): void;
  /** Leaves a replica that no connection could be made to. */
  leaveUnreachable(): void;
}

export interface GateOptions {
  /** The lane's name. */
  readonly route: string;
  readonly replicas: ReplicaSet;
  readonly queue: HoldQueue<Visitor>;
  /** Of this activator at one replica; `Infinity`: unbounded. */
  readonly concurrencyPerReplica: number;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly events: GateEvents;
}

/** What a gate wants counted. */
export interface GateEvents {
  coldStarted(route: string, durationMs: number): void;
  /** A held request has got its place. */
  released(route: string, heldMs: number): void;
}

export type Entrance =
  | { readonly kind: 'entered' }
  | { readonly kind: 'held'; readonly held: Held<Visitor> }
  | { readonly kind: 'refused'; readonly refusal: HoldRefusal };

/**
 * Stands in front of one route's replicas. Whoever comes gets a place at a ready replica with room, or is held; whoever
 * is held gets one the moment there is one, in the queue's order. Nobody overtakes those who wait.
 */
export class Gate {
  readonly #options: GateOptions;
  /** By replica; whoever leaves last takes the entry along. */
  readonly #inFlight = new Map<string, number>();
  #entered = 0;
  readonly #coldStarts = new ColdStarts();
  readonly #leave: () => void;
  #isReleasing = false;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#leave = options.replicas.subscribe(() => this.#replicasChanged());
  }

  get coldStarts(): ColdStarts {
    return this.#coldStarts;
  }

  /** Requests at replicas. */
  get inFlight(): number {
    let sum = 0;
    for (const count of this.#inFlight.values()) sum += count;
    return sum;
  }

  /** Places given since the start. */
  get entered(): number {
    return this.#entered;
  }

  arrive(visitor: Visitor): Entrance {
    const { queue, route, nowMs } = this.#options;
    const replica = queue.sizeOf(route) === 0 ? this.#choose(visitor) : undefined;
    if (replica !== undefined) {
      visitor.enter(this.#placeAt(replica));
      return { kind: 'entered' };
    }
    const { priority, bytes, holdTimeoutMs } = visitor;
    const arrival = { item: visitor, lane: route, priority, bytes, nowMs: nowMs(), holdTimeoutMs };
    return this.#entranceOf(queue.admit(arrival));
  }

  /** A place at once for what may not wait and is no demand, or `undefined`. It counts towards nothing. */
  glance(): Replica | undefined {
    return leastInFlight(
      this.#options.replicas.ready(),
      { inFlight: (replica) => this.#inFlight.get(replica.name) ?? 0, limit: Number.POSITIVE_INFINITY },
      this.#options.random,
    );
  }

  /** Somebody who is held has gone. */
  abandon(held: Held<Visitor>): void {
    if (this.#options.queue.remove(held)) this.waitingChanged();
  }

  /** To be called when somebody left the queue in another way than through this gate. */
  waitingChanged(): void {
    const { queue, route, replicas } = this.#options;
    const isWaited = queue.sizeOf(route) > 0;
    if (!isWaited) this.#coldStarts.forget();
    replicas.setWanted(isWaited);
  }

  /** Gives places to those who wait, as long as there are any. */
  release(): void {
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    const { queue, route, nowMs, events } = this.#options;
    for (let next = queue.next(route); next !== undefined; next = queue.next(route)) {
      const replica = this.#choose(next.item);
      if (replica === undefined) break;
      queue.remove(next);
      events.released(route, nowMs() - next.arrivedAtMs);
      next.item.enter(this.#placeAt(replica));
    }
    this.#isReleasing = false;
    this.waitingChanged();
  }

  close(): void {
    this.#leave();
    this.#options.replicas.close();
  }

  #entranceOf(admission: Admission<Visitor>): Entrance {
    if (!admission.ok) return { kind: 'refused', refusal: admission.refusal };
    const { replicas, nowMs } = this.#options;
    if (replicas.ready().length === 0) this.#coldStarts.begin(nowMs());
    replicas.setWanted(true);
    return { kind: 'held', held: admission.held };
  }

  #replicasChanged(): void {
    const { replicas, nowMs, route, events } = this.#options;
    if (replicas.ready().length === 0) return;
    const durationMs = this.#coldStarts.end(nowMs());
    if (durationMs !== undefined) events.coldStarted(route, durationMs);
    this.release();
  }

  #choose({ stickyKey }: Visitor): Replica | undefined {
    const { replicas, concurrencyPerReplica, random } = this.#options;
    const ready = replicas.ready();
    if (ready.length === 0) return undefined;
    const load = {
      inFlight: (replica: Replica) => this.#inFlight.get(replica.name) ?? 0,
      limit: concurrencyPerReplica,
    };
    if (stickyKey === undefined) return leastInFlight(ready, load, random);
    return stickTo(ready, load, stickyKey) ?? leastInFlight(ready, load, random);
  }

  #placeAt(replica: Replica): Place {
    const { name } = replica;
    this.#entered++;
    this.#inFlight.set(name, (this.#inFlight.get(name) ?? 0) + 1);
    let isTaken = true;
    const leave = (): void => {
      if (!isTaken) return;
      isTaken = false;
      const left = this.#inFlight.get(name)! - 1;
      if (left > 0) this.#inFlight.set(name, left);
      else this.#inFlight.delete(name);
    };
    return {
      replica,
      leave: () => {
        leave();
        this.release();
      },
      leaveUnreachable: () => {
        leave();
        this.#options.replicas.unreachable(replica);
      },
    };
  }
}
