import { BACKSLASH, CLOSE_BRACE, QUOTE } from './bytes.ts';
import type { LabelLimits, LabelSet } from './label-set.ts';
import { readLabelSet } from './label-set.ts';
import type { LineCursor } from './line-cursor.ts';

const slots = 512;
const maxKeyBytes = 1024;

interface Entry {
  readonly limits: LabelLimits;
  readonly printed: Uint8Array;
  readonly set: LabelSet;
}

/**
 * Remembers label sets by the bytes they were printed with: replicas print the same ones second after second. At most
 * 512 sets of 1 KiB; a set whose place is taken by another is read anew.
 */
export class LabelCache {
  readonly #entries: (Entry | undefined)[] = Array<undefined>(slots).fill(undefined);

  /** The same as `readLabelSet`. */
  read(cursor: LineCursor, limits: LabelLimits): LabelSet | undefined {
    const { bytes, at: start } = cursor;
    const end = endOfSet(bytes, start, cursor.end);
    if (end < 0 || end - start > maxKeyBytes) return readLabelSet(cursor, limits);
    const slot = slotOf(bytes, start, end);
    const known = this.#entries[slot];
    if (known !== undefined && known.limits === limits && same(known.printed, bytes, start, end)) {
      cursor.at = end;
      return known.set;
    }
    const set = readLabelSet(cursor, limits);
    // Copied: the chunk belongs to whoever read it from the network.
    if (set !== undefined) this.#entries[slot] = { limits, printed: bytes.slice(start, cursor.at), set };
    return set;
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

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return (hash ^ (hash >>> 16)) & (slots - 1);
}

function same(printed: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (printed.length !== end - start) return false;
  for (let index = 0; index < printed.length; index++) if (printed[index] !== bytes[start + index]) return false;
  return true;
}
