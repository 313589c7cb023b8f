import { BACKSLASH, CLOSE_BRACE, COMMA, EQUALS, isDigit, labelNameByte, QUOTE } from './bytes.ts';
import type { LineCursor } from './line-cursor.ts';

/** Label values by name. Has no prototype, so a label may bear any name and an absent one is undefined. */
export type Labels = Readonly<Record<string, string>>;

export interface LabelSet {
  /** The metric name where it is printed inside the braces, as in `{"my.name",label="value"}`. */
  readonly metricName: string | undefined;
  readonly labels: Labels;
}

export interface LabelLimits {
  readonly maxLabelNameBytes: number;
  readonly maxLabelValueBytes: number;
}

export const noLabels: Labels = Object.freeze(emptyLabels());

/** Reads the rest of a label set, from behind its `{` to behind its `}`. Undefined where the cursor has a problem. */
export function readLabelSet(cursor: LineCursor, limits: LabelLimits): LabelSet | undefined {
  const labels = emptyLabels();
  let metricName: string | undefined;
  for (;;) {
    cursor.skipBlanks();
    if (cursor.take(CLOSE_BRACE)) return { metricName, labels: Object.freeze(labels) };
    const start = cursor.at;
    const quoted = cursor.peek() === QUOTE;
    const name = quoted
      ? readQuoted(cursor, limits.maxLabelNameBytes)
      : readLabelName(cursor, limits.maxLabelNameBytes);
    if (name === undefined) return undefined;
    cursor.skipBlanks();
    if (quoted && metricName === undefined && cursor.peek() !== EQUALS) metricName = name;
    else if (name in labels) return cursor.expected('each label once', start);
    else {
      const value = readLabelValue(cursor, limits.maxLabelValueBytes);
      if (value === undefined) return undefined;
      labels[name] = value;
    }
    cursor.skipBlanks();
    if (!cursor.take(COMMA) && cursor.peek() !== CLOSE_BRACE) return cursor.expected('`,` or `}` in the label set');
  }
}

function emptyLabels(): Record<string, string> {
  return Object.create(null);
}

function readLabelName(cursor: LineCursor, maxBytes: number): string | undefined {
  const start = cursor.at;
  if (isDigit(cursor.peek())) return cursor.expected('a label name');
  while (cursor.at < cursor.end && labelNameByte[cursor.bytes[cursor.at]!] === 1) cursor.at++;
  if (cursor.at === start) return cursor.expected('a label name');
  if (cursor.at - start > maxBytes) return cursor.expected(`a label name of at most ${maxBytes} bytes`, start);
  return cursor.text(start, cursor.at);
}

function readLabelValue(cursor: LineCursor, maxBytes: number): string | undefined {
  if (!cursor.take(EQUALS)) return cursor.expected('`=` after a label name');
  cursor.skipBlanks();
  return readQuoted(cursor, maxBytes);
}

/** Reads quoted text. Only `\\`, `\"` and `\n` are escapes; any other backslash stands for itself. */
export function readQuoted(cursor: LineCursor, maxBytes: number): string | undefined {
  const opening = cursor.at;
  if (!cursor.take(QUOTE)) return cursor.expected('a quoted text');
  const start = cursor.at;
  let escaped = false;
  while (cursor.at < cursor.end && cursor.peek() !== QUOTE) {
    const backslash = cursor.peek() === BACKSLASH;
    escaped ||= backslash;
    cursor.at += backslash ? 2 : 1;
  }
  const end = cursor.at;
  if (end >= cursor.end) return cursor.expected('a text with a closing quote', opening);
  cursor.at++;
  if (end - start > maxBytes) return cursor.expected(`a quoted text of at most ${maxBytes} bytes`, opening);
  const text = cursor.text(start, end);
  return escaped ? text?.replace(/\\([\\"n])/g, (_, sign) => (sign === 'n' ? '\n' : sign)) : text;
}
