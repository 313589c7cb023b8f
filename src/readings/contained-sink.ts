import type { ScrapeOutcome } from '../scrape/scrape-outcome.ts';
import type { Recognition, ScrapeSink, ScrapeTiming } from '../scrape/scrape-target.ts';
import type { ReadingMark } from './reading-mark.ts';

/** Whose page a sink takes, and what to do where reading it throws. */
export interface Containment {
  readonly targetId: number;
  readonly mark: ReadingMark;
  /** The page is over; whoever wanted it is to be told. Must not throw. */
  failed(error: unknown, timing: ScrapeTiming): void;
}

/**
 * The same sink, which never throws: a fault of ours in reading one page ends that page, not the thread that reads
 * everybody's. The rest of such a page is ignored.
 */
export function contained(sink: ScrapeSink, { targetId, mark, failed }: Containment): ScrapeSink {
  let fault: { readonly error: unknown } | undefined;
  const attempt = <Result>(work: () => Result): Result | undefined => {
    if (fault !== undefined) return undefined;
    try {
      return mark.during(targetId, work);
    } catch (error) {
      mark.clear();
      fault = { error };
      return undefined;
    }
  };
  return {
    start: (contentType) => attempt(() => sink.start(contentType)),
    chunk: (bytes) => attempt(() => sink.chunk(bytes)),
    finish(outcome: ScrapeOutcome, timing: ScrapeTiming): Recognition {
      const recognition = attempt(() => sink.finish(outcome, timing));
      if (fault !== undefined) failed(fault.error, timing);
      return recognition ?? 'unrecognised';
    },
  };
}
