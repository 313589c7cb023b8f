import type { ReadingFailure } from '../aggregation/reading.ts';
import type { GpuReading } from '../gpu/gpu-reading.ts';
import type { PresetName } from '../presets/catalogue/preset-name.ts';
import type { Marks, Quantities } from '../presets/quantities.ts';
import { marks, quantityNames } from '../presets/quantities.ts';
import type { PageInterest } from '../presets/reading/page-reader.ts';
import type { AccessMaterial } from '../scrape/http/page-access.ts';
import type { ScrapeOwner } from '../scrape/scrape-target.ts';

/** What stays the same for all threads of a host. */
export interface WorkerSettings {
  readonly allowCidrs: readonly string[];
  /** Addresses of the API server and of ourselves. */
  readonly denyCidrs: readonly string[];
  readonly maxBodyBytes: number;
  readonly maxConcurrent: number;
}

/** What a thread is started with. */
export interface WorkerStart {
  readonly settings: WorkerSettings;
  /** By the place of its rule. */
  readonly access: readonly AccessMaterial[];
  /** Memory of a `ReadingMark`, in which the thread says whose page it is at work on. */
  readonly mark: SharedArrayBuffer;
}

/** One endpoint to be read, and by whom: an interest's place in the list is kept in `interestIds`. */
export interface TargetSpec {
  readonly id: number;
  readonly owner: ScrapeOwner;
  readonly candidates: readonly string[];
  /** For each candidate the place of the rule that gives access to it; left out where no rule does. */
  readonly accessPlaces: readonly (number | undefined)[] | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Only networks that the operator named may be reached for it. */
  readonly isNamed: boolean;
  /** Pages of a GPU exporter have no interests: all GPUs on them are told. */
  readonly gpu: boolean;
  readonly interestIds: readonly number[];
  readonly interests: readonly PageInterest[];
}

export type ToWorker =
  | { readonly kind: 'set'; readonly target: TargetSpec }
  | { readonly kind: 'access'; readonly place: number; readonly material: AccessMaterial }
  | { readonly kind: 'remove'; readonly id: number }
  | { readonly kind: 'close' };

/** What seldom changes about the readings of one interest, told once and referred to by rows. */
export interface Facts {
  readonly id: number;
  readonly interestId: number;
  readonly url: string;
  readonly engine: PresetName | 'custom' | undefined;
  readonly models: readonly string[];
  readonly problems: readonly string[];
  /** Given where the reading failed. */
  readonly failure: ReadingFailure | undefined;
  readonly detail: string | undefined;
  /** The address policy's word for why, where that refused it. */
  readonly rule: string | undefined;
}

export interface GpuPageRead {
  readonly targetId: number;
  readonly atMs: number;
  readonly gpus: readonly GpuReading[];
}

/** A page in reading which our own code threw. `error` is for the operator's log alone. */
export interface PageFault {
  readonly url: string;
  readonly error: string;
}

/** What the scrape thread counts, since its start. */
export interface ThreadCounters {
  /** Scrapes that were due and could not be started in time. */
  readonly skipped: number;
}

/** What was read since the last message. `rows` holds `ROW_LENGTH` numbers for each reading. */
export interface FromWorker {
  readonly facts: readonly Facts[];
  readonly rows: Float64Array<ArrayBuffer>;
  readonly gpuPages: readonly GpuPageRead[];
  readonly faults: readonly PageFault[];
  /** Sent about once a second. */
  readonly counters: ThreadCounters | undefined;
}

const INTEREST = 0;
const FACTS = 1;
const AT = 2;
const DURATION = 3;
const BYTES = 4;
const REST = 5;
const FLAGS = 6;
const FIRST_NUMBER = 7;
/** Behind them the quantities in the order of their table; `NaN` stands for absent on the wire and nowhere else. */
export const ROW_LENGTH = FIRST_NUMBER + quantityNames.length;

/** One bit each; the marks have those above it. */
const FIRST_OF_SCRAPE = 1;

/** One reading as it travels between threads. */
export interface Row {
  readonly interestId: number;
  readonly factsId: number;
  readonly atMs: number;
  readonly durationMs: number;
  readonly restMs: number;
  readonly bodyBytes: number;
  /** One scrape may be told to several interests; true for one of them. */
  readonly firstOfScrape: boolean;
  /** `undefined` for a failed reading. */
  readonly signals: (Quantities & Marks) | undefined;
}

export function writeRow(row: Row, into: number[]): void {
  const { signals } = row;
  let flags = row.firstOfScrape ? FIRST_OF_SCRAPE : 0;
  for (let mark = 0; mark < marks.length; mark++) if (signals?.[marks[mark]!]) flags |= bitOf(mark);
  into.push(row.interestId, row.factsId, row.atMs, row.durationMs, row.bodyBytes, row.restMs, flags);
  for (const name of quantityNames) into.push(signals?.[name] ?? Number.NaN);
}

/** Reads the row that starts at `offset`; the facts it refers to say whether it is a failed one. */
export function readRow(rows: Float64Array, offset: number): Row {
  const at = (column: number): number => rows[offset + column]!;
  const signals: Record<string, number | boolean | undefined> = {};
  for (let place = 0; place < quantityNames.length; place++) {
    const value = at(FIRST_NUMBER + place);
    signals[quantityNames[place]!] = Number.isNaN(value) ? undefined : value;
  }
  for (let mark = 0; mark < marks.length; mark++) signals[marks[mark]!] = (at(FLAGS) & bitOf(mark)) !== 0;
  return {
    interestId: at(INTEREST),
    factsId: at(FACTS),
    atMs: at(AT),
    durationMs: at(DURATION),
    bodyBytes: at(BYTES),
    restMs: at(REST),
    firstOfScrape: (at(FLAGS) & FIRST_OF_SCRAPE) !== 0,
    signals: signals as Quantities & Marks,
  };
}

function bitOf(mark: number): number {
  return (2 * FIRST_OF_SCRAPE) << mark;
}
