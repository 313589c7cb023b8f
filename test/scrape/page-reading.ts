import type { PageAccess } from '../../src/scrape/http/page-access.ts';
import type { PageConnection } from '../../src/scrape/page-client.ts';
import type { BodySink, ScrapeOutcome } from '../../src/scrape/scrape-outcome.ts';

export interface Reading {
  readonly outcome: Promise<ScrapeOutcome>;
  /** What the sink was given, copied. */
  readonly started: string[];
  readonly chunks: Buffer[];
  body(): string;
  /** Resolves once the sink has been given `count` chunks. */
  chunked(count: number): Promise<void>;
}

interface ReadTerms {
  readonly timeoutMs?: number;
  readonly maxBodyBytes?: number;
  readonly startedAtMs?: number;
  readonly access?: PageAccess;
  readonly onChunk?: (bytes: number) => void;
}

/** Starts reading a page at time 0 of a clock that only `tick` moves. */
export function readPage(connection: PageConnection, url: string, terms: ReadTerms = {}): Reading {
  const { timeoutMs = 800, maxBodyBytes = 1 << 20, startedAtMs = 0, access, onChunk } = terms;
  const started: string[] = [];
  const chunks: Buffer[] = [];
  let looksAgain = () => {};
  const sink: BodySink = {
    start: (contentType) => {
      started.push(contentType);
    },
    chunk: (bytes) => {
      chunks.push(Buffer.from(bytes));
      onChunk?.(bytes.length);
      looksAgain();
    },
  };
  const outcome = new Promise<ScrapeOutcome>((done) => {
    connection.read({ url, access, startedAtMs, timeoutMs, maxBodyBytes, sink, done });
  });
  const chunked = (count: number) =>
    new Promise<void>((resolve) => {
      looksAgain = () => {
        if (chunks.length >= count) resolve();
      };
      looksAgain();
    });
  return { outcome, started, chunks, chunked, body: () => Buffer.concat(chunks).toString() };
}

/** `detail` of a failed outcome, empty for a good one. */
export function detailOf(outcome: ScrapeOutcome): string {
  return outcome.ok ? '' : outcome.detail;
}

/** The failure's name, or `ok`. */
export function nameOf(outcome: ScrapeOutcome): string {
  return outcome.ok ? 'ok' : outcome.failure;
}
