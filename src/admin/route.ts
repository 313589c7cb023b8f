import type { TriggerStatus } from '../triggers/trigger-status.ts';
import { renderScaledObject, renderStatus, renderUnknown } from './status-text.ts';

/** What the pages are made of. */
export interface AdminSources {
  /** Our own metrics page. */
  renderMetrics(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Every trigger now. Left out where the status is served on another address. */
  readonly status?: (() => readonly TriggerStatus[]) | undefined;
  readonly version: string;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, in words. */
  readonly why: string | undefined;
  readonly uptimeSeconds: number;
}

export interface Page {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

const longestPath = 1024;
const plain = 'text/plain; charset=utf-8';
const jsonType = 'application/json; charset=utf-8';

const index = `/livez                       the process runs
/readyz                      KEDA may be sent here
/metrics                     metrics of this process, for Prometheus
/status                      every trigger: its number and why, as JSON
/status/NAMESPACE/NAME       the triggers of one ScaledObject
`;

/** The page at `url`, the request line's target. Never throws for what somebody may ask. */
export async function pageAt(url: string, sources: AdminSources, readiness: Readiness): Promise<Page> {
  const path = url.split(/[?#]/, 1)[0]!;
  if (path.length > longestPath) return text(414, `expected a path of at most ${longestPath} characters`);
  switch (path) {
    case '/':
      return text(200, index);
    case '/livez':
      return text(200, 'ok');
    case '/readyz':
      return readiness.ready ? text(200, 'ready') : text(503, `not ready: ${readiness.why}`);
    case '/metrics': {
      const { contentType, body } = await sources.renderMetrics();
      return { code: 200, contentType, body };
    }
    default:
      return path === '/status' || path.startsWith('/status/')
        ? statusPage(path, sources, readiness)
        : text(404, 'no such page; / lists them');
  }
}

function statusPage(path: string, { status, version }: AdminSources, readiness: Readiness): Page {
  if (status === undefined) return text(404, 'the status is not served on this address');
  if (path === '/status' || path === '/status/') {
    const { ready, why, uptimeSeconds } = readiness;
    return page(200, renderStatus({ version, uptimeSeconds, ready, why }, status()));
  }
  const [namespace, name, ...more] = path.slice('/status/'.length).split('/').map(decoded);
  if (!namespace || !name || more.length > 0) return text(404, 'expected /status/NAMESPACE/NAME');
  const triggers = status();
  const found = renderScaledObject(triggers, namespace, name);
  return found === undefined ? page(404, renderUnknown(triggers, namespace, name)) : page(200, found);
}

/** Text that is no percent-encoding stands for itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function page(code: number, body: string): Page {
  return { code, contentType: jsonType, body };
}

function text(code: number, words: string): Page {
  return { code, contentType: plain, body: words.endsWith('\n') ? words : `${words}\n` };
}
