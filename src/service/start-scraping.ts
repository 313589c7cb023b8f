import type { Settings } from '../config/settings/settings.ts';
import type { ScrapeAccess } from '../readings/scrape-host.ts';
import { ScrapeHost } from '../readings/scrape-host.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Telemetry } from '../telemetry/telemetry-events.ts';
import { followAccessFiles } from './access-files.ts';
import { ownNetworks } from './own-networks.ts';
import { scrapeEvents } from './scrape-events.ts';

interface Surroundings {
  readonly telemetry: Telemetry;
  readonly logger: Logger;
  readonly endings: AsyncDisposableStack;
}

/** Starts the scrape thread, and follows the files of what it may show. */
export async function startScraping(
  settings: Settings,
  access: ScrapeAccess,
  { telemetry, logger, endings }: Surroundings,
): Promise<ScrapeHost> {
  const { endpointAllowCidrs: allowCidrs, maxBodyBytes, maxConcurrentScrapes: maxConcurrent } = settings;
  const bounds = { allowCidrs, denyCidrs: ownNetworks(process.env), maxBodyBytes, maxConcurrent };
  const scraping = await ScrapeHost.start(bounds, scrapeEvents(telemetry), access);
  endings.defer(() => scraping.close());
  if (access.rules.length > 0) endings.defer(followAccessFiles(access, scraping, telemetry.credentials));
  for (const [at, { insecureSkipVerify }] of access.rules.entries()) {
    if (insecureSkipVerify) logger.named('credentials').warn(unverified, { rule: at + 1 });
  }
  return scraping;
}

const unverified = 'certificates are not verified where this rule fits: whoever is in between reads what is sent';
