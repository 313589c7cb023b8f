import type { Page, PageFailure, PageOutcome } from '../../exposition/page.ts';
import type { PageLimits } from '../../exposition/page-parser.ts';
import { PageParser } from '../../exposition/page-parser.ts';
import { everyName } from '../../exposition/wanted-names.ts';
import type { PresetName } from '../catalogue/preset-name.ts';
import { compiledPreset } from '../detection/compiled-preset.ts';
import { detectPreset, outgrowingNames } from '../detection/detect.ts';
import { telltaleNames } from '../detection/telltale-names.ts';
import type { EngineSelection } from '../engine-selection.ts';
import type { Signals } from '../signals.ts';
import { KeptBytes } from './kept-bytes.ts';
import { refusalOf } from './page-role.ts';
import { familiesOfCustom, readCustomSignals } from './read-custom.ts';
import type { OpenedPage } from './read-signals.ts';
import { familiesOf, openPage } from './read-signals.ts';
import type { WantedNamesCache } from './wanted-names-cache.ts';

/** What somebody wants to know from a page. */
export interface PageInterest {
  /** A replica's page must be an engine's, a gateway's page a gateway's, unless the preset is named. */
  readonly role: 'replica' | 'gateway';
  readonly engine: EngineSelection;
  readonly models: readonly string[] | undefined;
  /** On a page with one entry per route: the only one that counts. */
  readonly route: string | undefined;
}

export type PageReading =
  | { readonly ok: true; readonly engine: PresetName | 'custom'; readonly signals: Signals }
  | {
      readonly ok: false;
      readonly failure: PageReadingFailure;
      readonly message: string;
      /** A page that is known, and in the wrong place: whoever wrote the trigger should hear of it first. */
      readonly isKnownPage?: true;
      /** What was thrown, where that is the failure: for the operator's log alone, since it may hold parts of the page. */
      readonly error?: unknown;
    };

/** `scaler-fault`: reading the page threw, which no page may bring about. */
export type PageReadingFailure = PageFailure | 'wrong-engine' | 'scaler-fault';

/** Where the page came from, as far as that tells what it is. */
export interface PageOrigin {
  readonly port: number | undefined;
  /** False while another URL may turn out to hold the page that was looked for. */
  readonly lastCandidate: boolean;
}

/**
 * Reads one endpoint's page again and again for everybody who is interested in it. The first page is searched for
 * names that tell whose it is, and read whole where they don't; later ones only for the names that somebody wants.
 */
export class PageReader {
  readonly #limits: PageLimits;
  readonly #cache: WantedNamesCache;
  #interests: readonly PageInterest[] = [];
  /** Who was interested when the page at hand was begun: it was searched for their names alone. */
  #asked: readonly PageInterest[] = [];
  #detected: PresetName | undefined;
  /** The page before could not be told by the names looked for, so this one is read whole, and so on. */
  #readsWhole = false;
  /** The same of the page at hand, for the next one. */
  #needsWhole = false;
  /** Names on the page that would make it another preset's, and do not. As many as presets have at most. */
  readonly #notOutgrownBy = new Set<string>();
  /** Reads only wanted names; rebuilt when they change. */
  #parser: PageParser | undefined;
  #current: PageParser | undefined;
  /** The page at hand, as long as nothing was read from a page of this server yet. */
  #kept: KeptBytes | undefined;
  #isSettled = false;
  #contentType = '';
  /** The page at hand, for each preset that somebody reads it by. */
  readonly #opened = new Map<PresetName, OpenedPage>();

  constructor(limits: PageLimits, cache: WantedNamesCache) {
    this.#limits = limits;
    this.#cache = cache;
  }

  setInterests(interests: readonly PageInterest[]): void {
    this.#interests = interests;
    this.#parser = undefined;
  }

  /** Forgets whose page it was: another URL is read from now on. */
  forgetEngine(): void {
    this.#detected = undefined;
    this.#parser = undefined;
    this.#isSettled = false;
    this.#notOutgrownBy.clear();
  }

  begin(contentType: string): void {
    this.#asked = this.#interests;
    this.#contentType = contentType;
    this.#kept = this.#isSettled || this.#readsWhole ? undefined : new KeptBytes();
    const isAutoUnknown = this.#detected === undefined && this.#interests.some(({ engine }) => engine.kind === 'auto');
    if (this.#readsWhole) this.#current = new PageParser(everyName, contentType, this.#limits);
    else if (isAutoUnknown) this.#current = new PageParser(telltaleNames, contentType, this.#limits);
    else this.#current = this.#wantedParser(contentType);
  }

  push(chunk: Uint8Array): void {
    this.#current?.push(chunk);
    this.#kept?.take(chunk);
  }

  /** One reading for each interest there was when the page was begun, in their order. Lets go of the page. */
  end(origin: PageOrigin): readonly PageReading[] {
    const outcome = this.#current?.end();
    try {
      if (outcome === undefined) this.#asked = this.#interests;
      return this.#readingsOf(outcome ?? nothingFound, origin);
    } finally {
      this.abandon();
    }
  }

  /** Lets go of the page at hand, of which no more comes. */
  abandon(): void {
    this.#opened.clear();
    this.#current?.release();
    this.#current = undefined;
    this.#kept = undefined;
  }

  #readingsOf(outcome: PageOutcome, origin: PageOrigin): readonly PageReading[] {
    if (outcome.ok) {
      const readings = this.#readAll(outcome.page, origin);
      const again = this.#readsWhole ? this.#readAgain(origin) : undefined;
      this.#isSettled = (again ?? readings).every(({ ok }) => ok);
      return again ?? readings;
    }
    const place = outcome.line === undefined ? '' : `line ${outcome.line}: `;
    return this.#all({ ok: false, failure: outcome.failure, message: place + outcome.message });
  }

  #readAll(page: Page, origin: PageOrigin): readonly PageReading[] {
    this.#needsWhole = false;
    const readings = this.#asked.map((interest) => this.#readContained(page, interest, origin));
    this.#readsWhole = this.#needsWhole;
    return readings;
  }

  /** Reads a first page whole at once that is not known by the names looked for: nobody waits a second for the next. */
  #readAgain(origin: PageOrigin): readonly PageReading[] | undefined {
    const chunks = this.#kept?.chunks;
    if (chunks === undefined) return undefined;
    const parser = new PageParser(everyName, this.#contentType, this.#limits);
    for (const chunk of chunks) parser.push(chunk);
    this.#opened.clear();
    const outcome = parser.end();
    const readings = outcome.ok ? this.#readAll(outcome.page, origin) : undefined;
    parser.release();
    return readings;
  }

  #all(reading: PageReading): readonly PageReading[] {
    return this.#asked.map(() => reading);
  }

  /** What one interest makes of a page must not keep the others from reading it. */
  #readContained(page: Page, interest: PageInterest, origin: PageOrigin): PageReading {
    try {
      return this.#read(page, interest, origin);
    } catch (error) {
      return scalerFault(error);
    }
  }

  #read(page: Page, interest: PageInterest, origin: PageOrigin): PageReading {
    const { role, engine, models } = interest;
    if (engine.kind === 'custom') return named('custom', readCustomSignals(page, engine, models, role));
    if (engine.kind === 'preset') return this.#readAs(engine.name, page, interest);
    if (this.#detected === undefined) {
      const detection = detectPreset(page, origin.port);
      const isFirstLook = !this.#readsWhole;
      this.#needsWhole ||= detection.kind === 'unknown';
      if (detection.kind === 'gpu') return wrongEngine("this is a GPU exporter's page");
      if (detection.kind === 'unknown') {
        return wrongEngine(
          isFirstLook && page.sampleLines > 0 && page.samples.length === 0 ? nobodys : detection.message,
        );
      }
      const refusal = refusalOf(detection.preset, role, origin);
      if (refusal !== undefined) return { ...wrongEngine(refusal), isKnownPage: true };
      this.#detected = detection.preset;
      this.#parser = undefined;
    }
    const reading = this.#readAs(this.#detected, page, interest);
    if (!reading.ok) this.forgetEngine();
    else this.#followGrowth(page, this.#detected, interest, origin);
    return reading;
  }

  /** A page that has become another preset's is read by that one's names from the next time on. */
  #followGrowth(page: Page, detected: PresetName, { role }: PageInterest, origin: PageOrigin): void {
    const names = outgrowingNames(detected);
    const grown = page.samples.find(({ name }) => names.has(name) && !this.#notOutgrownBy.has(name));
    if (grown === undefined) return;
    const now = detectPreset(page, origin.port);
    const isOther =
      now.kind === 'preset' && now.preset !== detected && refusalOf(now.preset, role, origin) === undefined;
    if (!isOther) {
      this.#notOutgrownBy.add(grown.name);
      return;
    }
    this.#detected = now.preset;
    this.#parser = undefined;
  }

  #readAs(preset: PresetName, page: Page, { models, route }: PageInterest): PageReading {
    const opened = this.#opened.get(preset) ?? openPage(page, preset);
    this.#opened.set(preset, opened);
    // A fresh page may have none of the names that are looked for, and be the preset's all the same.
    this.#needsWhole ||= page.format !== 'json' && !hasAnyOf(page, compiledPreset(preset).sampleNameSet);
    if (!opened.ok) return opened;
    if (preset !== 'keda-http' || route === undefined)
      return { ok: true, engine: preset, signals: opened.read(models) };
    return { ok: true, engine: preset, signals: ownRoute(opened.read([route]), route) };
  }

  #wantedParser(contentType: string): PageParser {
    if (this.#parser === undefined) {
      const names = this.#interests.flatMap(({ engine }) => this.#namesOf(engine));
      this.#parser = new PageParser(this.#cache.of(names), contentType, this.#limits);
    } else {
      this.#parser.reset(contentType);
    }
    return this.#parser;
  }

  #namesOf(engine: EngineSelection): readonly string[] {
    if (engine.kind === 'custom') return familiesOfCustom(engine);
    if (engine.kind === 'preset') return familiesOf(engine.name);
    if (this.#detected === undefined) return [];
    return [...familiesOf(this.#detected), ...outgrowingNames(this.#detected)];
  }
}

function hasAnyOf(page: Page, names: ReadonlySet<string>): boolean {
  if (page.samples.some(({ name }) => names.has(name))) return true;
  for (const name of page.declared.keys()) if (names.has(name)) return true;
  return false;
}

/** A queue shows the routes of everybody; whoever asks for one is not told of the thousand others. */
function ownRoute(signals: Signals, route: string): Signals {
  return { ...signals, models: signals.running === undefined ? [] : [route] };
}

/** A page in reading which our own code threw. */
export function scalerFault(error: unknown): PageReading & { readonly ok: false } {
  const message =
    "expected to read this page, found a fault of the scaler's own; its log has the error, please report it";
  return { ok: false, failure: 'scaler-fault', message, error };
}

const nothingFound: PageOutcome = { ok: false, failure: 'empty', message: 'expected a page, found none' };

const nobodys =
  'no known model server or gateway prints what is on this page; set engine, or engine: custom with runningMetric';

function wrongEngine(message: string): Extract<PageReading, { ok: false }> {
  return { ok: false, failure: 'wrong-engine', message };
}

function named(engine: 'custom', outcome: ReturnType<typeof readCustomSignals>): PageReading {
  return outcome.ok ? { ok: true, engine, signals: outcome.signals } : outcome;
}
