import { CandidateChoice } from './candidate-choice.ts';
import type { PageClient, PageConnection } from './page-client.ts';
import type { ScrapeCounters } from './scrape-counters.ts';
import { countOutcome, newCounters } from './scrape-counters.ts';
import type { ScrapeOutcome } from './scrape-outcome.ts';
import type { ScrapeSinks, ScrapeTarget, ScrapeTiming } from './scrape-target.ts';
import { Allowances } from './turns/allowances.ts';
import { FairQueue } from './turns/fair-queue.ts';
import { firstDueMs, missedStarts, nextDueMs } from './turns/next-due.ts';
import type { ThreadClock } from './turns/page-throttle.ts';
import { PageThrottle, SLOW_AFTER_MS } from './turns/page-throttle.ts';
import type { Pace, PlaceRequest } from './turns/places.ts';
import { Places } from './turns/places.ts';
import { pauseAfterMs } from './turns/scrape-cost.ts';

/** `nowMs` is the clock whose time `tick` is called with. */
export interface ScrapeLoopOptions extends ThreadClock {
  readonly client: PageClient;
  readonly sinks: ScrapeSinks;
  /** Scrapes under way at once, of all kinds and owners; see `Places`. Default 256. */
  readonly maxConcurrent?: number;
}

/** Those that are kept few come first, or the many would leave them no place at all. */
const scarcestFirst: readonly Pace[] = ['heavy', 'slow', 'usual'];

/** Connections that idle need a look far less often than those at work: a few of them have theirs in each tick. */
const idleTicks = 16;

interface Entry {
  target: ScrapeTarget;
  readonly connection: PageConnection;
  readonly choice: CandidateChoice;
  /** Undefined: never started yet, so due at once. */
  dueMs: number | undefined;
  /** The URL under way, and since when. */
  reading: string | undefined;
  startedMs: number;
  readonly throttle: PageThrottle;
  /** Waits for a place. */
  queued: boolean;
  /** What the scrape under way has of the places. */
  place: PlaceRequest | undefined;
}

/**
 * Reads every target's page once per interval, one at a time per target. Has no timer: the caller calls `tick` about
 * each 10 ms, which starts what is due and ends what is overdue. A new target is read at once and then at a phase of
 * its own. What cannot be started in time is skipped and counted, never made up for. Where not all that is due can be
 * started, owners take turns.
 */
export class ScrapeLoop {
  readonly counters: ScrapeCounters = newCounters();
  readonly #options: ScrapeLoopOptions;
  readonly #places: Places;
  readonly #entries = new Map<number, Entry>();
  /** Those that are due, by pace, so that none waits behind one of a pace that has no room now. */
  readonly #queues: Readonly<Record<Pace, FairQueue<Entry>>> = {
    heavy: new FairQueue(),
    slow: new FairQueue(),
    usual: new FairQueue(),
  };
  readonly #allowances = new Allowances();
  #ticks = 0;
  /** Before then no heavy page is begun. */
  #heavyFromMs = 0;
  #nowMs: number;

  constructor(options: ScrapeLoopOptions) {
    this.#options = options;
    this.#places = new Places(options.maxConcurrent ?? 256);
    this.#nowMs = options.nowMs();
  }

  /** Adds a target, or changes the one with this id. Its connection and what was recognised are kept. */
  set(target: ScrapeTarget): void {
    const entry = this.#entries.get(target.id);
    if (entry === undefined) {
      const connection = this.#options.client.connection();
      const choice = new CandidateChoice(target.candidates);
      const unseen = { dueMs: undefined, reading: undefined, startedMs: 0, place: undefined } as const;
      this.#entries.set(target.id, {
        target,
        connection,
        choice,
        throttle: new PageThrottle(),
        queued: false,
        ...unseen,
      });
      return;
    }
    const before = entry.target;
    entry.target = target;
    if (before.intervalMs !== target.intervalMs && entry.dueMs !== undefined) {
      entry.dueMs = Math.min(entry.dueMs, firstDueMs(target.id, target.intervalMs, this.#nowMs));
    }
    if (!sameList(before.candidates, target.candidates)) this.#replaceCandidates(entry);
  }

  /** Forgets a target. A scrape under way is broken off; its sink hears no more. */
  remove(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#breakOff(entry);
  }

  /** Does what is due at `nowMs`. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    const due: Entry[] = [];
    this.#ticks++;
    const idlePlace = this.#ticks % idleTicks;
    if (idlePlace === 0) this.#allowances.forget(nowMs);
    for (const entry of this.#entries.values()) {
      if (entry.reading !== undefined || entry.target.id % idleTicks === idlePlace) entry.connection.tick(nowMs);
      if (entry.reading !== undefined && nowMs - entry.startedMs >= SLOW_AFTER_MS) this.#makeRoom(entry);
      if ((entry.dueMs ?? nowMs) > nowMs || entry.choice.url === undefined) continue;
      if (entry.reading !== undefined) this.#passOver(entry);
      else if (!entry.queued) due.push(entry);
    }
    // What finds no place stays in its queue.
    for (const entry of due.sort(byDue)) {
      entry.queued = true;
      this.#queues[entry.throttle.pace].add(entry, entry.target.owner);
    }
    for (const pace of scarcestFirst) this.#startAll(pace);
  }

  close(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }

  #replaceCandidates(entry: Entry): void {
    entry.choice.replace(entry.target.candidates);
    if (entry.reading === undefined || entry.reading === entry.choice.url) return;
    this.#breakOff(entry);
    entry.dueMs = undefined;
  }

  #breakOff(entry: Entry): void {
    if (entry.reading !== undefined) this.#leave(entry);
    entry.connection.close();
  }

  /** A page that lets others wait goes to those that are waited for; where they have no room either it is given up. */
  #makeRoom(entry: Entry): void {
    const { place } = entry;
    if (place === undefined || place.waits) return;
    const waiting = { ...place, waits: true };
    if (!this.#places.hasRoomFor(waiting)) {
      entry.connection.giveUp(this.#nowMs);
      return;
    }
    this.#places.leave(place);
    this.#places.take(waiting);
    entry.place = waiting;
  }

  #startAll(pace: Pace): void {
    if (pace === 'heavy' && this.#nowMs < this.#heavyFromMs) return;
    const waits = pace === 'slow';
    const inHand = (owner: string | undefined): number => this.#places.takenBy(owner, waits);
    const mayTake = (owner: string | undefined): boolean =>
      this.#places.hasRoomFor({ owner, pace, waits }) && this.#allowances.has(owner, this.#nowMs);
    for (;;) {
      const entry = this.#queues[pace].take(inHand, mayTake);
      if (entry === undefined) return;
      entry.queued = false;
      // Much may have happened to it while it waited.
      const isDue = (entry.dueMs ?? this.#nowMs) <= this.#nowMs && entry.choice.url !== undefined;
      if (isDue && entry.reading === undefined && this.#entries.get(entry.target.id) === entry) this.#begin(entry);
    }
  }

  /** Its own page is still under way, which is no want of room: the next one is due after it. */
  #passOver(entry: Entry): void {
    const { dueMs, target } = entry;
    if (dueMs === undefined) return;
    entry.dueMs = nextDueMs(dueMs, target.intervalMs, this.#nowMs);
  }

  #begin(entry: Entry): void {
    const { dueMs, target } = entry;
    if (dueMs === undefined) {
      entry.dueMs = firstDueMs(target.id, target.intervalMs, this.#nowMs);
    } else {
      this.counters.skipped += missedStarts(dueMs, target.intervalMs, this.#nowMs);
      entry.dueMs = nextDueMs(dueMs, target.intervalMs, this.#nowMs);
    }
    this.#read(entry, this.#nowMs);
  }

  #read(entry: Entry, startedAtMs: number): void {
    const { id, timeoutMs, maxBodyBytes, accessTo } = entry.target;
    const url = entry.choice.url!;
    const cost = entry.throttle.measure(this.#options, entry.target.readers ?? 1);
    const sink = cost.measured(this.#options.sinks.open(id, url));
    const done = (outcome: ScrapeOutcome): void => {
      const span = { startedAtMs, endedAtMs: this.#options.nowMs() };
      const restMs = entry.throttle.serverRestMs(outcome, span);
      const timing = { ...span, lastCandidate: entry.choice.last, restMs };
      this.#leave(entry);
      countOutcome(this.counters, outcome);
      const recognised = sink.finish(outcome, timing) === 'recognised' && outcome.ok;
      this.#rest(entry, entry.throttle.note(cost, outcome, span), timing);
      const known = this.#entries.get(id) === entry && entry.choice.url === url;
      if (known && entry.choice.judge(outcome, recognised)) this.#read(entry, timing.endedAtMs);
    };
    entry.reading = url;
    entry.startedMs = startedAtMs;
    const { pace } = entry.throttle;
    entry.place = { owner: entry.target.owner?.tenant, pace, waits: pace === 'slow' };
    this.counters.started++;
    this.counters.inFlight++;
    this.#places.take(entry.place);
    this.#allowances.spend(entry.place.owner, this.#nowMs);
    entry.connection.read({ url, access: accessTo?.(url), startedAtMs, timeoutMs, maxBodyBytes, sink, done });
  }

  /** Gives the place back. */
  #leave(entry: Entry): void {
    entry.reading = undefined;
    this.counters.inFlight--;
    if (entry.place !== undefined) this.#places.leave(entry.place);
    entry.place = undefined;
  }

  /**
   * A page that took long or can't be read is left alone for a while, so that it can't take the thread for itself, and
   * one that costs its server much for longer.
   */
  #rest(entry: Entry, lastCostMs: number, timing: ScrapeTiming): void {
    const { dueMs, target, throttle } = entry;
    this.#heavyFromMs = Math.max(timing.endedAtMs, this.#heavyFromMs) + pauseAfterMs(lastCostMs);
    const restsUntilMs = throttle.restsUntilMs(timing);
    if (dueMs === undefined) return;
    if (dueMs < restsUntilMs) this.counters.skipped += missedStarts(dueMs, target.intervalMs, restsUntilMs) + 1;
    const untilMs = Math.max(restsUntilMs, timing.endedAtMs + timing.restMs);
    if (dueMs < untilMs) entry.dueMs = nextDueMs(dueMs, target.intervalMs, untilMs);
  }
}

function byDue(a: Entry, b: Entry): number {
  return (a.dueMs ?? Number.MIN_SAFE_INTEGER) - (b.dueMs ?? Number.MIN_SAFE_INTEGER);
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, place) => each === b[place]);
}
