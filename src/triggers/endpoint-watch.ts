import type { EndpointMemory, MemoryPolicy } from '../aggregation/endpoint-memory.ts';
import { emptyMemory, remember } from '../aggregation/endpoint-memory.ts';
import type { Reading } from '../aggregation/reading.ts';
import type { Endpoint } from '../discovery/endpoint.ts';
import type { Candidates, PageAddress } from '../presets/candidate-urls.ts';
import { candidateUrls } from '../presets/candidate-urls.ts';
import { checkMirror, portsBeside } from './pod-servers.ts';
import { refusesSince } from './set-workers.ts';
import type { PodServer, WatchedEndpoint, WatchedList } from './watched-list.ts';
import type { OpenScrape, ScrapeRequest, World } from './world.ts';

/** One trigger causes at most a thousand scrapes a second: many endpoints are not read as often as few may be. */
const MS_PER_ENDPOINT = 1;
/** How often a port is looked at on which no server has shown itself yet. */
const BESIDE_EVERY_MS = 30_000;

export interface WatchOptions {
  /** The trigger's. */
  readonly namespace: string;
  readonly scaledObject: string;
  readonly isNamed: boolean;
  readonly role: ScrapeRequest['role'];
  readonly page: PageAddress;
  /** Where a replica is several servers: their ports. */
  readonly ports?: readonly (string | number)[] | undefined;
  /** Whether further servers are looked for on an endpoint's declared ports. */
  readonly looksBeside: boolean;
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
  /** When its counts were last seen to be others than those of its pod's other servers. */
  differedMs: number | undefined;
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
      if (seen.server?.isOptional === true) continue;
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
    const ports = this.#options.ports ?? [undefined];
    const most = Math.max(1, Math.floor(this.#options.maxEndpoints / ports.length));
    this.#surplus = Math.max(0, list.length - most);
    for (const endpoint of list.slice(0, most)) {
      for (const port of ports) {
        const key = keyOf(endpoint, port);
        kept.add(key);
        const known = this.#watched.get(key);
        const server = port === undefined ? undefined : { port, isOptional: false, isMirror: false };
        if (known === undefined) this.#watched.set(key, this.#open(endpoint, isFirst, server));
        else this.#update(known, endpoint);
        for (const beside of this.#beside(endpoint, key)) kept.add(beside);
      }
    }
    this.#drop(() => true, kept);
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
    for (const { scrape, seen } of this.#watched.values()) scrape?.setIntervalMs(this.#intervalOf(seen));
  }

  #intervalOf({ server, memory }: WatchedEndpoint): number {
    const isSought = server?.isOptional === true && memory.lastGood === undefined;
    return isSought ? Math.max(this.#intervalMs, BESIDE_EVERY_MS) : this.#intervalMs;
  }

  /** Looks for further servers beside the one whose page was found. Returns the keys of their places. */
  #beside(endpoint: Endpoint, key: string): readonly string[] {
    const { seen, place: places = '' } = this.#watched.get(key) ?? {};
    const found = seen?.memory.lastGood;
    const hasRoom = this.#watched.size < 2 * this.#options.maxEndpoints;
    // What was found where nobody looks any more is found anew first.
    if (!this.#options.looksBeside || found === undefined || !places.split(' ').includes(found.url)) return [];
    return portsBeside(endpoint, found.url).flatMap((port) => {
      const place = keyOf(endpoint, port);
      const known = this.#watched.get(place);
      if (known !== undefined) this.#update(known, endpoint);
      else if (!hasRoom) return [];
      else this.#watched.set(place, this.#open(endpoint, true, { port, isOptional: true, isMirror: undefined }));
      return [place];
    });
  }

  #found(entry: Entry, isNewPlace: boolean): void {
    const { endpoint, server } = entry.seen;
    this.#compare(entry);
    if (!isNewPlace) return;
    entry.scrape?.setIntervalMs(this.#intervalOf(entry.seen));
    if (server !== undefined) return;
    const key = keyOf(endpoint, undefined);
    this.#drop((other) => other.startsWith(`${key} :`), new Set(this.#beside(endpoint, key)));
  }

  /** Ends the places that fit and are not to be kept. */
  #drop(fits: (key: string) => boolean, kept: ReadonlySet<string>): void {
    for (const [key, watched] of this.#watched) {
      if (kept.has(key) || !fits(key)) continue;
      watched.scrape?.close();
      this.#watched.delete(key);
    }
  }

  /** What a page says may show that it is another server's than the others of its pod, or the same. */
  #compare(entry: Entry): void {
    const { server, endpoint } = entry.seen;
    if (server?.isOptional !== true || entry.seen.memory.lastGood === undefined) return;
    const others = [...this.#watched.values()].filter(
      (other) => other !== entry && other.seen.endpoint.name === endpoint.name,
    );
    const seenOthers = others.map(({ seen }) => seen);
    const before = { isMirror: server.isMirror, differedMs: entry.differedMs };
    const { isMirror, differedMs } = checkMirror(before, entry.seen, seenOthers, this.#world.nowMs());
    entry.differedMs = differedMs;
    if (isMirror !== server.isMirror) entry.seen = { ...entry.seen, server: { ...server, isMirror } };
  }

  #update(known: Entry, endpoint: Endpoint): void {
    const nowMs = this.#world.nowMs();
    const isNowReady = known.seen.endpoint.phase === 'starting' && endpoint.phase === 'ready';
    const wasReady = known.seen.wasReady || endpoint.phase === 'ready';
    known.seen = { ...known.seen, endpoint, wasReady, ...(isNowReady && { becameReadyMs: nowMs, joinedMs: nowMs }) };
    if (endpoint.phase !== 'ready') known.seen = { ...known.seen, refusesSinceMs: undefined };
    const place = placeOf(this.#candidatesOf(known.seen));
    if (place !== known.place) this.#scrape(known);
  }

  #open(endpoint: Endpoint, isFirst: boolean, server: PodServer | undefined): Entry {
    const joinedMs = isFirst || endpoint.phase !== 'ready' ? undefined : this.#world.nowMs();
    const wasReady = endpoint.phase === 'ready';
    const unread = { memory: emptyMemory, problem: undefined, becameReadyMs: undefined };
    const seen: WatchedEndpoint = { endpoint, ...unread, wasReady, joinedMs, ...(server && { server }) };
    const entry: Entry = { seen, scrape: undefined, place: '', differedMs: undefined };
    this.#scrape(entry);
    return entry;
  }

  #candidatesOf({ endpoint, server }: WatchedEndpoint): Candidates {
    const { page } = this.#options;
    if (server === undefined) return candidateUrls(endpoint, page);
    const { port } = server;
    const ports = endpoint.ports.filter(({ name, number }) => (typeof port === 'number' ? number : name) === port);
    return candidateUrls({ ...endpoint, ports }, { ...page, port });
  }

  /** Reads the endpoint where its page may be now. What it said elsewhere bounds it until that page was read. */
  #scrape(entry: Entry): void {
    const candidates = this.#candidatesOf(entry.seen);
    entry.scrape?.close();
    entry.scrape = undefined;
    entry.place = placeOf(candidates);
    entry.seen = { ...entry.seen, problem: candidates.ok ? undefined : candidates.problem };
    if (!candidates.ok) return;
    const { namespace, scaledObject, timeoutMs, isNamed, role, page, models, route } = this.#options;
    const asked = { namespace, scaledObject, timeoutMs, isNamed, role, engine: page.engine, models, route };
    const request = { ...asked, candidates: candidates.urls, intervalMs: this.#intervalOf(entry.seen) };
    entry.scrape = this.#world.openScrape(request, (reading) => {
      const before = entry.seen.memory.lastGood;
      const memory = isAnotherServer(entry.seen.memory, reading) ? emptyMemory : entry.seen.memory;
      const refusesSinceMs = refusesSince(entry.seen, reading);
      entry.seen = { ...entry.seen, memory: remember(memory, reading, this.#options.memory), refusesSinceMs };
      if (reading.ok) this.#found(entry, before?.url !== reading.url);
      this.#onReading(reading, entry.seen.memory);
    });
  }
}

/** A page at another port, or of another engine: its counters go on from nothing that was seen before. */
function isAnotherServer({ lastGood }: EndpointMemory, reading: Reading): boolean {
  if (!reading.ok || lastGood === undefined) return false;
  return reading.url !== lastGood.url || reading.engine !== lastGood.engine;
}

function keyOf({ name, address, url = '', uid = '' }: Endpoint, port: string | number | undefined): string {
  return `${name} ${address} ${url} ${uid}${port === undefined ? '' : ` :${port}`}`;
}

function placeOf(candidates: Candidates): string {
  return candidates.ok ? candidates.urls.join(' ') : candidates.problem;
}
