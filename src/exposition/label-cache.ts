import { BACKSLASH, CLOSE_BRACE, QUOTE } from './bytes.ts';
import type { LabelLimits, LabelSet } from './label-set.ts';
import { readLabelSet } from './label-set.ts';
import type { LineCursor } from './line-cursor.ts';

const usualSlots = 512;
const maxKeyBytes = 1024;
/** Each label costs far more than its bytes once it is read. */
const maxLabels = 16;

interface Entry {
  readonly limits: LabelLimits;
  readonly printed: Uint8Array;
  readonly set: LabelSet;
  readonly slot: number;
  /** The slot of the set that followed this one last time: the first guess when this one was just read. */
  followedBy: number;
}

/**
 * Remembers label sets by the bytes they were printed with: replicas print the same ones second after second. Each set
 * has at most 1 KiB and 16 labels, some 4 KiB of memory; one whose place is taken by another is read anew.
 */
export class LabelCache {
  readonly #entries: (Entry | undefined)[];
  #last: { followedBy: number } = { followedBy: 0 };

  /** `slots`: how many sets are remembered at most, a power of two. */
  constructor(slots = usualSlots) {
    this.#entries = Array<undefined>(slots).fill(undefined);
  }

  /** The same as `readLabelSet`. */
  read(cursor: LineCursor, limits: LabelLimits): LabelSet | undefined {
    const guess = this.#entries[this.#last.followedBy];
    const entry = guess !== undefined && isAt(guess, cursor, limits) ? guess : this.#find(cursor, limits);
    if (entry === undefined) return readLabelSet(cursor, limits);
    this.#last.followedBy = entry.slot;
    this.#last = entry;
    cursor.at += entry.printed.length;
    return entry.set;
  }

  /** Undefined for what is too long to be remembered, or broken: that is for the caller to read, and to complain about. */
  #find(cursor: LineCursor, limits: LabelLimits): Entry | undefined {
    const { bytes, at: start } = cursor;
    const end = endOfSet(bytes, start, cursor.end);
    if (end < 0 || end - start > maxKeyBytes) return undefined;
    const slot = hashOf(bytes, start, end) & (this.#entries.length - 1);
    const known = this.#entries[slot];
    if (known !== undefined && isAt(known, cursor, limits)) return known;
    const set = readLabelSet(cursor, limits);
    cursor.at = start;
    if (set === undefined || Object.keys(set.labels).length > maxLabels) return undefined;
    // Copied: the chunk belongs to whoever read it from the network.
    const entry: Entry = { limits, printed: new Uint8Array(bytes.subarray(start, end)), set, slot, followedBy: slot };
    this.#entries[slot] = entry;
    return entry;
  }
}

/** Behind the first `}` outside quotes, or -1. */
function endOfSet(bytes: Uint8Array, start: number, end: number): number {
  let inQuotes = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) inQuotes = !inQuotes;
    else if (byte === BACKSLASH && inQuotes) at++;
    else if (byte === CLOSE_BRACE && !inQuotes) return at + 1;
  }
  return -1;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return hash ^ (hash >>> 16);
}

/** True when the cursor stands before the very bytes of this entry. Its last byte closes the set, so nothing is left over. */
function isAt({ limits, printed }: Entry, cursor: LineCursor, wantedLimits: LabelLimits): boolean {
  const { bytes, at } = cursor;
  if (limits !== wantedLimits || cursor.end - at < printed.length) return false;
  for (let index = 0; index < printed.length; index++) if (printed[index] !== bytes[at + index]) return false;
  return true;
}
