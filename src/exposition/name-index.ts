import { nameClassBits, nameClassOf } from './bytes.ts';

/** What an edge leads to: nothing, the branch with this number, or the name with the number `~edge`. */
const NOTHING = 0;
const headerBytes = 12;
/** The offset, and two bytes for each edge. */
const branchBytes = 4 + (2 << nameClassBits);
/** Edges of two bytes tell no more names apart. */
const mostNumbers = 32_000;

/**
 * Finds which of a fixed set of names a line begins with. A trie that looks only at the bytes in which the names differ,
 * so that a line is refused after a few of them, and compares the one name that is left in full.
 */
export class NameIndex {
  readonly #names: readonly string[];
  /** Name classes of each name. */
  readonly #classes: readonly Uint8Array[];
  /** By branch: the offset of the byte that decides there. Branch 0 is no branch. */
  readonly #offsets: number[] = [0];
  /** By branch and name class of that byte. Class 0 stands for the end of a name. */
  readonly #edges: Int32Array;
  readonly #root: number;
  /** As a scan reads it; made when it is first needed. */
  #written: Uint8Array | undefined;

  /** Takes canonical names without repeats. One that needs quotes is never found. */
  constructor(names: Iterable<string>) {
    this.#names = [...names].filter((name) => name !== '' && !classesOf(name).includes(0));
    this.#classes = this.#names.map(classesOf);
    // Every branch parts its names, so there are fewer of them than names.
    this.#edges = new Int32Array((this.#names.length + 1) << nameClassBits);
    this.#root = this.#branch([...this.#names.keys()]);
  }

  /** The name that ends where the name in `bytes[start, end)` ends, or undefined. */
  find(bytes: Uint8Array, start: number, end: number): string | undefined {
    let edge = this.#root;
    while (edge > NOTHING) {
      const at = start + this.#offsets[edge]!;
      const nameClass = at < end ? nameClassOf[bytes[at]!]! : 0;
      edge = this.#edges[(edge << nameClassBits) | nameClass]!;
    }
    if (edge === NOTHING) return undefined;
    return beginsWith(bytes, start, end, this.#classes[~edge]!) ? this.#names[~edge] : undefined;
  }

  /** The name with this number, by which a scan tells what it found. */
  nameAt(number: number): string {
    return this.#names[number]!;
  }

  /**
   * Writes the trie as `scan/wasm/line-scan.ts` reads it: three counts, the branches, where each name is, and its name
   * classes. False where there is no room for it.
   */
  writeTo(target: DataView): boolean {
    this.#written ??= this.#write();
    if (this.#written.length > target.byteLength || this.#names.length > mostNumbers) return false;
    new Uint8Array(target.buffer, target.byteOffset).set(this.#written);
    return true;
  }

  #write(): Uint8Array {
    const namesAt = headerBytes + this.#offsets.length * branchBytes;
    const starts = this.#classes.map((_, at) => namesAt + this.#names.length * 8 + lengthsBefore(this.#classes, at));
    const written = new Uint8Array(namesAt + this.#names.length * 8 + lengthsBefore(this.#classes, this.#names.length));
    const view = new DataView(written.buffer);
    view.setInt32(0, this.#root, true);
    view.setInt32(4, this.#offsets.length, true);
    view.setInt32(8, this.#names.length, true);
    this.#offsets.forEach((offset, branch) => {
      const at = headerBytes + branch * branchBytes;
      view.setInt32(at, offset, true);
      for (let edge = 0; edge < 1 << nameClassBits; edge++)
        view.setInt16(at + 4 + edge * 2, this.#edges[(branch << nameClassBits) | edge]!, true);
    });
    this.#classes.forEach((classes, name) => {
      view.setInt32(namesAt + name * 8, starts[name]!, true);
      view.setInt32(namesAt + name * 8 + 4, classes.length, true);
      written.set(classes, starts[name]!);
    });
    return written;
  }

  #branch(members: readonly number[]): number {
    if (members.length === 0) return NOTHING;
    if (members.length === 1) return ~members[0]!;
    const classAt = (member: number, offset: number) => this.#classes[member]![offset] ?? 0;
    let offset = 0;
    while (members.every((member) => classAt(member, offset) === classAt(members[0]!, offset))) offset++;
    const branch = this.#offsets.push(offset) - 1;
    for (const [nameClass, group] of Map.groupBy(members, (member) => classAt(member, offset)))
      this.#edges[(branch << nameClassBits) | nameClass] = this.#branch(group);
    return branch;
  }
}

function lengthsBefore(classes: readonly Uint8Array[], end: number): number {
  let total = 0;
  for (let at = 0; at < end; at++) total += classes[at]!.length;
  return total;
}

/** Backwards, for names that differ at all differ at the end. */
function beginsWith(bytes: Uint8Array, start: number, end: number, classes: Uint8Array): boolean {
  const nameEnd = start + classes.length;
  if (nameEnd > end || (nameEnd < end && nameClassOf[bytes[nameEnd]!] !== 0)) return false;
  for (let at = nameEnd - 1; at >= start; at--) if (nameClassOf[bytes[at]!] !== classes[at - start]) return false;
  return true;
}

function classesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => nameClassOf[character.charCodeAt(0)] ?? 0);
}
