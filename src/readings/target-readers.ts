import type { PageLimits } from '../exposition/page-parser.ts';
import { defaultPageLimits, PageParser } from '../exposition/page-parser.ts';
import { wantedNames } from '../exposition/wanted-names.ts';
import { gpuFamilies } from '../gpu/exporters.ts';
import { readGpus } from '../gpu/read-gpus.ts';
import { PageReader, scalerFault } from '../presets/reading/page-reader.ts';
import { WantedNamesCache } from '../presets/reading/wanted-names-cache.ts';
import type { ScrapeOutcome } from '../scrape/scrape-outcome.ts';
import type { Recognition, ScrapeSink, ScrapeSinks, ScrapeTiming } from '../scrape/scrape-target.ts';
import { contained } from './contained-sink.ts';
import type { InterestOutcome, TriedUrl } from './most-informative.ts';
import { mostInformative } from './most-informative.ts';
import type { ReadingBatch } from './reading-batch.ts';
import type { ReadingMark } from './reading-mark.ts';
import type { TargetSpec } from './thread-protocol.ts';

const gpuNames = wantedNames(gpuFamilies);

interface Target {
  readonly spec: TargetSpec;
  /** Another one once it has thrown, for nobody knows in what state that left it. */
  reader: PageReader;
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

interface Faulty {
  readonly url: string;
  readonly error: unknown;
  readonly timing: ScrapeTiming;
}

/** Takes a page that nobody wants any more. */
const ignoringSink: ScrapeSink = { start() {}, chunk() {}, finish: () => 'recognised' };

/**
 * Turns what the scrape loop reads into readings for those who are interested, and puts them into a batch. A page whose
 * reading throws is told as such a fault, and counts as one that can't be read.
 */
export class TargetReaders implements ScrapeSinks {
  readonly #limits: PageLimits;
  readonly #batch: ReadingBatch;
  readonly #mark: ReadingMark;
  readonly #cache = new WantedNamesCache();
  readonly #targets = new Map<number, Target>();

  constructor(maxBodyBytes: number, batch: ReadingBatch, mark: ReadingMark) {
    this.#limits = { ...defaultPageLimits, maxBodyBytes };
    this.#batch = batch;
    this.#mark = mark;
  }

  set(spec: TargetSpec): void {
    const known = this.#targets.get(spec.id);
    if (known !== undefined) known.reader.setInterests(spec.interests);
    const reader = known?.reader ?? this.#readerOf(spec);
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
    const sink = target.spec.gpu ? this.#gpuSink(target) : this.#pageSink(target, url);
    return contained(sink, {
      targetId,
      mark: this.#mark,
      failed: (error, timing) => this.#fail(this.#targets.get(targetId) ?? target, { url, error, timing }),
    });
  }

  #fail(target: Target, { url, error, timing }: Faulty): void {
    this.#batch.addFault(url, error);
    target.reader = this.#readerOf(target.spec);
    target.pass.clear();
    const span = { startedAtMs: timing.startedAtMs, endedAtMs: timing.endedAtMs, restMs: 0 };
    target.spec.interestIds.forEach((interestId, place) => {
      const tried = { url, isUsualPath: true, read: scalerFault(error), bodyBytes: 0, ...span };
      this.#batch.add(interestId, place === 0, tried);
    });
  }

  #readerOf({ interests }: TargetSpec): PageReader {
    const reader = new PageReader(this.#limits, this.#cache);
    reader.setInterests(interests);
    return reader;
  }

  #pageSink(target: Target, url: string): ScrapeSink {
    // The one that this page was begun with, whatever comes of it.
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
        return this.#finish({ ...now, reader }, asked ?? now.spec.interestIds, { url, outcome, timing });
      },
    };
  }

  #finish(target: Target, asked: readonly number[], { url, outcome, timing }: Finished): Recognition {
    const { interested, reader, pass } = target;
    if (!outcome.ok) reader.abandon();
    const readings = outcome.ok ? reader.end({ port: portOf(url), lastCandidate: timing.lastCandidate }) : undefined;
    for (const reading of readings ?? []) if (!reading.ok && reading.error) this.#batch.addFault(url, reading.error);
    const recognised = readings?.some((reading) => reading.ok) ?? false;
    const isEndOfPass = recognised || timing.lastCandidate;
    const isUsualPath = pathOf(url) === pathOf(target.spec.candidates[0] ?? url);
    asked.forEach((interestId, place) => {
      if (!interested.has(interestId)) return;
      const told: InterestOutcome = readings?.[place] ?? failed(outcome);
      const { startedAtMs, endedAtMs, restMs } = timing;
      const bodyBytes = outcome.ok ? outcome.bodyBytes : 0;
      const tried = mostInformative(pass.get(interestId), {
        url,
        isUsualPath,
        read: told,
        bodyBytes,
        startedAtMs,
        endedAtMs,
        restMs,
      });
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
    : { ok: false, failure: outcome.failure, message: outcome.detail, rule: outcome.rule };
}

function portOf(url: string): number | undefined {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}
