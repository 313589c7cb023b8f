import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Reading } from '../aggregation/reading.ts';
import type { AccessSubject } from '../config/access/access-to.ts';
import { accessTo } from '../config/access/access-to.ts';
import type { AccessRule } from '../config/access/scrape-credentials.ts';
import type { GpuReading } from '../gpu/gpu-reading.ts';
import type { AccessMaterial } from '../scrape/http/page-access.ts';
import { systemClock } from '../time/system-clock.ts';
import type { OpenScrape, ScrapeRequest } from '../triggers/world.ts';
import { ReadingMark } from './reading-mark.ts';
import { RestartDelay } from './restart-delay.ts';
import { SharedTargets } from './shared-targets.ts';
import type {
  Facts,
  FromWorker,
  PageFault,
  Row,
  ThreadCounters,
  ToWorker,
  WorkerSettings,
  WorkerStart,
} from './thread-protocol.ts';
import { ROW_LENGTH, readRow } from './thread-protocol.ts';

const CLOSE_WITHIN_MS = 1000;

/**
 * Scrapes leave almost nothing behind, so a small young generation saves memory and costs nothing. The old one is
 * bounded well above what endpoints need: V8 collects later where it may grow further.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

export interface ScrapeHostEvents {
  /** One endpoint was scraped; told once, however many are interested. */
  scraped(reading: Reading, durationMs: number): void;
  countersArrived(counters: ThreadCounters): void;
  /** Our own code threw while it read a page. The page counts as unreadable, and the thread lives. */
  pageFailed(fault: PageFault): void;
  /** The thread died; its readings age until it is back. */
  threadDied(error: unknown): void;
}

/** The operator's rules on who may show what where, and what each stands for now. */
export interface ScrapeAccess {
  readonly rules: readonly AccessRule[];
  /** As many as there are rules. */
  readonly materials: readonly AccessMaterial[];
}

/** No page needs more than its URL. */
export const noAccess: ScrapeAccess = { rules: [], materials: [] };

type Listener = (reading: Reading) => void;

/** Somebody's interest in one endpoint. It leaves with whoever closes it. */
interface Interest {
  readonly listener: Listener;
  /** The newest that were told of it. */
  facts: Facts | undefined;
}

/** The scrape thread as the rest of the service sees it: endpoints go in, readings come out. */
export class ScrapeHost {
  readonly #thread: URL;
  readonly #settings: WorkerSettings;
  readonly #events: ScrapeHostEvents;
  readonly #targets: SharedTargets;
  readonly #materials: AccessMaterial[];
  readonly #interests = new Map<number, Interest>();
  readonly #gpuListeners = new Map<number, (gpus: readonly GpuReading[], atMs: number) => void>();
  #worker: Worker | undefined;
  readonly #restartDelay = new RestartDelay();
  #restart: NodeJS.Timeout | undefined;
  #closed = false;
  #nextInterestId = 1;

  /** Starts the thread and resolves with its first message, which it sends as soon as it runs. Rejects when it can't. */
  static async start(
    settings: WorkerSettings,
    events: ScrapeHostEvents,
    access = noAccess,
    thread = ownThread(),
  ): Promise<ScrapeHost> {
    const host = new ScrapeHost(settings, events, access, thread);
    try {
      if (host.#worker !== undefined) await once(host.#worker, 'message');
      return host;
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  private constructor(
    settings: WorkerSettings,
    events: ScrapeHostEvents,
    { rules, materials }: ScrapeAccess,
    thread: URL,
  ) {
    this.#thread = thread;
    this.#settings = settings;
    this.#events = events;
    this.#materials = [...materials];
    this.#targets = new SharedTargets({
      nowMs: systemClock.nowMs,
      send: (message) => this.#send(message),
      chooseAccess: (reader, urls) => placesOf(reader, urls, rules),
      held: (interestIds, url, forMs) => this.#tellHeld(interestIds, url, forMs),
    });
    this.#start();
  }

  /** Reads an endpoint until closed; shares the scrape with whoever reads the same. */
  open(request: ScrapeRequest, onReading: Listener): OpenScrape {
    const interestId = this.#nextInterestId++;
    this.#interests.set(interestId, { listener: onReading, facts: undefined });
    const { role, engine, models, route } = request;
    const interest = { role, engine, models, route };
    const lease = this.#targets.lease(request, interestId, interest);
    return {
      setIntervalMs: (intervalMs) => lease.setIntervalMs(intervalMs),
      close: () => {
        lease.release();
        this.#interests.delete(interestId);
      },
    };
  }

  /** Reads a GPU exporter's page until closed. */
  openGpu(
    request: Pick<ScrapeRequest, 'candidates' | 'intervalMs' | 'timeoutMs'>,
    onPage: (gpus: readonly GpuReading[], atMs: number) => void,
  ): () => void {
    const { id, release } = this.#targets.leaseGpu(request);
    this.#gpuListeners.set(id, onPage);
    return () => {
      release();
      this.#gpuListeners.delete(id);
    };
  }

  /** Takes what the rule at this place stands for from now on. */
  setAccess(place: number, material: AccessMaterial): void {
    this.#materials[place] = material;
    this.#send({ kind: 'access', place, material });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    // A thread that ends by itself leaves no socket behind; ending it from outside is for one that does not listen.
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    this.#send({ kind: 'close' });
    const impatience = setTimeout(() => void worker.terminate(), CLOSE_WITHIN_MS);
    await exited;
    clearTimeout(impatience);
  }

  #start(): void {
    const mark = new ReadingMark();
    const startedMs = systemClock.nowMs();
    const workerData: WorkerStart = { settings: this.#settings, access: this.#materials, mark: mark.shared };
    const worker = new Worker(this.#thread, { workerData, resourceLimits });
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => {
      if (mark.targetId !== undefined) this.#targets.blame(mark.targetId);
      this.#events.threadDied(error);
    });
    worker.on('exit', () => this.#revive(systemClock.nowMs() - startedMs));
    for (const target of this.#targets.all()) this.#send({ kind: 'set', target });
  }

  #revive(livedMs: number): void {
    this.#worker = undefined;
    if (this.#closed) return;
    this.#restart = setTimeout(() => this.#start(), this.#restartDelay.afterDeath(livedMs));
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #tellHeld(interestIds: readonly number[], url: string, forMs: number): void {
    const detail =
      `expected to read ${url}, which is left alone for ${Math.ceil(forMs / 60_000)} minutes: the scrape thread died ` +
      "of it twice; the scaler's log has the error, please report it";
    const atMs = systemClock.nowMs();
    for (const id of interestIds)
      this.#interests.get(id)?.listener({ ok: false, atMs, url, failure: 'quarantined', detail });
  }

  #receive({ facts, rows, gpuPages, faults, counters }: FromWorker): void {
    let place = 0;
    for (let offset = 0; offset < rows.length; offset += ROW_LENGTH) {
      const row = readRow(rows, offset);
      // Facts come in the order of the rows that first refer to them.
      while (place < facts.length && facts[place]!.id <= row.factsId) {
        const told = facts[place++]!;
        const interest = this.#interests.get(told.interestId);
        if (interest !== undefined) interest.facts = told;
      }
      this.#deliver(row);
    }
    for (const { targetId, gpus, atMs } of gpuPages) this.#gpuListeners.get(targetId)?.(gpus, atMs);
    for (const fault of faults) this.#events.pageFailed(fault);
    if (counters !== undefined) this.#events.countersArrived(counters);
  }

  #deliver(row: Row): void {
    const interest = this.#interests.get(row.interestId);
    if (interest?.facts === undefined) return;
    const reading = readingOf(row, interest.facts);
    if (row.firstOfScrape) this.#events.scraped(reading, row.durationMs);
    interest.listener(reading);
  }
}

/** The worker stands beside this file: as source, and in the bundle. */
function ownThread(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './scrape-worker.ts' : './scrape-worker.js', import.meta.url);
}

/** Nothing at all where no URL has a rule, so that pages without one cost nothing. */
function placesOf(reader: AccessSubject, urls: readonly string[], rules: readonly AccessRule[]) {
  const places = urls.map((url) => accessTo(url, reader, rules));
  return places.every((place) => place === undefined) ? undefined : places;
}

function readingOf(row: Row, facts: Facts): Reading {
  const { url } = facts;
  if (facts.failure !== undefined || facts.engine === undefined || row.signals === undefined) {
    const { failure = 'malformed', detail = '', rule } = facts;
    return { ok: false, atMs: row.atMs, url, failure, detail, rule };
  }
  const signals = { ...row.signals, models: facts.models, problems: facts.problems };
  const { atMs, durationMs, bodyBytes, restMs } = row;
  return { ok: true, atMs, url, engine: facts.engine, signals, durationMs, bodyBytes, restMs };
}
