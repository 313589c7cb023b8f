import type { Statuses } from '../triggers/statuses.ts';
import { prefersHtml } from './accept.ts';
import type { AdminPage, Asked } from './page.ts';
import type { PageContext } from './status-page/document.ts';
import { renderNotFound } from './status-page/not-found.ts';
import { renderObjectPage } from './status-page/object-page.ts';
import { renderOverview } from './status-page/overview.ts';
import { parseStatusQuery } from './status-page/query.ts';
import { contentSecurityPolicy } from './status-page/style.ts';
import type { ObjectName, ProcessStatus } from './status-text.ts';
import { nearestObjects, renderScaledObject, renderStatus, renderUnknown } from './status-text.ts';

export interface StatusRequest extends Asked {
  /** `/status` or what lies below it. */
  readonly path: string;
}

/** A status page, for people or for tools: as `format` says, else as `Accept` does. */
export function statusPage(asked: StatusRequest, process: ProcessStatus, status: () => Statuses): AdminPage {
  const { url, path, accept } = asked;
  const query = parseStatusQuery(url);
  if (query.format !== undefined && query.format !== 'html' && query.format !== 'json') {
    return plain(400, 'expected format=html or format=json\n');
  }
  const isHtml = query.format === undefined ? prefersHtml(accept) : query.format === 'html';
  const segments = path.split('/').slice(2);
  const context = { process, query, root: '../'.repeat(segments.length), madeAt: new Date() };
  if (segments.length === 0 || path === '/status/') {
    return isHtml ? htmlPage(200, renderOverview(status(), context)) : jsonPage(200, renderStatus(process, status()));
  }
  const [namespace, name, ...more] = segments.map(decoded);
  if (!namespace || !name || more.length > 0) return plain(404, 'expected /status/NAMESPACE/NAME\n');
  return isHtml ? objectHtml(status(), { namespace, name }, context) : objectJson(status(), { namespace, name });
}

function objectHtml(all: Statuses, asked: ObjectName, context: PageContext): AdminPage {
  const own = ownOf(all, asked);
  if (own.triggers.length + own.refused.length > 0) return htmlPage(200, renderObjectPage(asked, own, context));
  return htmlPage(404, renderNotFound(asked, nearestObjects(all.triggers, asked.namespace, asked.name), context));
}

function objectJson(all: Statuses, asked: ObjectName): AdminPage {
  const { triggers } = ownOf(all, asked);
  return triggers.length > 0 ? jsonPage(200, renderScaledObject(triggers)) : jsonPage(404, renderUnknown(asked, all));
}

function ownOf({ triggers, refused }: Statuses, { namespace, name }: ObjectName): Statuses {
  const isOwn = (one: { namespace: string; scaledObject: string }): boolean =>
    one.namespace === namespace && one.scaledObject === name;
  return { triggers: triggers.filter(isOwn), refused: refused.filter(isOwn) };
}

/** Text that is no percent-encoding stands for itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const varies = { vary: 'Accept' } as const;

function htmlPage(code: number, body: string): AdminPage {
  const headers = { ...varies, 'content-security-policy': contentSecurityPolicy };
  return { code, contentType: 'text/html; charset=utf-8', body, headers };
}

function jsonPage(code: number, body: string): AdminPage {
  return { code, contentType: 'application/json; charset=utf-8', body, headers: varies };
}

function plain(code: number, body: string): AdminPage {
  return { code, contentType: 'text/plain; charset=utf-8', body, headers: varies };
}
