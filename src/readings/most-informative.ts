import type { ReadingFailure } from '../aggregation/reading.ts';
import type { PageReading } from '../presets/reading/page-reader.ts';

/** A reading, or why there is none: what one interest is told after one scrape. */
export type InterestOutcome =
  | Extract<PageReading, { ok: true }>
  | {
      readonly ok: false;
      readonly failure: ReadingFailure;
      readonly message: string;
      readonly rule?: string | undefined;
    };

/** What came of one URL. */
export interface TriedUrl {
  readonly url: string;
  readonly read: InterestOutcome;
  /** 0 where no page came. */
  readonly bodyBytes: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Failures that say little, least first. Any other says more: something answered there. */
const tellingLittle: readonly ReadingFailure[] = ['unreachable', 'not-found', 'timeout'];

/** Of the URLs tried in one pass, the one to tell people about: a page that was read, else the most telling failure. */
export function mostInformative(before: TriedUrl | undefined, now: TriedUrl): TriedUrl {
  if (before === undefined || now.read.ok) return now;
  return weight(now.read) > weight(before.read) ? now : before;
}

function weight(told: InterestOutcome): number {
  if (told.ok) return tellingLittle.length + 1;
  const place = tellingLittle.indexOf(told.failure);
  return place < 0 ? tellingLittle.length : place;
}
