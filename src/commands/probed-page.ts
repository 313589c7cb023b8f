import type { ProbeFlags } from '../config/command-flags.ts';
import { PageParser } from '../exposition/page-parser.ts';
import { everyName } from '../exposition/wanted-names.ts';
import type { GpuReading } from '../gpu/gpu-reading.ts';
import { readGpus } from '../gpu/read-gpus.ts';
import type { PresetName } from '../presets/catalogue/preset-name.ts';
import { detectPreset } from '../presets/detection/detect.ts';
import { readSignals } from '../presets/reading/read-signals.ts';
import { whyAbsent } from '../presets/reading/why-absent.ts';
import type { Signals } from '../presets/signals.ts';

/** What one page says. `ok` is false when it could not be read, and `problems` then says why. */
export interface ProbedPage {
  readonly ok: boolean;
  /** A preset, `dcgm` for a GPU exporter's page, or `unknown`. */
  readonly engine: PresetName | 'dcgm' | 'unknown';
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
  const parser = new PageParser(everyName, contentType);
  parser.push(body);
  const outcome = parser.end();
  if (!outcome.ok) {
    const place = outcome.line === undefined ? '' : `line ${outcome.line}: `;
    return unreadPage(`${outcome.failure}: ${place}${outcome.message}`);
  }
  const { page } = outcome;
  const detection = engine === 'auto' ? detectPreset(page, port) : ({ kind: 'preset', preset: engine } as const);
  if (detection.kind === 'unknown') return { ...unreadPage(detection.message), ok: true };
  if (detection.kind === 'gpu') {
    const problems = ["concurrency: a GPU exporter's page counts no requests"];
    return { ok: true, engine: 'dcgm', signals: undefined, gpus: readGpus(page), problems };
  }
  const read = readSignals(page, detection.preset, models);
  if (!read.ok) return { ...unreadPage(`${read.failure}: ${read.message}`), engine: detection.preset };
  const { signals } = read;
  return { ok: true, engine: detection.preset, signals, gpus: [], problems: whyAbsent(detection.preset, signals) };
}
