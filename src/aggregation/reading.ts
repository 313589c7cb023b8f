import type { GpuReading } from '../gpu/gpu-reading.ts';
import type { PresetName } from '../presets/catalogue/preset-name.ts';
import type { PageReading } from '../presets/reading/page-reader.ts';
import type { Signals } from '../presets/signals.ts';

/**
 * Why an endpoint said nothing. A closed set: each is a value of the label `reason` and a word on the status page. The
 * words of `presets/` for a page that can't be read, of `scrape/` for one that didn't come, and `quarantined` for one
 * that is not asked for, because the scrape thread died of it.
 */
export type ReadingFailure =
  | Extract<PageReading, { ok: false }>['failure']
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'http-status'
  | 'redirect'
  | 'unauthorized'
  | 'not-found'
  | 'body-too-large'
  | 'malformed-response'
  | 'denied-by-policy'
  | 'quarantined';

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
  /**
   * For how long its server is left alone after this reading, beyond the interval, because printing its page costs it
   * much; nothing where left out.
   */
  readonly restMs?: number;
}

/** Why one endpoint said nothing at one moment. */
export interface FailedReading {
  readonly ok: false;
  readonly atMs: number;
  readonly url: string;
  readonly failure: ReadingFailure;
  /** One line for people: what was expected and what was found. */
  readonly detail: string;
  /** The address policy's word for why, where that refused it. */
  readonly rule?: string | undefined;
}

export type Reading = GoodReading | FailedReading;

/** What one GPU exporter said about all GPUs of its node. */
export interface GpuPage {
  readonly atMs: number;
  readonly gpus: readonly GpuReading[];
}
