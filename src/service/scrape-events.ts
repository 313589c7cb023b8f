import type { ScrapeHostEvents } from '../readings/scrape-host.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Telemetry } from '../telemetry/telemetry-events.ts';

/** What the scrape thread tells, as counts and, where it matters, as a line. */
export function scrapeEvents(telemetry: Telemetry, logger: Logger): ScrapeHostEvents {
  const log = logger.named('scrape');
  let skippedBefore = 0;
  return {
    scraped(reading, durationMs) {
      const bodyBytes = reading.ok ? reading.bodyBytes : 0;
      telemetry.scrape.scrapeFinished(reading.ok ? 'ok' : reading.failure, durationMs / 1000, bodyBytes);
      if (!reading.ok && reading.failure === 'denied-by-policy') {
        telemetry.policy.policyDenied(ruleIn(reading.detail));
      }
    },
    countersArrived({ skipped }) {
      const since = skipped < skippedBefore ? skipped : skipped - skippedBefore;
      for (let start = 0; start < since; start++) telemetry.scrape.scrapeStartSkipped();
      skippedBefore = skipped;
    },
    threadDied: (error) => log.error('scrape thread died and is started again', { error: String(error) }),
  };
}

/** The address policy's word for why, which failures carry in brackets. */
function ruleIn(detail: string): string {
  return /\(([a-z-]+)\)/.exec(detail)?.[1] ?? 'not-a-page-url';
}
