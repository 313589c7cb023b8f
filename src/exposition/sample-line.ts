import { HASH, isBlank, OPEN_BRACE } from './bytes.ts';
import type { LabelCache } from './label-cache.ts';
import type { LabelLimits } from './label-set.ts';
import { noLabels, readLabelSet } from './label-set.ts';
import type { LineCursor } from './line-cursor.ts';
import { parseNumber } from './number.ts';
import type { Sample } from './page.ts';
import { canonicalName } from './page.ts';

/**
 * Reads the rest of a sample line from behind its name: labels, value, optional timestamp, optional exemplar. `name` is
 * canonical, or undefined where it has to stand in the label set. Undefined where the cursor has a problem.
 */
export function readSample(
  cursor: LineCursor,
  name: string | undefined,
  limits: LabelLimits,
  cache?: LabelCache,
): Sample | undefined {
  const start = cursor.at;
  cursor.skipBlanks();
  let labels = noLabels;
  let fullName = name;
  if (cursor.take(OPEN_BRACE)) {
    const set = cache === undefined ? readLabelSet(cursor, limits) : cache.read(cursor, limits);
    if (set === undefined) return undefined;
    if ((set.metricName === undefined) === (name === undefined)) return cursor.expected('one metric name', start);
    labels = set.labels;
    fullName = name ?? canonicalName(set.metricName!);
  } else if (cursor.at === start) return cursor.expected('`{` or a blank after the metric name');
  const value = readNumber(cursor, 'a value');
  if (value === undefined || !readTimestamp(cursor) || !readExemplar(cursor, limits)) return undefined;
  if (cursor.at < cursor.end) return cursor.expected('the end of the line');
  return { name: fullName!, labels, value };
}

function readNumber(cursor: LineCursor, what: string): number | undefined {
  cursor.skipBlanks();
  const end = cursor.tokenEnd();
  const value = parseNumber(cursor.bytes, cursor.at, end);
  if (value === undefined) return cursor.expected(what);
  cursor.at = end;
  cursor.skipBlanks();
  return value;
}

/** True when a good timestamp, or none, was stepped over. Milliseconds in text, seconds in OpenMetrics: both are numbers. */
function readTimestamp(cursor: LineCursor): boolean {
  if (cursor.at === cursor.end || cursor.peek() === HASH) return true;
  const start = cursor.at;
  const timestamp = readNumber(cursor, 'a timestamp');
  if (timestamp !== undefined && !Number.isFinite(timestamp)) cursor.expected('a timestamp', start);
  return cursor.problem === undefined;
}

/** True when a good exemplar, or none, was stepped over: ` # {labels} value timestamp`. */
function readExemplar(cursor: LineCursor, limits: LabelLimits): boolean {
  if (!cursor.take(HASH)) return true;
  const blank = isBlank(cursor.peek());
  cursor.skipBlanks();
  if (!blank || !cursor.take(OPEN_BRACE)) cursor.expected('an exemplar, ` # {labels} value`');
  else if (readLabelSet(cursor, limits)?.metricName !== undefined) cursor.expected('an exemplar without a name');
  else if (cursor.problem === undefined) readNumber(cursor, 'the value of an exemplar');
  return cursor.problem === undefined && readTimestamp(cursor);
}
