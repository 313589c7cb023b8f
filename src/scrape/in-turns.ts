/**
 * Reorders a list so that groups take turns: first one of each, then a second of each, and so on. `inHand` says how
 * many a group has already; it is passed over for as many turns. Inside a group, and among those of one turn, the
 * order is kept.
 */
export function inTurns<Item, Group>(
  items: readonly Item[],
  groupOf: (item: Item) => Group,
  inHand: (group: Group) => number = () => 0,
): Item[] {
  const turns = new Map<Group, number>();
  const ranked = items.map((item) => {
    const group = groupOf(item);
    const turn = turns.get(group) ?? inHand(group);
    turns.set(group, turn + 1);
    return { item, turn };
  });
  if (turns.size <= 1) return [...items];
  return ranked.sort((a, b) => a.turn - b.turn).map(({ item }) => item);
}
