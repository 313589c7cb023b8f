import { escapeUnprintable } from './line-cursor.ts';
import type { PageOutcome } from './page.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
const maxReasonLength = 120;
/** `{"my.name"` and then no colon: a sample line whose name is quoted, not an object. */
const quotedName = /^\{[ \t]*"(?:[^"\\]|\\.)*"[ \t]*[,}]/;

/** True when a body that begins with `{` is metrics text all the same. `head` is its first line, or the start of that. */
export function beginsWithQuotedName(head: string): boolean {
  return quotedName.test(head);
}

/** `linesBefore` blank lines stood before the body's first byte. */
export function parseJsonPage(body: Uint8Array, linesBefore: number): PageOutcome {
  try {
    const json: unknown = JSON.parse(decoder.decode(body));
    return {
      ok: true,
      page: { format: 'json', samples: [], declared: new Map(), sampleLines: 0, declaredFamilies: 0, json },
    };
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'the body is not UTF-8';
    const line = faultyLine(body, reason);
    const message = `expected JSON: ${escapeUnprintable(reason).slice(0, maxReasonLength)}`;
    return { ok: false, failure: 'malformed', ...(line === undefined ? {} : { line: linesBefore + line }), message };
  }
}

/** The engine names the position of most faults, not of all. */
function faultyLine(body: Uint8Array, reason: string): number | undefined {
  const position = /\bat position (\d+)/.exec(reason)?.[1];
  const read = reason.includes('end of JSON') ? undefined : Number(position);
  if (Number.isNaN(read)) return undefined;
  return decoder.decode(body).slice(0, read).split('\n').length;
}
