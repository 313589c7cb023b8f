import { pino } from 'pino';
import { consoleLine } from './console-line.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = 'json' | 'console';

/**
 * Every field a line may have beside level, time, logger and message. Trigger metadata is not among them: KEDA
 * resolves environment variables into it, so it may hold secrets.
 */
const allowedFields = [
  'namespace',
  'scaledObject',
  'metric',
  'metricValue',
  'active',
  'reason',
  'method',
  'code',
  'address',
  'port',
  'path',
  'endpoint',
  'failure',
  'resource',
  'rule',
  'setting',
  'settings',
  'faults',
  'count',
  'durationMs',
  'expiresAt',
  'signal',
  'version',
  'nodeVersion',
  'suppressed',
  'error',
  'stack',
] as const;

export type LogData = {
  readonly [Field in (typeof allowedFields)[number]]?: string | number | boolean | readonly string[] | undefined;
};

/** Takes a constant message, and what changes beside it. */
export interface Logger {
  debug(message: string, data?: LogData): void;
  info(message: string, data?: LogData): void;
  warn(message: string, data?: LogData): void;
  error(message: string, data?: LogData): void;
  /** The same log under another `logger` field, for one part of the service. */
  named(name: string): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes whole lines, line feed included; standard output when left out. */
  readonly write?: (line: string) => void;
}

/** Lines with the level as a word and the time in RFC 3339: JSON, or words for people. */
export function createLogger({ level, format, write }: LoggerOptions): Logger {
  const out = write ?? ((line: string): void => void process.stdout.write(line));
  const stream = format === 'json' ? { write: out } : { write: (line: string) => out(consoleLine(line)) };
  const root = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return loggerOver(root, 'keda-llm-scaler');
}

function loggerOver(root: pino.Logger, name: string): Logger {
  const child = root.child({ logger: name });
  return {
    debug: (message, data) => child.debug(allowed(data), message),
    info: (message, data) => child.info(allowed(data), message),
    warn: (message, data) => child.warn(allowed(data), message),
    error: (message, data) => child.error(allowed(data), message),
    named: (other) => loggerOver(root, other),
  };
}

const longestText = 1000;
const longestStack = 4000;
const longestList = 50;

/** What the types allow, once more at run time: data made elsewhere may carry more than it says. */
function allowed(data: LogData | undefined): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (data === undefined) return fields;
  for (const field of allowedFields) {
    const value = data[field];
    if (typeof value === 'string') fields[field] = cut(value, field === 'stack' ? longestStack : longestText);
    else if (typeof value === 'number' || typeof value === 'boolean') fields[field] = value;
    else if (Array.isArray(value)) fields[field] = value.slice(0, longestList).map((item) => cut(String(item)));
  }
  return fields;
}

function cut(text: string, longest = longestText): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`;
}
