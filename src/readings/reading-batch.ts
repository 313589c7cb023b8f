import type { TriedUrl } from './most-informative.ts';
import type { Facts, FromWorker, GpuPageRead, PageFault, ThreadCounters } from './thread-protocol.ts';
import { writeRow } from './thread-protocol.ts';

/** More names of models than people read are not told: a page may have thousands, and other ones each time. */
const mostModels = 100;
/** Of all names told of one page: each trigger remembers them for each of its endpoints. */
const mostModelCharacters = 4096;
/** Of one batch, that is, of 10 ms. A fault that repeats itself needs to be told once. */
const mostFaults = 10;
const longestError = 500;

/** Readings of many endpoints on their way to the other thread. Words are sent once and referred to by numbers. */
export class ReadingBatch {
  /** For each interest the newest facts that were told. */
  readonly #told = new Map<number, Facts>();
  #facts: Facts[] = [];
  #rows: number[] = [];
  #gpuPages: GpuPageRead[] = [];
  #faults: PageFault[] = [];
  #nextFactsId = 1;

  add(
    interestId: number,
    firstOfScrape: boolean,
    { url, read: told, bodyBytes, startedAtMs, endedAtMs, restMs }: TriedUrl,
  ): void {
    writeRow(
      {
        interestId,
        factsId: this.#factsId(interestId, url, told),
        atMs: endedAtMs,
        durationMs: endedAtMs - startedAtMs,
        firstOfScrape,
        bodyBytes,
        restMs,
        signals: told.ok ? told.signals : undefined,
      },
      this.#rows,
    );
  }

  addGpuPage(page: GpuPageRead): void {
    this.#gpuPages.push(page);
  }

  addFault(url: string, error: unknown): void {
    if (this.#faults.length < mostFaults) this.#faults.push({ url, error: String(error).slice(0, longestError) });
  }

  forget(interestId: number): void {
    this.#told.delete(interestId);
  }

  /** What was added since the last call, or nothing. */
  take(counters: ThreadCounters | undefined): FromWorker | undefined {
    const isEmpty = this.#rows.length === 0 && this.#gpuPages.length === 0 && this.#faults.length === 0;
    if (isEmpty && counters === undefined) return undefined;
    const rows = Float64Array.from(this.#rows);
    const batch = { facts: this.#facts, rows, gpuPages: this.#gpuPages, faults: this.#faults, counters };
    this.#facts = [];
    this.#rows = [];
    this.#gpuPages = [];
    this.#faults = [];
    return batch;
  }

  #factsId(interestId: number, url: string, told: TriedUrl['read']): number {
    const known = this.#told.get(interestId);
    if (known !== undefined && saysTheSame(known, url, told)) return known.id;
    const facts: Facts = {
      id: this.#nextFactsId++,
      interestId,
      url,
      engine: told.ok ? told.engine : undefined,
      models: told.ok ? shownModels(told.signals.models) : [],
      problems: told.ok ? told.signals.problems : [],
      failure: told.ok ? undefined : told.failure,
      detail: told.ok ? undefined : told.message,
      rule: told.ok ? undefined : told.rule,
    };
    this.#told.set(interestId, facts);
    this.#facts.push(facts);
    return facts.id;
  }
}

function saysTheSame(facts: Facts, url: string, told: TriedUrl['read']): boolean {
  if (facts.url !== url) return false;
  if (!told.ok) return facts.failure === told.failure && facts.detail === told.message;
  const { models, problems } = told.signals;
  const shown = shownModels(models);
  return facts.engine === told.engine && isSameList(facts.models, shown) && isSameList(facts.problems, problems);
}

/** The first names, as many as have room. */
function shownModels(models: readonly string[]): readonly string[] {
  let characters = 0;
  const tooMany = models.findIndex((name, place) => {
    characters += name.length;
    return place >= mostModels || characters > mostModelCharacters;
  });
  return tooMany < 0 ? models : models.slice(0, tooMany);
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, place) => text === other[place]);
}
