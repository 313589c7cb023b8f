import { QUOTE } from './bytes.ts';
import { readQuoted } from './label-set.ts';
import type { LineCursor } from './line-cursor.ts';
import type { MetricType } from './page.ts';
import { canonicalName } from './page.ts';
import type { WantedNames } from './wanted-names.ts';

// A Record, so that a new MetricType does not compile until it has a row.
const metricTypes: Record<MetricType, Uint8Array> = {
  counter: Buffer.from('counter'),
  gauge: Buffer.from('gauge'),
  histogram: Buffer.from('histogram'),
  gaugehistogram: Buffer.from('gaugehistogram'),
  summary: Buffer.from('summary'),
  info: Buffer.from('info'),
  stateset: Buffer.from('stateset'),
  untyped: Buffer.from('untyped'),
  unknown: Buffer.from('unknown'),
};
const typeWords = Object.entries(metricTypes) as [MetricType, Uint8Array][];

const plainName = /^[a-zA-Z_:][\w:]*$/;

export interface TypeDeclaration {
  readonly printedName: string;
  readonly type: MetricType;
}

/** Reads the rest of a TYPE line from behind that word. Undefined where nobody wants its family, or the cursor has a problem. */
export function readType(
  cursor: LineCursor,
  wanted: WantedNames,
  maxLabelNameBytes: number,
): TypeDeclaration | undefined {
  cursor.skipBlanks();
  const start = cursor.at;
  const printedName = cursor.peek() === QUOTE ? readQuoted(cursor, maxLabelNameBytes) : readToken(cursor);
  if (printedName === undefined) return undefined;
  if (wanted.every) checkName(cursor, printedName, start);
  else if (!wanted.families.has(canonicalName(printedName))) return undefined;
  if (cursor.problem !== undefined) return undefined;
  const type = readTypeWord(cursor);
  return type === undefined ? undefined : { printedName, type };
}

/** Reads the type and the end of the line, from behind the name. */
export function readTypeWord(cursor: LineCursor): MetricType | undefined {
  cursor.skipBlanks();
  const end = cursor.tokenEnd();
  const type = typeWords.find(([, word]) => holds(cursor, word, end))?.[0];
  if (type === undefined) return cursor.expected('a metric type');
  cursor.at = end;
  cursor.skipBlanks();
  return cursor.at === cursor.end ? type : cursor.expected('the end of the line');
}

function holds(cursor: LineCursor, word: Uint8Array, end: number): boolean {
  if (end - cursor.at !== word.length) return false;
  for (let index = 0; index < word.length; index++) if (word[index] !== cursor.bytes[cursor.at + index]) return false;
  return true;
}

function readToken(cursor: LineCursor): string | undefined {
  const start = cursor.at;
  cursor.at = cursor.tokenEnd();
  return cursor.text(start, cursor.at);
}

/** Any text may be a name in quotes; without them it has to be a plain name. */
function checkName(cursor: LineCursor, name: string, start: number): void {
  const quoted = cursor.bytes[start] === QUOTE;
  if (name === '' || !(quoted || plainName.test(name))) cursor.expected('a metric name', start);
}
