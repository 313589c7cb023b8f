import type { Page, PageOutcome } from '../../src/exposition/page.ts';
import type { PageLimits } from '../../src/exposition/page-parser.ts';
import { defaultPageLimits, PageParser } from '../../src/exposition/page-parser.ts';
import type { WantedNames } from '../../src/exposition/wanted-names.ts';
import { everyName } from '../../src/exposition/wanted-names.ts';

export interface Reading {
  readonly wanted?: WantedNames;
  readonly contentType?: string;
  readonly limits?: Partial<PageLimits>;
  readonly chunkBytes?: number;
}

export const text = 'text/plain; version=0.0.4; charset=utf-8';
export const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Reads a whole body; the chunks are overwritten after each call, for the parser may not keep them. */
export function readPage(body: string | Uint8Array, reading: Reading = {}): PageOutcome {
  const { wanted = everyName, contentType = text, limits = {}, chunkBytes = Number.MAX_SAFE_INTEGER } = reading;
  const bytes = Buffer.from(body);
  const parser = new PageParser(wanted, contentType, { ...defaultPageLimits, ...limits });
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = new Uint8Array(bytes.subarray(at, at + chunkBytes));
    parser.push(chunk);
    chunk.fill(0x21);
  }
  return parser.end();
}

export function goodPage(body: string | Uint8Array, reading: Reading = {}): Page {
  const outcome = readPage(body, reading);
  if (!outcome.ok) throw new Error(`${outcome.failure}: ${outcome.message} (line ${outcome.line})`);
  return outcome.page;
}
