import type { GpuReading } from '../gpu/gpu-reading.ts';
import type { PresetName } from '../presets/catalogue/preset-name.ts';
import type { Signals } from '../presets/signals.ts';

/** What one endpoint said at one moment. Times are monotonic milliseconds. */
export interface GoodReading {
  readonly ok: true;
  readonly atMs: number;
  readonly url: string;
  /** The preset that read the page, or `custom`. */
  readonly engine: PresetName | 'custom';
  readonly signals: Signals;
  readonly durationMs: number;
  readonly bodyBytes: number;
}

/** Why one endpoint said nothing at one moment. */
export interface FailedReading {
  readonly ok: false;
  readonly atMs: number;
  readonly url: string;
  /** One of the closed sets of `scrape` and `exposition`, or `wrong-engine`. */
  readonly failure: string;
  /** One line for people: what was expected and what was found. */
  readonly detail: string;
}

export type Reading = GoodReading | FailedReading;

/** What one GPU exporter said about all GPUs of its node. */
export interface GpuPage {
  readonly atMs: number;
  readonly gpus: readonly GpuReading[];
}
