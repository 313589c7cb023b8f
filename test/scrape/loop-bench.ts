import type { PageClient, PageConnection, PageRequest } from '../../src/scrape/page-client.ts';
import { ScrapeLoop } from '../../src/scrape/scrape-loop.ts';
import type { ScrapeFailure, ScrapeOutcome } from '../../src/scrape/scrape-outcome.ts';
import type { Recognition, ScrapeTarget, ScrapeTiming } from '../../src/scrape/scrape-target.ts';

export const ok: ScrapeOutcome = { ok: true, contentType: 'text/plain', bodyBytes: 100 };
export const failing = (failure: ScrapeFailure): ScrapeOutcome => ({ ok: false, failure, detail: 'why' });

interface Finished extends ScrapeTiming {
  readonly id: number;
  readonly url: string;
  readonly outcome: ScrapeOutcome;
}

/** A loop whose time and answers are in the test's hand. */
export class LoopBench implements PageClient {
  nowMs = 0;
  /** What reading pages has cost so far. */
  cpuMs = 0;
  /** How much longer it took by the clock. */
  stalledMs: (url: string) => number = () => 0;
  /** By the clock, since the last tick. */
  #spentMs = 0;
  /** What one chunk costs, by URL. */
  chunkMs: (url: string) => number = () => 0;
  readonly opened: string[] = [];
  readonly finished: Finished[] = [];
  /** Requests that wait for an answer, by URL. */
  readonly waiting = new Map<string, PageRequest>();
  connections = 0;
  idleTicks = 0;
  closed = 0;
  /** What is answered at once; undefined: `answer` does it later. */
  respond: (url: string) => ScrapeOutcome | undefined = () => ok;
  recognise: (url: string, outcome: ScrapeOutcome) => Recognition = () => 'recognised';
  readonly loop: ScrapeLoop;

  constructor(maxConcurrent?: number) {
    this.loop = new ScrapeLoop({
      client: this,
      nowMs: () => this.nowMs + this.#spentMs,
      cpuMs: () => this.cpuMs,
      ...(maxConcurrent !== undefined && { maxConcurrent }),
      sinks: {
        open: (id, url) => {
          this.opened.push(url);
          return {
            start: () => {},
            chunk: () => {
              this.cpuMs += this.chunkMs(url);
              this.#spentMs += this.chunkMs(url) + this.stalledMs(url);
            },
            finish: (outcome, timing) => {
              this.finished.push({ id, url, outcome, ...timing });
              return this.recognise(url, outcome);
            },
          };
        },
      },
    });
  }

  connection(): PageConnection {
    this.connections++;
    let current: PageRequest | undefined;
    const end = (request: PageRequest, outcome: ScrapeOutcome): void => {
      request.sink.chunk(new Uint8Array());
      this.waiting.delete(request.url);
      current = undefined;
      request.done(outcome);
    };
    return {
      read: (request) => {
        current = { ...request, done: (outcome) => end(request, outcome) };
        this.waiting.set(request.url, current);
        const outcome = this.respond(request.url);
        if (outcome !== undefined) end(request, outcome);
      },
      tick: (nowMs) => {
        if (current === undefined) this.idleTicks++;
        if (current && nowMs - current.startedAtMs >= current.timeoutMs) end(current, failing('timeout'));
      },
      giveUp: () => {
        if (current) end(current, failing('timeout'));
      },
      close: () => {
        this.closed++;
        if (current !== undefined) this.waiting.delete(current.url);
        current = undefined;
      },
    };
  }

  set(id: number, change: Partial<ScrapeTarget> = {}): void {
    const candidates = [`http://e${id}/metrics`];
    this.loop.set({ id, candidates, intervalMs: 1000, timeoutMs: 800, maxBodyBytes: 1000, ...change });
  }

  answer(url: string, outcome: ScrapeOutcome = ok): void {
    this.waiting.get(url)!.done(outcome);
  }

  /** Ticks each 10 ms up to and including `untilMs`. */
  run(untilMs: number): void {
    for (; this.nowMs <= untilMs; this.nowMs += 10) {
      this.#spentMs = 0;
      this.loop.tick(this.nowMs);
    }
  }

  startsOf(id: number): number[] {
    return this.finished.filter((each) => each.id === id).map((each) => each.startedAtMs);
  }
}
