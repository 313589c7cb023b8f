import type { ProbeFlags } from '../config/settings/command-flags.ts';
import type { Page, PageOutcome } from '../exposition/page.ts';
import { PageParser } from '../exposition/page-parser.ts';
import type { WantedNames } from '../exposition/wanted-names.ts';
import { everyName, wantedNames } from '../exposition/wanted-names.ts';
import type { GpuReading } from '../gpu/gpu-reading.ts';
import { readGpus } from '../gpu/read-gpus.ts';
import type { PresetName } from '../presets/catalogue/preset-name.ts';
import { detectPreset } from '../presets/detection/detect.ts';
import { telltaleNames } from '../presets/detection/telltale-names.ts';
import type { CustomFamilies, EngineSelection } from '../presets/engine-selection.ts';
import { familiesOfCustom, readCustomSignals } from '../presets/reading/read-custom.ts';
import { familiesOf, readSignals } from '../presets/reading/read-signals.ts';
import { whyAbsent } from '../presets/reading/why-absent.ts';
import type { Signals } from '../presets/signals.ts';
import type { SignalsOutcome } from '../presets/signals-outcome.ts';

/** What one page says. `ok` is false when it could not be read, and `problems` then says why. */
export interface ProbedPage {
  readonly ok: boolean;
  /** A preset, `custom`, `dcgm` for a GPU exporter's page, or `unknown`. */
  readonly engine: PresetName | 'custom' | 'dcgm' | 'unknown';
  readonly signals: Signals | undefined;
  readonly gpus: readonly GpuReading[];
  readonly problems: readonly string[];
}

export interface ProbeRequest extends Pick<ProbeFlags, 'engine' | 'models'> {
  /** Empty where nobody said. */
  readonly contentType: string;
  readonly port: number | undefined;
}

export function unreadPage(problem: string): ProbedPage {
  return { ok: false, engine: 'unknown', signals: undefined, gpus: [], problems: [problem] };
}

/** Reads a whole page, whatever is on it. */
export function probePage(body: Uint8Array, { contentType, port, engine, models }: ProbeRequest): ProbedPage {
  // What the service would skip must not keep anybody from seeing the rest: a label may be of any length.
  const whole = parsed(body, contentType, everyName);
  const outcome = whole.ok ? whole : parsed(body, contentType, wantedBy(engine));
  if (!outcome.ok) {
    const place = outcome.line === undefined ? '' : `line ${outcome.line}: `;
    return unreadPage(`${outcome.failure}: ${place}${outcome.message}`);
  }
  const { page } = outcome;
  if (engine.kind === 'custom') return customPage(page, engine, models);
  const detection =
    engine.kind === 'auto' ? detectPreset(page, port) : ({ kind: 'preset', preset: engine.name } as const);
  if (detection.kind === 'unknown') return { ...unreadPage(detection.message), ok: true };
  if (detection.kind === 'gpu') {
    const problems = ["concurrency: a GPU exporter's page counts no requests"];
    return { ok: true, engine: 'dcgm', signals: undefined, gpus: readGpus(page), problems };
  }
  const { preset } = detection;
  return readPage(preset, readSignals(page, preset, models), (signals) => whyAbsent(preset, signals));
}

function parsed(body: Uint8Array, contentType: string, names: WantedNames): PageOutcome {
  const parser = new PageParser(names, contentType);
  parser.push(body);
  return parser.end();
}

/** The names that the service would look for. */
function wantedBy(engine: EngineSelection): WantedNames {
  if (engine.kind === 'auto') return telltaleNames;
  return wantedNames(engine.kind === 'custom' ? familiesOfCustom(engine) : familiesOf(engine.name));
}

function customPage(page: Page, custom: CustomFamilies, models: readonly string[] | undefined): ProbedPage {
  return readPage('custom', readCustomSignals(page, custom, models), (signals) => whyAbsentOfCustom(custom, signals));
}

function readPage(
  engine: PresetName | 'custom',
  read: SignalsOutcome,
  problemsOf: (signals: Signals) => readonly string[],
): ProbedPage {
  if (!read.ok) return { ...unreadPage(`${read.failure}: ${read.message}`), engine };
  return { ok: true, engine, signals: read.signals, gpus: [], problems: problemsOf(read.signals) };
}

/** The page's problems, and then a sentence for each quantity that nobody named or that has no name. */
function whyAbsentOfCustom({ waiting, requests }: CustomFamilies, signals: Signals): readonly string[] {
  const sentences = [...signals.problems];
  if (waiting === undefined) {
    const meaning = signals.concurrency === undefined ? '' : ', so the running number counts as all requests';
    sentences.push(`waiting: --waiting-metric is not set${meaning}`);
  }
  if (requests !== undefined && signals.requestsTotal === undefined) {
    sentences.push(`requests: no series of ${requests.family} was counted`);
  }
  return [...sentences, 'capacity and kvCacheRatio: --engine custom reads neither'];
}
