/**
 * The name that somebody who wrote `word` most likely meant, or `undefined` when none is near. Case, dashes and
 * underscores don't count; otherwise about one letter in four may be wrong, missing, too many or swapped.
 */
export function nearestName(word: string, names: Iterable<string>): string | undefined {
  const plainWord = plain(word);
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const plainName = plain(name);
    const allowed = Math.floor((Math.max(plainWord.length, plainName.length) + 1) / 4);
    if (Math.abs(plainWord.length - plainName.length) > allowed) continue;
    const edits = editDistance(plainWord, plainName);
    if (edits <= allowed && edits < fewest) {
      nearest = name;
      fewest = edits;
    }
  }
  return nearest;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other (optimal alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_unused, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const replaced = last[column - 1]! + (isSame ? 0 : 1);
      const swapped = isSwap ? beforeLast[column - 2]! + 1 : replaced;
      current.push(Math.min(replaced, swapped, last[column]! + 1, current[column - 1]! + 1));
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}
