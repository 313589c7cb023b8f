import type { PageLimits } from '../exposition/page-parser.ts';
import { defaultPageLimits, PageParser } from '../exposition/page-parser.ts';
import { wantedNames } from '../exposition/wanted-names.ts';
import { gpuFamilies } from '../gpu/exporters.ts';
import { readGpus } from '../gpu/read-gpus.ts';
import { PageReader, WantedNamesCache } from '../presets/reading/page-reader.ts';
import type { ScrapeOutcome } from '../scrape/scrape-outcome.ts';
import type { Recognition, ScrapeSink, ScrapeSinks, ScrapeTiming } from '../scrape/scrape-target.ts';
import type { InterestOutcome, TriedUrl } from './most-informative.ts';
import { mostInformative } from './most-informative.ts';
import type { ReadingBatch } from './reading-batch.ts';
import type { TargetSpec } from './thread-protocol.ts';

const gpuNames = wantedNames(gpuFamilies);

interface Target {
  readonly spec: TargetSpec;
  readonly reader: PageReader;
  readonly interested: ReadonlySet<number>;
  url: string | undefined;
  /** What this pass over the candidates has come to so far, for each interest. */
  readonly pass: Map<number, TriedUrl>;
}

interface Finished {
  readonly url: string;
  readonly outcome: ScrapeOutcome;
  readonly timing: ScrapeTiming;
}

/** Takes a page that nobody wants any more. */
const ignoringSink: ScrapeSink = { start() {}, chunk() {}, finish: () => 'recognised' };

/** Turns what the scrape loop reads into readings for those who are interested, and puts them into a batch. */
export class TargetReaders implements ScrapeSinks {
  readonly #limits: PageLimits;
  readonly #batch: ReadingBatch;
  readonly #cache = new WantedNamesCache();
  readonly #targets = new Map<number, Target>();

  constructor(maxBodyBytes: number, batch: ReadingBatch) {
    this.#limits = { ...defaultPageLimits, maxBodyBytes };
    this.#batch = batch;
  }

  set(spec: TargetSpec): void {
    const known = this.#targets.get(spec.id);
    const reader = known?.reader ?? new PageReader(this.#limits, this.#cache);
    reader.setInterests(spec.interests);
    const interested = new Set(spec.interestIds);
    this.#targets.set(spec.id, { spec, reader, interested, url: known?.url, pass: new Map() });
    for (const id of known?.spec.interestIds ?? []) if (!interested.has(id)) this.#batch.forget(id);
  }

  remove(id: number): void {
    for (const interestId of this.#targets.get(id)?.spec.interestIds ?? []) this.#batch.forget(interestId);
    this.#targets.delete(id);
  }

  open(targetId: number, url: string): ScrapeSink {
    const target = this.#targets.get(targetId);
    if (target === undefined) return ignoringSink;
    return target.spec.gpu ? this.#gpuSink(target) : this.#pageSink(target, url);
  }

  #pageSink(target: Target, url: string): ScrapeSink {
    const { reader, spec } = target;
    if (target.url !== url) reader.forgetEngine();
    target.url = url;
    // A page is searched for the names of those who were interested when it began.
    let asked: readonly number[] | undefined;
    return {
      start: (contentType) => {
        asked = this.#targets.get(spec.id)?.spec.interestIds;
        reader.begin(contentType);
      },
      chunk: (bytes) => reader.push(bytes),
      finish: (outcome, timing) => {
        const now = this.#targets.get(spec.id) ?? target;
        return this.#finish(now, asked ?? now.spec.interestIds, { url, outcome, timing });
      },
    };
  }

  #finish(target: Target, asked: readonly number[], { url, outcome, timing }: Finished): Recognition {
    const { interested, reader, pass } = target;
    if (!outcome.ok) reader.abandon();
    const readings = outcome.ok ? reader.end({ port: portOf(url), lastCandidate: timing.lastCandidate }) : undefined;
    const recognised = readings?.some((reading) => reading.ok) ?? false;
    const isEndOfPass = recognised || timing.lastCandidate;
    asked.forEach((interestId, place) => {
      if (!interested.has(interestId)) return;
      const told: InterestOutcome = readings?.[place] ?? failed(outcome);
      const { startedAtMs, endedAtMs } = timing;
      const tried = mostInformative(pass.get(interestId), { url, read: told, outcome, startedAtMs, endedAtMs });
      pass.set(interestId, tried);
      if (isEndOfPass) this.#batch.add(interestId, place === 0, { ...tried, endedAtMs });
    });
    if (isEndOfPass) pass.clear();
    return recognised ? 'recognised' : 'unrecognised';
  }

  #gpuSink({ spec }: Target): ScrapeSink {
    let parser: PageParser | undefined;
    return {
      start: (contentType) => {
        parser = new PageParser(gpuNames, contentType, this.#limits);
      },
      chunk: (bytes) => parser?.push(bytes),
      finish: (outcome, { endedAtMs }) => {
        const page = outcome.ok ? parser?.end() : undefined;
        const gpus = page?.ok === true ? readGpus(page.page) : [];
        if (gpus.length === 0) return 'unrecognised';
        this.#batch.addGpuPage({ targetId: spec.id, atMs: endedAtMs, gpus });
        return 'recognised';
      },
    };
  }
}

function failed(outcome: ScrapeOutcome): InterestOutcome {
  return outcome.ok
    ? { ok: false, failure: 'empty', message: 'expected a page, found none' }
    : { ok: false, failure: outcome.failure, message: outcome.detail };
}

function portOf(url: string): number | undefined {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
