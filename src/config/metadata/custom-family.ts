import type { CustomFamily } from '../../presets/engine-selection.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quoted } from '../quoted.ts';

const familyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const labelValue = /^"((?:[^"\\\n]|\\[\\"n])*)"/;
const example = 'such as requests_running or requests{state="running"}';

/**
 * Reads `name` or `name{label="value",other="value"}` as the exposition format writes a series: spaces around marks
 * and one comma at the end are allowed, `\\`, `\"` and `\n` are the escapes. Only equality is known.
 * A fault is a predicate, to follow the name of what was read.
 */
export function parseCustomFamily(text: string): Parsed<CustomFamily> {
  const family = familyName.exec(text)?.[0];
  if (family === undefined) return refuse(`must be a metric family's name, ${example}`);
  const rest = text.slice(family.length).trim();
  if (rest === '') return read({ family, labels: {} });
  if (!rest.startsWith('{')) return refuse(`has ${quoted(rest)} after the family's name: write it ${example}`);
  if (!rest.endsWith('}')) return refuse('has no closing }: write labels as {label="value",other="value"}');
  const labels = parseLabels(rest.slice(1, -1));
  return labels.ok ? read({ family, labels: labels.value }) : labels;
}

function parseLabels(text: string): Parsed<Readonly<Record<string, string>>> {
  const labels = new Map<string, string>();
  let rest = text.trim();
  while (rest !== '') {
    const matcher = parseMatcher(rest);
    if (!matcher.ok) return matcher;
    const { label, value, after } = matcher.value;
    if (labels.has(label)) return refuse(`names the label ${quoted(label)} twice: a series has it once`);
    labels.set(label, value);
    if (after !== '' && !after.startsWith(',')) {
      return refuse(`has ${quoted(after)} after the label ${quoted(label)}: separate labels with a comma`);
    }
    rest = after.slice(1).trim();
  }
  return read(Object.fromEntries(labels));
}

interface Matcher {
  readonly label: string;
  readonly value: string;
  readonly after: string;
}

function parseMatcher(text: string): Parsed<Matcher> {
  const label = labelName.exec(text)?.[0];
  if (label === undefined) return refuse(`has ${quoted(text)} where a label's name should be: write {label="value"}`);
  const operator = text.slice(label.length).trimStart();
  if (/^(?:!=|=~|!~)/.test(operator)) {
    return refuse(`compares the label ${quoted(label)} with ${operator.slice(0, 2)}: only = is known`);
  }
  if (!operator.startsWith('=')) return refuse(`has no = after the label ${quoted(label)}: write ${label}="value"`);
  const behind = operator.slice(1).trimStart();
  const value = labelValue.exec(behind);
  if (value === null)
    return refuse(`has no value in double quotes for the label ${quoted(label)}: write ${label}="value"`);
  return read({ label, value: unescaped(value[1]!), after: behind.slice(value[0].length).trim() });
}

function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_whole, mark: string) => (mark === 'n' ? '\n' : mark));
}
