import { QUOTE } from './bytes.ts';
import { readQuoted } from './label-set.ts';
import type { LineCursor } from './line-cursor.ts';
import type { MetricType } from './page.ts';
import { canonicalName } from './page.ts';
import type { WantedNames } from './wanted-names.ts';

const metricTypes: Record<MetricType, true> = {
  counter: true,
  gauge: true,
  histogram: true,
  gaugehistogram: true,
  summary: true,
  info: true,
  stateset: true,
  untyped: true,
  unknown: true,
};

const plainName = /^[a-zA-Z_:][\w:]*$/;

export interface TypeDeclaration {
  readonly printedName: string;
  readonly type: MetricType;
}

/** Reads the first word of a comment, from behind its `#`. */
export function readKeyword(cursor: LineCursor): string {
  cursor.skipBlanks();
  const start = cursor.at;
  cursor.at = cursor.tokenEnd();
  // No keyword is longer than HELP: four bytes tell TYPE and EOF from everything else.
  return cursor.at - start > 4 ? '' : String.fromCharCode(...cursor.bytes.subarray(start, cursor.at));
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
  return cursor.problem === undefined ? readTypeWord(cursor, printedName) : undefined;
}

function readTypeWord(cursor: LineCursor, printedName: string): TypeDeclaration | undefined {
  cursor.skipBlanks();
  const start = cursor.at;
  const type = cursor.text(start, cursor.tokenEnd());
  if (type === undefined) return undefined;
  if (!isMetricType(type)) return cursor.expected('a metric type', start);
  cursor.at = cursor.tokenEnd();
  cursor.skipBlanks();
  if (cursor.at < cursor.end) return cursor.expected('the end of the line');
  return { printedName, type };
}

function isMetricType(text: string): text is MetricType {
  return Object.hasOwn(metricTypes, text);
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
