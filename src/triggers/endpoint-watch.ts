import type { EndpointMemory, MemoryPolicy } from '../aggregation/endpoint-memory.ts';
import { emptyMemory, remember } from '../aggregation/endpoint-memory.ts';
import type { Reading } from '../aggregation/reading.ts';
import type { Endpoint } from '../discovery/endpoint.ts';
import type { Candidates, PageAddress } from '../presets/candidate-urls.ts';
import { candidateUrls } from '../presets/candidate-urls.ts';
import type { WatchedEndpoint, WatchedList } from './watched-list.ts';
import type { OpenScrape, ScrapeRequest, World } from './world.ts';

/** One trigger causes at most a thousand scrapes a second: many endpoints are not read as often as few may be. */
const MS_PER_ENDPOINT = 1;

export interface WatchOptions {
  /** The trigger's. */
  readonly namespace: string;
  readonly scaledObject: string;
  readonly isNamed: boolean;
  readonly role: ScrapeRequest['role'];
  readonly page: PageAddress;
  readonly models: readonly string[] | undefined;
  readonly route: string | undefined;
  readonly memory: MemoryPolicy;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** More endpoints than this are not scraped. */
  readonly maxEndpoints: number;
}

/** An endpoint's place in the watch: what is known of it, and the scrape that is open for it. */
interface Entry {
  seen: WatchedEndpoint;
  scrape: OpenScrape | undefined;
  /** Where its page is looked for, or why nowhere. */
  place: string;
}

/** Keeps one scrape open for each endpoint of a list, and remembers what they said. */
export class EndpointWatch {
  readonly #world: World;
  readonly #options: WatchOptions;
  readonly #onReading: (reading: Reading, memory: EndpointMemory) => void;
  readonly #watched = new Map<string, Entry>();
  #list: readonly Endpoint[] | undefined;
  #askedIntervalMs: number;
  /** The one that is kept. */
  #intervalMs: number;
  #surplus = 0;

  constructor(world: World, options: WatchOptions, onReading: (reading: Reading, memory: EndpointMemory) => void) {
    this.#world = world;
    this.#options = options;
    this.#onReading = onReading;
    this.#askedIntervalMs = options.intervalMs;
    this.#intervalMs = options.intervalMs;
  }

  /** The endpoints that are watched now, and how many of the list are beyond the limit. */
  get list(): WatchedList {
    return { endpoints: Array.from(this.#watched.values(), ({ seen }) => seen), surplus: this.#surplus };
  }

  /** True when every endpoint that could be scraped has said something, good or bad. */
  get everyoneAnswered(): boolean {
    for (const { scrape, seen } of this.#watched.values()) {
      if (scrape !== undefined && seen.memory.latest === undefined) return false;
    }
    return true;
  }

  /** Follows a new list: scrapes what is new, forgets what is gone. */
  follow(list: readonly Endpoint[]): void {
    if (list === this.#list) return;
    this.#list = list;
    const kept = new Set<string>();
    const isFirst = this.#watched.size === 0;
    this.#surplus = Math.max(0, list.length - this.#options.maxEndpoints);
    for (const endpoint of list.slice(0, this.#options.maxEndpoints)) {
      const key = `${endpoint.name} ${endpoint.address} ${endpoint.url ?? ''} ${endpoint.uid ?? ''}`;
      kept.add(key);
      const known = this.#watched.get(key);
      if (known === undefined) this.#watched.set(key, this.#open(endpoint, isFirst));
      else this.#update(known, endpoint);
    }
    for (const [key, watched] of this.#watched) {
      if (kept.has(key)) continue;
      watched.scrape?.close();
      this.#watched.delete(key);
    }
    this.#pace();
  }

  setIntervalMs(intervalMs: number): void {
    this.#askedIntervalMs = intervalMs;
    this.#pace();
  }

  close(): void {
    this.follow([]);
  }

  #pace(): void {
    const intervalMs = Math.max(this.#askedIntervalMs, this.#watched.size * MS_PER_ENDPOINT);
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    for (const watched of this.#watched.values()) watched.scrape?.setIntervalMs(intervalMs);
  }

  #update(known: Entry, endpoint: Endpoint): void {
    const nowMs = this.#world.nowMs();
    const isNowReady = known.seen.endpoint.phase === 'starting' && endpoint.phase === 'ready';
    const wasReady = known.seen.wasReady || endpoint.phase === 'ready';
    known.seen = { ...known.seen, endpoint, wasReady, ...(isNowReady && { becameReadyMs: nowMs, joinedMs: nowMs }) };
    const place = placeOf(candidateUrls(endpoint, this.#options.page));
    if (place !== known.place) this.#scrape(known);
  }

  #open(endpoint: Endpoint, isFirst: boolean): Entry {
    const joinedMs = isFirst || endpoint.phase !== 'ready' ? undefined : this.#world.nowMs();
    const wasReady = endpoint.phase === 'ready';
    const unread = { memory: emptyMemory, problem: undefined, becameReadyMs: undefined };
    const entry: Entry = { seen: { endpoint, ...unread, wasReady, joinedMs }, scrape: undefined, place: '' };
    this.#scrape(entry);
    return entry;
  }

  /** Reads the endpoint where its page may be now. What it said elsewhere bounds it until that page was read. */
  #scrape(entry: Entry): void {
    const candidates = candidateUrls(entry.seen.endpoint, this.#options.page);
    entry.scrape?.close();
    entry.scrape = undefined;
    entry.place = placeOf(candidates);
    entry.seen = { ...entry.seen, problem: candidates.ok ? undefined : candidates.problem };
    if (!candidates.ok) return;
    const { namespace, scaledObject, timeoutMs, isNamed, role, page, models, route } = this.#options;
    const asked = { namespace, scaledObject, timeoutMs, isNamed, role, engine: page.engine, models, route };
    const request = { ...asked, candidates: candidates.urls, intervalMs: this.#intervalMs };
    entry.scrape = this.#world.openScrape(request, (reading) => {
      const memory = isAnotherServer(entry.seen.memory, reading) ? emptyMemory : entry.seen.memory;
      entry.seen = { ...entry.seen, memory: remember(memory, reading, this.#options.memory) };
      this.#onReading(reading, entry.seen.memory);
    });
  }
}

/** A page at another port, or of another engine: its counters go on from nothing that was seen before. */
function isAnotherServer({ lastGood }: EndpointMemory, reading: Reading): boolean {
  if (!reading.ok || lastGood === undefined) return false;
  return reading.url !== lastGood.url || reading.engine !== lastGood.engine;
}

function placeOf(candidates: Candidates): string {
  return candidates.ok ? candidates.urls.join(' ') : candidates.problem;
}
