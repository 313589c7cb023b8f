import type { ScrapeCounters } from '../../scrape/scrape-loop.ts';
import type { Facts, FromWorker, GpuPageRead } from './protocol.ts';
import { writeRow } from './protocol.ts';
import type { Tried } from './told.ts';

/** Readings of many endpoints on their way to the other thread. Words are sent once and referred to by numbers. */
export class ReadingBatch {
  /** For each interest the newest facts that were told, and what they were made of. */
  readonly #told = new Map<number, { readonly key: string; readonly id: number }>();
  #facts: Facts[] = [];
  #rows: number[] = [];
  #gpuPages: GpuPageRead[] = [];
  #nextFactsId = 1;

  add(interestId: number, firstOfScrape: boolean, { url, told, outcome, startedAtMs, endedAtMs }: Tried): void {
    writeRow(
      {
        interestId,
        factsId: this.#factsId(interestId, url, told),
        atMs: endedAtMs,
        durationMs: endedAtMs - startedAtMs,
        firstOfScrape,
        bodyBytes: outcome.ok ? outcome.bodyBytes : 0,
        signals: told.ok ? told.signals : undefined,
      },
      this.#rows,
    );
  }

  addGpuPage(page: GpuPageRead): void {
    this.#gpuPages.push(page);
  }

  forget(interestId: number): void {
    this.#told.delete(interestId);
  }

  /** What was added since the last call, or nothing. */
  take(counters: ScrapeCounters | undefined): FromWorker | undefined {
    if (this.#rows.length === 0 && this.#gpuPages.length === 0 && counters === undefined) return undefined;
    const batch = { facts: this.#facts, rows: Float64Array.from(this.#rows), gpuPages: this.#gpuPages, counters };
    this.#facts = [];
    this.#rows = [];
    this.#gpuPages = [];
    return batch;
  }

  #factsId(interestId: number, url: string, told: Tried['told']): number {
    const said = told.ok
      ? { engine: told.engine, models: told.signals.models, problems: told.signals.problems }
      : { failure: told.failure, detail: told.message };
    const key = JSON.stringify([url, said]);
    const known = this.#told.get(interestId);
    if (known?.key === key) return known.id;
    const id = this.#nextFactsId++;
    this.#told.set(interestId, { key, id });
    this.#facts.push({
      id,
      interestId,
      url,
      engine: said.engine,
      models: said.models ?? [],
      problems: said.problems ?? [],
      failure: said.failure,
      detail: said.detail,
    });
    return id;
  }
}
