import type { Page, PageOutcome } from '../../src/exposition/page.ts';
import { PageParser } from '../../src/exposition/page-parser.ts';
import type { WantedNames } from '../../src/exposition/wanted-names.ts';
import { everyName } from '../../src/exposition/wanted-names.ts';

const text = 'text/plain; version=0.0.4; charset=utf-8';

/** Parses a page as a scrape would. */
export function parsePage(body: string | Uint8Array, contentType = text, wanted: WantedNames = everyName): PageOutcome {
  const parser = new PageParser(wanted, contentType);
  parser.push(typeof body === 'string' ? Buffer.from(body) : body);
  return parser.end();
}

/** The page of a text body, every name wanted. Fails where the text is no page. */
export function pageOf(body: string, wanted: WantedNames = everyName): Page {
  return whole(parsePage(body, text, wanted));
}

/** The page of a JSON body. */
export function jsonPage(value: unknown): Page {
  return whole(parsePage(JSON.stringify(value), 'application/json'));
}

function whole(outcome: PageOutcome): Page {
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.page;
}
