import type { Sample } from '../../src/exposition/page.ts';

const label = String.raw`(?:[a-zA-Z_]\w*|"(?:[^"\\]|\\.)*")[ \t]*=[ \t]*"(?:[^"\\]|\\.)*"`;
const separator = String.raw`[ \t]*,[ \t]*`;
const labelSet = String.raw`\{[ \t]*(?:${label}(?:${separator}${label})*(?:${separator})?)?[ \t]*\}`;
const number = String.raw`[^ \t\r]+`;
const exemplar = String.raw`#[ \t]+${labelSet}[ \t]*${number}(?:[ \t]+${number})?`;
const sampleLine = new RegExp(
  String.raw`^[ \t]*([a-zA-Z_:][\w:]*)(?:[ \t]*(${labelSet})[ \t]*|[ \t]+)(${number})(?:[ \t]+[^# \t]\S*)?(?:[ \t]+${exemplar})?[ \t]*\r?$`,
);
const labelPair = /([a-zA-Z_]\w*|"(?:[^"\\]|\\.)*")[ \t]*=[ \t]*("(?:[^"\\]|\\.)*")/g;

/**
 * What the lines of a page say, read the slow way by regular expressions: a second opinion. Quoted metric names are
 * left out. A page in which a wanted line cannot be read has no answer, undefined.
 */
export function samplesOf(page: string, isWanted: (name: string) => boolean): Sample[] | undefined {
  const samples: Sample[] = [];
  for (const line of page.replace(/^\uFEFF?[ \t\r\n]*/, '').split('\n')) {
    const name = /^[ \t]*([a-zA-Z_:][\w:]*)/.exec(line)?.[1]?.replaceAll(':', '_');
    if (name === undefined || !isWanted(name)) continue;
    const [, , set = '', printed] = sampleLine.exec(line) ?? [];
    if (printed === undefined) return undefined;
    const labels = [...set.matchAll(labelPair)].map(([, key, value]) => [unquote(key!), unquote(value!)]);
    samples.push({ name, labels: Object.fromEntries(labels), value: numberOf(printed) });
  }
  return samples;
}

function unquote(printed: string): string {
  if (!printed.startsWith('"')) return printed;
  return printed.slice(1, -1).replaceAll(/\\([\\"n])/g, (_, sign) => (sign === 'n' ? '\n' : sign));
}

function numberOf(printed: string): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(printed);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(printed.replaceAll(/(?<=\d)_(?=\d)/g, ''));
}
