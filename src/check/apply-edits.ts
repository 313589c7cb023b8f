import type { Finding } from './finding.ts';

/** A text with the safe changes written, and how many there were. */
export interface Mended {
  readonly text: string;
  readonly edits: number;
}

/**
 * Writes the safe changes of a file's findings. Where two touch the same place the first one counts; the other is found
 * again by the next check. Everything else of the text, comments and spaces included, stays as it is.
 */
export function applyEdits(text: string, findings: readonly Finding[]): Mended {
  const all = findings.flatMap(({ edits }) => edits).sort((one, other) => one.start - other.start);
  let mended = '';
  let at = 0;
  let edits = 0;
  for (const { start, end, text: replacement } of all) {
    if (start < at) continue;
    mended += text.slice(at, start) + replacement;
    at = end;
    edits += 1;
  }
  return { text: mended + text.slice(at), edits };
}
