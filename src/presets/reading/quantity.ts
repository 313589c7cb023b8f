import { canonicalName } from '../../exposition/page.ts';

/** What a series' label must be like for the series to count. */
export interface Matcher {
  readonly label: string;
  readonly test: 'equals' | 'differs' | 'printed' | 'no-probe';
  readonly value: string;
}

/** One term of a formula: the first of `names` that has series, all of them added. */
export interface Part {
  /** Canonical. */
  readonly names: readonly string[];
  /** The first name as the server writes it, for messages. */
  readonly written: string;
  readonly optional: boolean;
  readonly sign: 1 | -1;
  readonly matchers: readonly Matcher[];
}

/** Reads a formula of `Preset`. Throws on one that is no formula: they are written in this room. */
export function parseQuantity(formula: string): readonly Part[] {
  const parts: Part[] = [];
  let rest = formula.trim();
  let sign: 1 | -1 = 1;
  for (;;) {
    const end = endOfTerm(rest);
    parts.push(parseTerm(rest.slice(0, end).trim(), sign));
    if (end === rest.length) return parts;
    sign = rest[end + 1] === '-' ? -1 : 1;
    rest = rest.slice(end + 3);
  }
}

function endOfTerm(text: string): number {
  const ends = [text.indexOf(' + '), text.indexOf(' - ')].filter((at) => at >= 0);
  return ends.length > 0 ? Math.min(...ends) : text.length;
}

function parseTerm(term: string, sign: 1 | -1): Part {
  const optional = term.startsWith('? ');
  const [families = '', labels = ''] = (optional ? term.slice(2) : term).split('{');
  const written = families.split(' | ');
  for (const name of written) if (!isName(name)) throw new TypeError(`not a metric name: "${name}" in "${term}"`);
  const matchers = labels === '' ? [] : labels.slice(0, -1).split(',').map(parseMatcher);
  return { names: written.map(canonicalName), written: written[0]!, optional, sign, matchers };
}

function parseMatcher(text: string): Matcher {
  if (text.endsWith('!~probes')) return { label: text.slice(0, -'!~probes'.length), test: 'no-probe', value: '' };
  const equals = text.indexOf('=');
  if (equals < 0) return { label: text, test: 'printed', value: '' };
  const differs = text[equals - 1] === '!';
  const label = text.slice(0, differs ? equals - 1 : equals);
  return { label, test: differs ? 'differs' : 'equals', value: text.slice(equals + 2, -1) };
}

function isName(text: string): boolean {
  return /^[A-Za-z_:][\w:]*$/.test(text);
}

/** The part for counters: those are found with and without the ending that some writers add. */
export function inBothSpellings(part: Part): Part {
  return { ...part, names: part.names.flatMap((name) => [name, otherSpelling(name)]) };
}

function otherSpelling(name: string): string {
  return name.endsWith('_total') ? name.slice(0, -'_total'.length) : `${name}_total`;
}
