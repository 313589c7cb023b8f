import type { Statuses } from '../triggers/statuses.ts';
import type { AdminPage, Asked } from './page.ts';
import type { StatusRequest } from './status-route.ts';
import { statusPage } from './status-route.ts';

/** What the pages are made of. What is left out is served on another address. */
export interface AdminSources {
  /** Our own metrics page; with it the probes are served. */
  readonly renderMetrics?: (() => Promise<{ readonly contentType: string; readonly body: string }>) | undefined;
  /** Every trigger and every refusal now. */
  readonly status?: (() => Statuses) | undefined;
  /** Where the status is if not here, as `host:port`. */
  readonly statusAddress?: string | undefined;
  readonly version: string;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, in words. */
  readonly why: string | undefined;
  readonly uptimeSeconds: number;
}

const longestPath = 1024;
const plain = 'text/plain; charset=utf-8';

const probePages = `/livez                       the process runs
/readyz                      KEDA may be sent here
/metrics                     metrics of this process, for Prometheus
`;
const statusPages = `/status                      every trigger: its number and why, as a page in a browser, else as JSON
/status/NAMESPACE/NAME       the triggers of one ScaledObject
`;

/** The page that is asked for. Never throws for what somebody may ask. */
export async function pageAt(asked: Asked, sources: AdminSources, readiness: Readiness): Promise<AdminPage> {
  const path = asked.url.split(/[?#]/, 1)[0]!;
  if (path.length > longestPath) return text(414, `expected a path of at most ${longestPath} characters`);
  if (path === '/status' || path.startsWith('/status/')) return statusAt({ ...asked, path }, sources, readiness);
  if (path === '/') return text(200, `${sources.renderMetrics ? probePages : ''}${sources.status ? statusPages : ''}`);
  return probePage(path, sources, readiness);
}

async function probePage(path: string, { renderMetrics }: AdminSources, readiness: Readiness): Promise<AdminPage> {
  if (renderMetrics === undefined) return text(404, 'no such page on this address; / lists them');
  switch (path) {
    case '/livez':
      return text(200, 'ok');
    case '/readyz':
      return readiness.ready ? text(200, 'ready') : text(503, `not ready: ${readiness.why}`);
    case '/metrics': {
      const { contentType, body } = await renderMetrics();
      return { code: 200, contentType, body };
    }
    default:
      return text(404, 'no such page; / lists them');
  }
}

function statusAt(
  asked: StatusRequest,
  { status, statusAddress, version }: AdminSources,
  readiness: Readiness,
): AdminPage {
  if (status === undefined) {
    const where = statusAddress === undefined ? '' : `, but on ${statusAddress}`;
    return text(404, `the status is not served on this address${where}`);
  }
  const { ready, why, uptimeSeconds } = readiness;
  return statusPage(asked, { version, uptimeSeconds, ready, why }, status);
}

function text(code: number, words: string): AdminPage {
  return { code, contentType: plain, body: words.endsWith('\n') ? words : `${words}\n` };
}
