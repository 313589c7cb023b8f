import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One request of a real server's run, in milliseconds after the first one's arrival. */
export interface LoggedRequest {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly arrivedMs: number;
  readonly firstTokenMs: number;
  readonly finishedMs: number;
}

/** A log that can't be read. The message names file and line. */
export class RunLogError extends Error {
  override readonly name = 'RunLogError';
}

const keys = ['input_toks', 'output_toks', 'queued_ts', 'first_token_ts', 'last_token_ts'] as const;

/** What one line has to hold, in words. */
export const runLogLine = `one JSON object a line with ${keys.join(', ')} (seconds of one clock)`;

/**
 * Reads per-request times, one JSON object a line: `input_toks`, `output_toks`, and the seconds at which the request
 * was queued, gave its first and its last token (`queued_ts`, `first_token_ts`, `last_token_ts`). Throws RunLogError.
 */
export async function readRunLog(path: string): Promise<LoggedRequest[]> {
  const requests: LoggedRequest[] = [];
  const file = createReadStream(path);
  let lineNumber = 0;
  try {
    for await (const line of createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY })) {
      lineNumber += 1;
      if (line.trim() === '') continue;
      const request = parseLine(line);
      if (request === undefined) {
        const found = JSON.stringify(line.slice(0, 80));
        throw new RunLogError(`${path}:${lineNumber}: expected ${runLogLine}, found ${found}`);
      }
      requests.push(request);
    }
  } catch (error) {
    if (error instanceof RunLogError) throw error;
    throw new RunLogError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (requests.length === 0) throw new RunLogError(`${path}: expected ${runLogLine}, found no line`);
  return sinceFirst(requests);
}

function parseLine(line: string): LoggedRequest | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const values = keys.map((key) => (parsed as Record<string, unknown>)[key]);
  if (!values.every((value) => typeof value === 'number' && Number.isFinite(value))) return undefined;
  const [promptTokens, outputTokens, queued, first, last] = values as [number, number, number, number, number];
  if (promptTokens < 1 || outputTokens < 1 || first < queued || last < first) return undefined;
  const times = { arrivedMs: queued * 1000, firstTokenMs: first * 1000, finishedMs: last * 1000 };
  return { promptTokens, outputTokens, ...times };
}

function sinceFirst(requests: readonly LoggedRequest[]): LoggedRequest[] {
  const sorted = requests.toSorted((a, b) => a.arrivedMs - b.arrivedMs);
  const zeroMs = sorted[0]!.arrivedMs;
  return sorted.map((one) => ({
    ...one,
    arrivedMs: one.arrivedMs - zeroMs,
    firstTokenMs: one.firstTokenMs - zeroMs,
    finishedMs: one.finishedMs - zeroMs,
  }));
}
