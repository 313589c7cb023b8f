import type { TraceFormat, TraceLine } from './trace-formats.ts';
import { formatOf, knownFormats } from './trace-formats.ts';
import { linesOf, TraceError } from './trace-lines.ts';

/** One request of a trace, its arrival in milliseconds after the chosen start. */
export type TraceRequest = TraceLine;

export interface TraceWindow {
  /** How far into the trace to begin. */
  readonly startMs: number;
  readonly durationMs: number;
  /** How much faster than in the trace the requests arrive: 2 halves every gap. */
  readonly speed: number;
}

/** Stamps of several writers may be out of order by this much; they count as the line above. */
const mostBackwardsMs = 1000;

/** What a reading left out. */
export interface TraceGaps {
  /** Lines that are no request to replay, such as failures of the recorded service. */
  skipped: number;
}

/** The requests of a trace that fall into the window, one by one; see `readTraceBatches`. */
export async function* readTrace(path: string, window: TraceWindow): AsyncGenerator<TraceRequest> {
  for await (const batch of readTraceBatches(path, window)) yield* batch;
}

/**
 * Streams the requests of a trace that fall into the window, in the order of the file, as many at a time as a piece of
 * the file holds. Knows Azure's, BurstGPT's, Mooncake's and Qwen's layouts and plain seconds; the first line says
 * which. Files that end in `.gz` are unpacked. Time counts from the trace's first request, or, where the trace counts
 * itself, from its zero. Memory does not grow with the file. Throws TraceError.
 */
export async function* readTraceBatches(
  path: string,
  window: TraceWindow,
  gaps: TraceGaps = { skipped: 0 },
): AsyncGenerator<readonly TraceRequest[]> {
  const reader = new TraceReader(path, window, gaps);
  for await (const lines of linesOf(path)) {
    const batch: TraceRequest[] = [];
    for (const line of lines) reader.take(line, batch);
    if (batch.length > 0) yield batch;
    if (reader.isOver) return;
  }
  reader.end();
}

class TraceReader {
  readonly #path: string;
  readonly #window: TraceWindow;
  readonly #gaps: TraceGaps;
  #format: TraceFormat | undefined;
  #lineNumber = 0;
  #zeroMs: number | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  isOver = false;

  constructor(path: string, window: TraceWindow, gaps: TraceGaps) {
    this.#path = path;
    this.#window = window;
    this.#gaps = gaps;
  }

  /** Reads one line, and adds its request to the batch where it has one in the window. */
  take(line: string, batch: TraceRequest[]): void {
    this.#lineNumber += 1;
    if (this.#format === undefined) {
      this.#format = this.#chooseFormat(line);
      if (this.#format.hasHeading) return;
    }
    if (this.isOver || line.trim() === '') return;
    const request = this.#format.read(line);
    if (request === undefined) this.#fail(`expected ${this.#format.expects}, found ${shown(line)}`);
    if (request === 'skipped') this.#gaps.skipped += 1;
    else this.#place(request, this.#format, batch);
  }

  end(): void {
    if (this.#format === undefined) {
      throw new TraceError(`${this.#path}: the file is empty, expected a heading and requests`);
    }
  }

  #place({ atMs, promptTokens, outputTokens }: TraceLine, format: TraceFormat, batch: TraceRequest[]): void {
    const { startMs, durationMs, speed } = this.#window;
    const backwardsMs = this.#lastMs - atMs;
    if (backwardsMs > mostBackwardsMs) {
      this.#fail(`arrives ${(backwardsMs / 1000).toFixed(1)} s before the line above it, expected at most 1 s`);
    }
    this.#lastMs = Math.max(this.#lastMs, atMs);
    this.#zeroMs ??= format.countsFromZero ? 0 : atMs;
    const sinceStartMs = this.#lastMs - this.#zeroMs - startMs;
    if (sinceStartMs >= durationMs) this.isOver = true;
    else if (sinceStartMs >= 0) batch.push({ atMs: sinceStartMs / speed, promptTokens, outputTokens });
  }

  #chooseFormat(line: string): TraceFormat {
    const format = formatOf(line);
    if (format === undefined) this.#fail(`expected ${knownFormats}; found ${shown(line)}`);
    return format;
  }

  #fail(words: string): never {
    throw new TraceError(`${this.#path}:${this.#lineNumber}: ${words}`);
  }
}

function shown(line: string): string {
  return JSON.stringify(line.slice(0, 80));
}
