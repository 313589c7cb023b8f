import { LabelCache } from '../../exposition/label-cache.ts';
import type { Page, PageFailure, PageOutcome } from '../../exposition/page.ts';
import { canonicalName } from '../../exposition/page.ts';
import type { PageLimits } from '../../exposition/page-parser.ts';
import { PageParser } from '../../exposition/page-parser.ts';
import type { WantedNames } from '../../exposition/wanted-names.ts';
import { everyName, wantedNames } from '../../exposition/wanted-names.ts';
import type { PresetName } from '../catalogue/preset-name.ts';
import { engineNames } from '../catalogue/preset-name.ts';
import { presets } from '../catalogue/presets.ts';
import { detectPreset } from '../detection/detect.ts';
import { telltaleNames } from '../detection/telltale-names.ts';
import type { EngineSelection } from '../engine-selection.ts';
import type { Signals } from '../signals.ts';
import { familiesOfCustom, readCustomSignals } from './read-custom.ts';
import type { OpenedPage } from './read-signals.ts';
import { familiesOf, openPage } from './read-signals.ts';

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

/** Every preset, and a few dozen sets of names that triggers chose. */
const mostSets = 128;
/** Of all sets together: replicas of one model print the same ones. */
const labelSlots = 4096;

/**
 * Builds each set of names once, however many endpoints are read by it. Triggers may name families of their own, and
 * be edited for ever: the sets longest unused are dropped, and label sets are remembered in one place for all.
 */
export class WantedNamesCache {
  /** The one unused for longest comes first. */
  readonly #sets = new Map<string, WantedNames>();
  readonly #labelSets = new LabelCache(labelSlots);

  of(names: readonly string[]): WantedNames {
    const key = [...new Set(names.map(canonicalName))].sort().join(' ');
    const known = this.#sets.get(key) ?? wantedNames(key.split(' '), this.#labelSets);
    this.#sets.delete(key);
    this.#sets.set(key, known);
    if (this.#sets.size > mostSets) this.#sets.delete(this.#sets.keys().next().value!);
    return known;
  }
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
  /** A page could not be told by the names looked for, so the next ones are read whole. */
  #isStrange = false;
  /** Reads only wanted names; rebuilt when they change. */
  #parser: PageParser | undefined;
  #current: PageParser | undefined;
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
  }

  begin(contentType: string): void {
    this.#asked = this.#interests;
    const isAutoUnknown = this.#detected === undefined && this.#interests.some(({ engine }) => engine.kind === 'auto');
    const names = this.#isStrange ? everyName : telltaleNames;
    if (isAutoUnknown) this.#current = new PageParser(names, contentType, this.#limits);
    else this.#current = this.#wantedParser(contentType);
  }

  push(chunk: Uint8Array): void {
    this.#current?.push(chunk);
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
  }

  #readingsOf(outcome: PageOutcome, origin: PageOrigin): readonly PageReading[] {
    if (outcome.ok) return this.#asked.map((interest) => this.#readContained(outcome.page, interest, origin));
    const place = outcome.line === undefined ? '' : `line ${outcome.line}: `;
    return this.#all({ ok: false, failure: outcome.failure, message: place + outcome.message });
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
      const isFirstLook = !this.#isStrange;
      this.#isStrange = detection.kind === 'unknown';
      if (detection.kind === 'gpu') return wrongEngine("this is a GPU exporter's page");
      if (detection.kind === 'unknown') {
        return wrongEngine(
          isFirstLook && page.sampleLines > 0 && page.samples.length === 0 ? nobodys : detection.message,
        );
      }
      const refusal = refusalOf(detection.preset, role, origin);
      if (refusal !== undefined) return wrongEngine(refusal);
      this.#detected = detection.preset;
      this.#parser = undefined;
    }
    const reading = this.#readAs(this.#detected, page, interest);
    if (!reading.ok) this.forgetEngine();
    return reading;
  }

  #readAs(preset: PresetName, page: Page, { models, route }: PageInterest): PageReading {
    const opened = this.#opened.get(preset) ?? openPage(page, preset);
    this.#opened.set(preset, opened);
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
    return this.#detected === undefined ? [] : familiesOf(this.#detected);
  }
}

/** A queue shows the routes of everybody; whoever asks for one is not told of the thousand others. */
function ownRoute(signals: Signals, route: string): Signals {
  return { ...signals, models: signals.running === undefined ? [] : [route] };
}

const engines: readonly string[] = engineNames;

/** Why a page that was recognised is not the one looked for. A sidecar's page must not pass for the engine beside it. */
function refusalOf(preset: PresetName, role: PageInterest['role'], origin: PageOrigin): string | undefined {
  const { title } = presets[preset];
  const isEngine = engines.includes(preset);
  if (role === 'replica' && !isEngine) {
    return `expected a model server's page, found ${title}'s, which stands in front of model servers; if it is what scales, set "engine" to "${preset}"`;
  }
  if (role === 'gateway' && isEngine) {
    return `expected a gateway's page, found ${title}'s; if it is what stands in front, set "gatewayEngine" to "${preset}"`;
  }
  if (preset === 'trtllm-serve-json' && !origin.lastCandidate) {
    return `expected ${presets['trtllm-serve'].title}'s text page, found its JSON page, which reading empties`;
  }
  return undefined;
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

function wrongEngine(message: string): PageReading {
  return { ok: false, failure: 'wrong-engine', message };
}

function named(engine: 'custom', outcome: ReturnType<typeof readCustomSignals>): PageReading {
  return outcome.ok ? { ok: true, engine, signals: outcome.signals } : outcome;
}
