import { nameClassBits, nameClassOf } from './bytes.ts';

/** Builds a trie over the bytes of names, as one flat table of `nodes << nameClassBits` edges. Node 0 is its root. */
export class NameTrieBuilder {
  nodes = 1;
  readonly #edges = new Map<number, number>();

  /** The node where the name ends, or 0 where a byte of it can only stand in quotes. */
  insert(name: string): number {
    const classes = Array.from(name, (character) => nameClassOf[character.charCodeAt(0)] ?? 0);
    if (classes.includes(0)) return 0;
    return classes.reduce((node, nameClass) => this.#child((node << nameClassBits) | nameClass), 0);
  }

  table(): Int32Array {
    const table = new Int32Array(this.nodes << nameClassBits);
    for (const [edge, node] of this.#edges) table[edge] = node;
    return table;
  }

  #child(edge: number): number {
    const known = this.#edges.get(edge);
    if (known !== undefined) return known;
    const node = this.nodes++;
    this.#edges.set(edge, node);
    return node;
  }
}
