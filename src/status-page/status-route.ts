import type { AdminPage, Asked } from '../admin/admin-page.ts';
import { textPage } from '../admin/admin-page.ts';
import type { AdminRoute } from '../admin/admin-route.ts';
import type { Statuses } from '../triggers/statuses.ts';
import type { RecordedTraffic } from '../triggers/traffic-recording.ts';
import { prefersHtml } from './accept.ts';
import type { PageContext } from './document.ts';
import { renderNotFound } from './not-found.ts';
import { renderObjectPage } from './object-page.ts';
import { renderOverview } from './overview.ts';
import { parseStatusQuery } from './query.ts';
import type { ObjectName, ProcessStatus } from './status-text.ts';
import { nearestObjects, renderScaledObject, renderStatus, renderUnknown } from './status-text.ts';
import { contentSecurityPolicy } from './style.ts';

/** What the pages are made of. */
export interface StatusSource {
  /** Every trigger and every refusal now. */
  readonly status: () => Statuses;
  readonly version: string;
  /** What was recorded of a ScaledObject's traffic; `undefined`: nothing. */
  readonly recording?: (namespace: string, name: string) => RecordedTraffic | undefined;
}

const statusPath = '/status';

/** The status of all triggers, for people or for tools: as `format` says, else as `Accept` does. */
export function statusRoute({ status, version, recording }: StatusSource): AdminRoute {
  return {
    path: statusPath,
    hasBelow: true,
    listed: [
      [statusPath, 'every trigger: its number and why, as a page in a browser, else as JSON'],
      [`${statusPath}/NAMESPACE/NAME`, 'the triggers of one ScaledObject'],
      [`${statusPath}/NAMESPACE/NAME/recording`, 'its traffic of the last hours, for `simulate --recording`'],
    ],
    answer: (asked, { ready, why, uptimeSeconds }) =>
      recordingPage(asked.path, recording) ?? statusPage(asked, { version, uptimeSeconds, ready, why }, status),
  };
}

/** Says to whoever looks for the status here that it is on another address, `host:port`. */
export function statusElsewhere(address: string): AdminRoute {
  const words = `the status is not served on this address, but on ${address}`;
  return { path: statusPath, hasBelow: true, listed: [], answer: () => textPage(404, words) };
}

function statusPage({ url, path, accept }: Asked, process: ProcessStatus, status: () => Statuses): AdminPage {
  const query = parseStatusQuery(url);
  if (query.format !== undefined && query.format !== 'html' && query.format !== 'json') {
    return plain(400, 'expected format=html or format=json\n');
  }
  const isHtml = query.format === undefined ? prefersHtml(accept) : query.format === 'html';
  const segments = path.split('/').slice(2);
  const context = { process, query, root: '../'.repeat(segments.length), madeAt: new Date() };
  if (segments.length === 0 || path === `${statusPath}/`) {
    return isHtml ? htmlPage(200, renderOverview(status(), context)) : jsonPage(200, renderStatus(process, status()));
  }
  const [namespace, name, ...more] = segments.map(decoded);
  if (!namespace || !name || more.length > 0) return plain(404, 'expected /status/NAMESPACE/NAME\n');
  return isHtml ? objectHtml(status(), { namespace, name }, context) : objectJson(status(), { namespace, name });
}

/** What was recorded; `undefined` where another page is asked for. */
function recordingPage(path: string, recording: StatusSource['recording']): AdminPage | undefined {
  const [namespace, name, last, ...more] = path.split('/').slice(2).map(decoded);
  if (!namespace || !name || last !== 'recording' || more.length > 0) return undefined;
  const traffic = recording?.(namespace, name);
  if (traffic !== undefined) return jsonPage(200, `${JSON.stringify({ namespace, scaledObject: name, ...traffic })}\n`);
  return plain(404, 'nothing is recorded of it: KEDA has not asked about it, or --recording-span is 0\n');
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

function plain(code: number, words: string): AdminPage {
  return { ...textPage(code, words), headers: varies };
}
