import type { ScrapeHostEvents } from '../readings/scrape-host.ts';
import type { Telemetry } from '../telemetry/telemetry-events.ts';

/** What the scrape thread tells, as counts and, where it matters, as a line. */
export function scrapeEvents(telemetry: Telemetry): ScrapeHostEvents {
  let skippedBefore = 0;
  return {
    scraped(reading, durationMs) {
      const bodyBytes = reading.ok ? reading.bodyBytes : 0;
      telemetry.scrape.scrapeFinished(reading.ok ? 'ok' : reading.failure, durationMs / 1000, bodyBytes);
      if (!reading.ok && reading.failure === 'denied-by-policy') {
        telemetry.policy.policyDenied(reading.rule ?? 'not-a-page-url');
      }
    },
    countersArrived({ skipped }) {
      const since = skipped < skippedBefore ? skipped : skipped - skippedBefore;
      telemetry.scrape.scrapeStartsSkipped(since);
      skippedBefore = skipped;
    },
    pageFailed: ({ url, error }) => telemetry.scrape.pageFailed(url, error),
    threadDied: (error) => telemetry.scrape.threadDied(error),
  };
}
