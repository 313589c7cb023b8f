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
      readonly isKnownPage?: true;
    };

/** What came of one URL. */
export interface TriedUrl {
  readonly url: string;
  readonly read: InterestOutcome;
  /** Whether it is the path that is tried first. */
  readonly isUsualPath: boolean;
  /** 0 where no page came. */
  readonly bodyBytes: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** For how long its server is left alone then, beyond the interval. */
  readonly restMs: number;
}

/**
 * Failures by what they tell of the page that was looked for, least first: nothing listens, nobody answers, nothing is there, what is
 * there is another place's or another program's, something is there and says no.
 */
const byWeight: readonly ReadingFailure[] = [
  'refused',
  'unreachable',
  'not-found',
  'redirect',
  'http-status',
  'html',
  'empty',
  'malformed-response',
  'malformed',
  'truncated',
  'unsupported-format',
  'body-too-large',
  'too-many-samples',
  'wrong-engine',
  'denied-by-policy',
  'unauthorized',
];
const heaviest = byWeight.length;

/** Of the URLs tried in one pass, the one to tell people about: a page that was read, else the most telling failure. */
export function mostInformative(before: TriedUrl | undefined, now: TriedUrl): TriedUrl {
  if (before === undefined || now.read.ok) return now;
  return weight(now) > weight(before) ? now : before;
}

/** A known page in the wrong role tells all; a server that is too slow on the usual path is most likely the one meant. */
function weight({ read, isUsualPath }: TriedUrl): number {
  if (read.ok) return heaviest + 3;
  if (read.isKnownPage === true) return heaviest + 2;
  if (read.failure === 'timeout') return isUsualPath ? heaviest + 1 : byWeight.indexOf('not-found') + 0.5;
  const place = byWeight.indexOf(read.failure);
  return place < 0 ? heaviest : place;
}
