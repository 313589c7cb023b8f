const maxNames = 3;
const maxLength = 120;

/** Of the names on a page the few that are most like the wanted one, the nearest first. */
export function nearNames(wanted: string, names: Iterable<string>): readonly string[] {
  const distances: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(names)) {
    if (name.length > maxLength) continue;
    const distance = editDistance(wanted.slice(0, maxLength), name);
    if (distance <= Math.max(2, wanted.length / 3) || name.includes(wanted)) distances.push({ name, distance });
  }
  return distances
    .sort((one, other) => one.distance - other.distance)
    .slice(0, maxNames)
    .map(({ name }) => name);
}

/** Characters to insert, drop or replace to make one text of the other. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let index = 1; index <= one.length; index++) {
    const next = [index];
    for (let column = 1; column <= other.length; column++) {
      const replaced = row[column - 1]! + (one[index - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
