import { Listeners } from './listeners.ts';
import type { Replica, ReplicaSet } from './replica.ts';

/** Asks one replica whether it is ready. Never rejects. */
export type Probe = (replica: Replica, signal: AbortSignal) => Promise<boolean>;

export interface ProbedReplicasOptions {
  readonly origins: readonly string[];
  readonly probe: Probe;
  /** From one round of questions to the next, while somebody waits. */
  readonly everyMs: number;
}

/**
 * Replicas at fixed addresses, each ready once its probe has said so and until no connection to it can be made. They
 * are asked only while somebody waits, since a model server counts such questions as requests.
 */
export class ProbedReplicas implements ReplicaSet {
  readonly #options: ProbedReplicasOptions;
  readonly #all: readonly Replica[];
  readonly #readyNames = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #listeners = new Listeners();
  readonly #closing = new AbortController();
  #ready: readonly Replica[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProbedReplicasOptions) {
    this.#options = options;
    this.#all = options.origins.map((origin) => ({ name: origin, origin }));
  }

  ready(): readonly Replica[] {
    return this.#ready;
  }

  problem(): undefined {
    return undefined;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  setWanted(isWanted: boolean): void {
    if (isWanted === (this.#timer !== undefined) || this.#closing.signal.aborted) return;
    if (!isWanted) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer = setInterval(() => this.#askAll(), this.#options.everyMs);
    this.#askAll();
  }

  unreachable({ name }: Replica): void {
    this.#set(name, false);
  }

  close(): void {
    this.setWanted(false);
    this.#closing.abort();
  }

  #askAll(): void {
    for (const replica of this.#all) {
      if (!this.#readyNames.has(replica.name) && !this.#asked.has(replica.name)) void this.#ask(replica);
    }
  }

  async #ask(replica: Replica): Promise<void> {
    this.#asked.add(replica.name);
    const isReady = await this.#options.probe(replica, this.#closing.signal);
    this.#asked.delete(replica.name);
    if (!this.#closing.signal.aborted) this.#set(replica.name, isReady);
  }

  #set(name: string, isReady: boolean): void {
    if (isReady === this.#readyNames.has(name)) return;
    if (isReady) this.#readyNames.add(name);
    else this.#readyNames.delete(name);
    this.#ready = this.#all.filter((each) => this.#readyNames.has(each.name));
    this.#listeners.tell();
  }
}
