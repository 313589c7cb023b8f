import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

/** What a slip of the hand turns into what. Each place in a line where one fits is a mutant. */
const operators: readonly (readonly [RegExp, string])[] = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \?\? /g, ' && '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ \* /g, ' / '],
  [/ \/ /g, ' * '],
  [/\bMath\.max\(/g, 'Math.min('],
  [/\bMath\.min\(/g, 'Math.max('],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/\.some\(/g, '.every('],
  [/\.every\(/g, '.some('],
  [/ \+= /g, ' -= '],
  [/\bcontinue;/g, ''],
  [/(?<=[( =])!(?=[\w(#])/g, ''],
];

/** Lines on which nothing runs. */
const silent = /^\s*(\/\/|\/?\*|import |export type |readonly |type |interface )|: (true|false)\b.*;$/;

/** Every mutant of these folders and files, in the order of files and lines. Lines that a file has twice are left out. */
export function mutantsIn(places: readonly string[]): Mutant[] {
  return places.flatMap((place) => filesIn(place).flatMap(mutantsOf));
}

function filesIn(place: string): string[] {
  if (place.endsWith('.ts')) return [place];
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return files.map((path) => join(place, path)).sort();
}

function mutantsOf(file: string): Mutant[] {
  const text = readFileSync(file, 'utf8');
  return text.split('\n').flatMap((find) => {
    if (find.trim().length < 6 || silent.test(find) || text.split(find).length !== 2) return [];
    return brokenForms(find).map((replace) => ({ file, find, replace }));
  });
}

function brokenForms(line: string): string[] {
  const inWords = wordsOf(line);
  return operators.flatMap(([from, to]) =>
    [...line.matchAll(from)]
      .filter(({ index }) => !inWords.some(([start, end]) => index >= start && index < end))
      .map(({ 0: found, index }) => line.slice(0, index) + to + line.slice(index + found.length)),
  );
}

/** Where a line's quoted text is: what people read is not broken here. */
function wordsOf(line: string): (readonly [start: number, end: number])[] {
  const code = line.indexOf(' // ');
  const quotes = [...line.matchAll(/'[^']*'|"[^"]*"|`(?:[^`$]|\$(?!\{))*`/g)];
  const words = quotes.map(({ 0: text, index }) => [index, index + text.length] as const);
  return code < 0 ? words : [...words, [code, line.length]];
}
