/** One line of a trace, in the trace's own milliseconds. */
export interface TraceLine {
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** `skipped`: a line that is whole but no request to replay; `undefined`: a broken one. */
type ReadLine = (line: string) => TraceLine | 'skipped' | undefined;

/** One layout of trace files. */
export interface TraceFormat {
  readonly name: string;
  /** What a line has to hold, in words. */
  readonly expects: string;
  /** Whether time counts from the trace's own zero; else from its first request. */
  readonly countsFromZero: boolean;
  /** Whether the first line is a request already. */
  readonly hasHeading: boolean;
  readonly read: ReadLine;
}

/** Seven or six digits of a second, with the zone of UTC or none: read as UTC, since only differences matter. */
const azureTime = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:\+00:00|Z)?$/;
const count = /^\d{1,9}$/;
const seconds = /^\d{1,12}(\.\d{1,9})?$/;

const csvFormats: Readonly<Record<string, TraceFormat>> = {
  'TIMESTAMP,ContextTokens,GeneratedTokens': {
    name: 'Azure',
    expects: 'a time like 2023-11-16 18:15:46.6805900 and token counts of at least 1',
    countsFromZero: false,
    hasHeading: true,
    read: csv(3, [0, 1, 2], readAzureTime),
  },
  't_s,input_tokens,output_tokens': plain(3),
  't_s,input_tokens,output_tokens,client': plain(4),
  'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type': burstGpt(6, [0, 2, 3]),
  'Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type': burstGpt(
    8,
    [0, 4, 5],
  ),
};

/** Mooncake's lines count milliseconds; Qwen's, which name chats, count seconds. */
const jsonFormats = {
  mooncake: jsonLines('Mooncake', 'milliseconds', 1),
  qwen: jsonLines('Qwen', 'seconds', 1000),
} as const;

/** The layout that a file's first line shows, or `undefined`. */
export function formatOf(firstLine: string): TraceFormat | undefined {
  const line = firstLine.replace(/^\uFEFF/, '').trim();
  if (!line.startsWith('{')) return Object.hasOwn(csvFormats, line) ? csvFormats[line] : undefined;
  const keys = objectOf(line);
  if (keys === undefined || !('timestamp' in keys) || !('input_length' in keys)) return undefined;
  return 'chat_id' in keys ? jsonFormats.qwen : jsonFormats.mooncake;
}

/** What a first line may be, in words. */
export const knownFormats = `the heading ${Object.keys(csvFormats).join(' or ')}, or JSON lines with timestamp, input_length and output_length`;

function plain(fields: number): TraceFormat {
  return {
    name: 'plain',
    expects: `t_s,input_tokens,output_tokens${fields === 4 ? ',client' : ''} with seconds and token counts of at least 1`,
    countsFromZero: true,
    hasHeading: true,
    read: csv(fields, [0, 1, 2], readSeconds),
  };
}

/** Rows without an answer are failures of the service that was recorded, and no request to replay. */
function burstGpt(fields: number, columns: readonly [number, number, number]): TraceFormat {
  const read = csv(fields, columns, readSeconds, 'skip-empty');
  const expects = `${fields} fields with seconds, request tokens and response tokens`;
  return { name: 'BurstGPT', expects, countsFromZero: true, hasHeading: true, read };
}

function csv(
  fields: number,
  [timeColumn, promptColumn, outputColumn]: readonly [number, number, number],
  readTime: (text: string) => number,
  empty: 'skip-empty' | 'refuse-empty' = 'refuse-empty',
): ReadLine {
  return (line) => {
    const values = line.trimEnd().split(',');
    const [time, prompt, output] = [values[timeColumn] ?? '', values[promptColumn] ?? '', values[outputColumn] ?? ''];
    if (values.length !== fields || !count.test(prompt) || !count.test(output)) return undefined;
    const request = { atMs: readTime(time), promptTokens: Number(prompt), outputTokens: Number(output) };
    if (!Number.isFinite(request.atMs)) return undefined;
    if (request.promptTokens >= 1 && request.outputTokens >= 1) return request;
    return empty === 'skip-empty' ? 'skipped' : undefined;
  };
}

function jsonLines(name: string, unit: string, msPerUnit: number): TraceFormat {
  return {
    name,
    expects: `one JSON object with timestamp (${unit}), input_length and output_length of at least 1`,
    countsFromZero: true,
    hasHeading: false,
    read: (line) => {
      const { timestamp, input_length: promptTokens, output_length: outputTokens } = objectOf(line) ?? {};
      if (typeof timestamp !== 'number' || !(timestamp >= 0)) return undefined;
      if (!isCount(promptTokens) || !isCount(outputTokens)) return undefined;
      return { atMs: timestamp * msPerUnit, promptTokens, outputTokens };
    },
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) < 1e9;
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readSeconds(text: string): number {
  return seconds.test(text) ? Number(text) * 1000 : Number.NaN;
}

function readAzureTime(text: string): number {
  const match = azureTime.exec(text);
  if (match === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) + Number(match[7] ?? 0) * 1000;
}
