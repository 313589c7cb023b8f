import type { Clock } from '../../time/clock.ts';
import { backOffMs } from '../back-off.ts';
import { changeListeners } from '../change-listeners.ts';
import type { DiscoveryEvents } from '../discovery-events.ts';
import { faultInWords } from '../fault-words.ts';
import type { KubeClient, KubeObject } from './kube-api.ts';
import { faultOfStatus, KubeFault, toKubeFault } from './kube-api.ts';
import type { ListPage } from './list-page.ts';
import { listPageOf, watchEventOf } from './list-page.ts';
import { watchdog } from './watchdog.ts';

/** One narrow piece of the API: the objects of a resource in a namespace, by a selector. */
export interface Collection<Item> {
  /** `/api/v1/namespaces/models/pods`. */
  readonly path: string;
  /** As RBAC calls it: `pods`, `scaledobjects.keda.sh`. */
  readonly resource: string;
  readonly namespace: string;
  readonly selector: { readonly labelSelector?: string; readonly fieldSelector?: string };
  /** Keeps what is needed of an object; `undefined` leaves it out. */
  project(object: KubeObject): Item | undefined;
}

export interface Reflection<Item> {
  /** False until the first full list. */
  readonly synced: boolean;
  /** By object name. After the first full list always one state that the server was in. */
  readonly items: ReadonlyMap<string, Item>;
  /** Why it can't be kept current just now, in words. */
  readonly problem: string | undefined;
}

export interface Reflector<Item> {
  current(): Reflection<Item>;
  /** Called after each change of what `current` returns. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

export interface ReflectorSurroundings {
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly events: DiscoveryEvents;
}

/** Of a list, to begin with; fewer where objects are so fat that a page is too large. */
const pageLimit = 100;
const shortestWatchMs = 300_000;
/** A watch that lived this long was worth opening, even if nothing happened in it. */
const worthwhileMs = 5_000;

/**
 * Mirrors a collection by list and watch, for ever: whatever fails is tried again with a growing delay. A new list
 * replaces the old one when it is whole, never page by page. After a lost connection the watch is taken up where it
 * was; only when the server has forgotten that place, or a line made no sense, everything is listed again.
 */
export function reflect<Item>(collection: Collection<Item>, surroundings: ReflectorSurroundings): Reflector<Item> {
  const mirror = new Mirror(collection, surroundings);
  mirror.run().catch(() => undefined);
  return mirror;
}

class Mirror<Item> implements Reflector<Item> {
  readonly #collection: Collection<Item>;
  readonly #kube: KubeClient;
  readonly #clock: Clock;
  readonly #events: DiscoveryEvents;
  readonly #changes = changeListeners();
  readonly #stop = new AbortController();
  #items = new Map<string, Item>();
  #synced = false;
  #problem: string | undefined;
  /** Where the watch goes on; `undefined`: list first. */
  #resourceVersion: string | undefined;
  #pageLimit = pageLimit;
  /** Attempts in a row that brought nothing. */
  #failures = 0;

  constructor(collection: Collection<Item>, { kube, clock, events }: ReflectorSurroundings) {
    this.#collection = collection;
    this.#kube = kube;
    this.#clock = clock;
    this.#events = events;
  }

  current(): Reflection<Item> {
    return { synced: this.#synced, items: this.#items, problem: this.#problem };
  }

  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  close(): void {
    this.#stop.abort();
  }

  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#failures += 1;
      try {
        this.#resourceVersion ??= await this.#list();
        await this.#watch(this.#resourceVersion);
      } catch (error) {
        if (!signal.aborted) this.#note(toKubeFault(error));
      }
      await this.#clock.sleep(backOffMs(Math.max(this.#failures - 1, 0), this.#clock.random()), signal);
    }
  }

  /** Reads all pages, then replaces everything at once. Returns the version the list was true at. */
  async #list(): Promise<string> {
    const items = new Map<string, Item>();
    let page: ListPage | undefined;
    do {
      page = await this.#page(page?.next);
      for (const object of page.objects) this.#put(items, object);
    } while (page.next !== undefined);
    if (this.#stop.signal.aborted) throw new KubeFault('unreachable', 'closed');
    const again = this.#synced;
    this.#items = items;
    this.#synced = true;
    this.#problem = undefined;
    this.#events.listed(this.#collection.resource, again);
    this.#changes.notify();
    return page.resourceVersion;
  }

  /** One page, in smaller pieces if it is too large; the server goes on from the same place whatever the limit. */
  async #page(next: string | undefined): Promise<ListPage> {
    const query = { ...this.#collection.selector, limit: String(this.#pageLimit), ...(next && { continue: next }) };
    try {
      const { status, body } = await this.#kube.get(this.#pathWith(query), this.#stop.signal);
      if (status !== 200) throw faultOfStatus(status, 'list');
      return listPageOf(body);
    } catch (error) {
      const fault = toKubeFault(error);
      if (fault.failure !== 'too-large' || this.#pageLimit === 1) throw fault;
      this.#events.failed(this.#collection.resource, fault.failure);
      this.#pageLimit = Math.floor(this.#pageLimit / 2);
      return this.#page(next);
    }
  }

  async #watch(resourceVersion: string): Promise<void> {
    const clock = this.#clock;
    const openedAtMs = clock.nowMs();
    const seconds = Math.round((shortestWatchMs * (1 + clock.random())) / 1000);
    const query = { ...this.#collection.selector, watch: 'true', allowWatchBookmarks: 'true' };
    const path = this.#pathWith({ ...query, timeoutSeconds: String(seconds), resourceVersion });
    const silence = watchdog(clock, this.#stop.signal);
    let open = false;
    try {
      await this.#kube.watch(
        path,
        {
          onOpen: () => {
            open = true;
            this.#opened();
          },
          onLine: (line) => {
            silence.heard();
            this.#apply(line);
          },
        },
        silence.signal,
      );
    } catch (error) {
      const fault = silence.barked() ? new KubeFault('silent', 'a watch went silent') : toKubeFault(error);
      // Cut while open is an everyday end: it is counted, and a problem only if it can't be opened again.
      if (!open || fault.failure === 'malformed' || fault.failure === 'expired') throw fault;
      if (!this.#stop.signal.aborted) this.#events.failed(this.#collection.resource, fault.failure);
    } finally {
      silence.end();
      if (open) this.#events.watchClosed(this.#collection.resource);
      if (clock.nowMs() - openedAtMs >= worthwhileMs && open) this.#failures = 0;
    }
  }

  #opened(): void {
    this.#events.watchOpened(this.#collection.resource);
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#changes.notify();
  }

  #apply(line: string): void {
    if (this.#stop.signal.aborted) return;
    const { type, object } = watchEventOf(line);
    if (type === 'DELETED') this.#items.delete(object.metadata.name);
    else if (type !== 'BOOKMARK') this.#put(this.#items, object);
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    this.#failures = 0;
    if (type !== 'BOOKMARK') this.#changes.notify();
  }

  #put(items: Map<string, Item>, object: KubeObject): void {
    const item = this.#projected(object);
    if (item === undefined) items.delete(object.metadata.name);
    else items.set(object.metadata.name, item);
  }

  #projected(object: KubeObject): Item | undefined {
    try {
      return this.#collection.project(object);
    } catch {
      throw new KubeFault('malformed', `cannot make sense of "${object.metadata.name}"`);
    }
  }

  #note(fault: KubeFault): void {
    const { resource } = this.#collection;
    this.#events.failed(resource, fault.failure);
    if (fault.failure === 'expired' || fault.failure === 'malformed') this.#resourceVersion = undefined;
    // Listing again is the cure for an expired version and nobody's concern, unless it keeps on.
    if (fault.failure === 'expired' && this.#failures < 3) return;
    const problem = faultInWords(fault, { ...this.#collection, verbs: 'get, list and watch' });
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#changes.notify();
  }

  #pathWith(query: Readonly<Record<string, string>>): string {
    return `${this.#collection.path}?${new URLSearchParams(query)}`;
  }
}
