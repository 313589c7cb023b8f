import type { TriggerStatus } from '../triggers/trigger-status.ts';
import { prefersHtml } from './accept.ts';
import type { Asked, Page } from './page.ts';
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
export function statusPage(asked: StatusRequest, process: ProcessStatus, status: () => readonly TriggerStatus[]): Page {
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
  const triggers = status();
  return isHtml ? objectHtml(triggers, { namespace, name }, context) : objectJson(triggers, { namespace, name });
}

function objectHtml(triggers: readonly TriggerStatus[], { namespace, name }: ObjectName, context: PageContext): Page {
  const [first, ...others] = triggers.filter((one) => one.namespace === namespace && one.scaledObject === name);
  if (first !== undefined) return htmlPage(200, renderObjectPage([first, ...others], context));
  return htmlPage(404, renderNotFound({ namespace, name }, nearestObjects(triggers, namespace, name), context));
}

function objectJson(triggers: readonly TriggerStatus[], { namespace, name }: ObjectName): Page {
  const found = renderScaledObject(triggers, namespace, name);
  return found === undefined ? jsonPage(404, renderUnknown(triggers, namespace, name)) : jsonPage(200, found);
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

function htmlPage(code: number, body: string): Page {
  const headers = { ...varies, 'content-security-policy': contentSecurityPolicy };
  return { code, contentType: 'text/html; charset=utf-8', body, headers };
}

function jsonPage(code: number, body: string): Page {
  return { code, contentType: 'application/json; charset=utf-8', body, headers: varies };
}

function plain(code: number, body: string): Page {
  return { code, contentType: 'text/plain; charset=utf-8', body, headers: varies };
}
