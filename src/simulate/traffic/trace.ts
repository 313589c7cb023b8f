import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** One request of a trace, its arrival in milliseconds after the chosen start. */
export interface TraceRequest {
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

export interface TraceWindow {
  /** How far into the trace to begin. */
  readonly startMs: number;
  readonly durationMs: number;
  /** How much faster than in the trace the requests arrive: 2 halves every gap. */
  readonly speed: number;
}

/** A file that is no trace, or a broken line of one. The message names file and line. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** Reads one line's arrival (in the trace's own milliseconds) and token counts; `undefined` for a broken line. */
type LineReader = (line: string) => TraceRequest | undefined;

/** Seven digits of a second and no zone: read as UTC, since only differences matter. */
const azureTime = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{1,9})?$/;

const formats: Readonly<Record<string, LineReader>> = {
  'TIMESTAMP,ContextTokens,GeneratedTokens': (line) => fromFields(line, 3, readAzureTime),
  't_s,input_tokens,output_tokens': (line) => fromFields(line, 3, readSeconds),
  't_s,input_tokens,output_tokens,client': (line) => fromFields(line, 4, readSeconds),
};

/**
 * Streams the requests of a trace that fall into the window, in the order of the file. Knows the Azure layout
 * (`TIMESTAMP,ContextTokens,GeneratedTokens`) and plain seconds (`t_s,input_tokens,output_tokens[,client]`); the first
 * line says which. Files that end in `.gz` are unpacked. Time counts from the trace's first request, or, where the
 * trace counts seconds itself, from its zero. Throws TraceError.
 */
export async function* readTrace(path: string, window: TraceWindow): AsyncGenerator<TraceRequest> {
  let read: LineReader | undefined;
  let lineNumber = 0;
  let zeroMs: number | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  for await (const line of linesOf(path)) {
    lineNumber += 1;
    if (read === undefined) {
      read = formatOf(line, path);
      continue;
    }
    if (line.trim() === '') continue;
    const request = read(line);
    if (request === undefined) throw new TraceError(`${path}:${lineNumber}: ${expectationOf(read, line)}`);
    if (request.atMs < lastMs) throw new TraceError(`${path}:${lineNumber}: arrives before the line above it`);
    lastMs = request.atMs;
    zeroMs ??= read === formats['TIMESTAMP,ContextTokens,GeneratedTokens'] ? request.atMs : 0;
    const sinceStartMs = request.atMs - zeroMs - window.startMs;
    if (sinceStartMs >= window.durationMs) return;
    if (sinceStartMs >= 0) yield { ...request, atMs: sinceStartMs / window.speed };
  }
  if (read === undefined) throw new TraceError(`${path}: the file is empty, expected a heading and requests`);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe does not hand errors on, so a file that cannot be read has to end the reader by hand.
  file.on('error', (error) => input.destroy(error));
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) yield line;
  } catch (error) {
    throw new TraceError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    file.destroy();
  }
}

function formatOf(heading: string, path: string): LineReader {
  const read = formats[heading.replace(/^\uFEFF/, '').trim()];
  if (read !== undefined) return read;
  const known = Object.keys(formats).join(' or ');
  throw new TraceError(`${path}:1: expected the heading ${known}, found ${JSON.stringify(heading.slice(0, 80))}`);
}

function expectationOf(read: LineReader, line: string): string {
  const heading = Object.keys(formats).find((name) => formats[name] === read);
  return `expected ${heading} with a time and token counts of at least 1, found ${JSON.stringify(line.slice(0, 80))}`;
}

function fromFields(line: string, count: number, readTime: (text: string) => number): TraceRequest | undefined {
  const fields = line.trim().split(',');
  const atMs = readTime(fields[0] ?? '');
  const promptTokens = readCount(fields[1]);
  const outputTokens = readCount(fields[2]);
  if (fields.length !== count || !Number.isFinite(atMs) || promptTokens === undefined || outputTokens === undefined) {
    return undefined;
  }
  return { atMs, promptTokens, outputTokens };
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function readSeconds(text: string): number {
  return /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) * 1000 : Number.NaN;
}

function readAzureTime(text: string): number {
  const match = azureTime.exec(text);
  if (match === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) + Number(match[7] ?? 0) * 1000;
}
