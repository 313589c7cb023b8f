import type { PageReading } from '../presets/reading/page-reader.ts';
import type { ScrapeOutcome } from '../scrape/scrape-outcome.ts';

/** A reading, or why there is none: what one interest is told after one scrape. */
export type Told =
  | Extract<PageReading, { ok: true }>
  | { readonly ok: false; readonly failure: string; readonly message: string };

/** What came of one URL. */
export interface Tried {
  readonly url: string;
  readonly told: Told;
  readonly outcome: ScrapeOutcome;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Failures that say little, least first. Any other says more: something answered there. */
const tellingLittle = ['unreachable', 'not-found', 'timeout'];

/** Of the URLs tried in one pass, the one to tell people about: a page that was read, else the most telling failure. */
export function mostTelling(before: Tried | undefined, now: Tried): Tried {
  if (before === undefined || now.told.ok) return now;
  return weight(now.told) > weight(before.told) ? now : before;
}

function weight(told: Told): number {
  if (told.ok) return tellingLittle.length + 1;
  const place = tellingLittle.indexOf(told.failure);
  return place < 0 ? tellingLittle.length : place;
}
