import type { KubeObject } from './kube-api.ts';
import { KubeFault } from './kube-api.ts';

/** One page of a list. */
export interface ListPage {
  readonly objects: readonly KubeObject[];
  readonly resourceVersion: string;
  /** The token of the next page; `undefined` on the last one. */
  readonly next: string | undefined;
}

export function listPageOf(body: unknown): ListPage {
  const list = body as { metadata?: { resourceVersion?: unknown; continue?: unknown }; items?: unknown } | null;
  const resourceVersion = list?.metadata?.resourceVersion;
  // An empty list may come as null.
  const objects: unknown = list?.items ?? [];
  if (typeof resourceVersion !== 'string' || !Array.isArray(objects) || !objects.every(isKubeObject)) {
    throw new KubeFault('malformed', 'the Kubernetes API did not answer with a list');
  }
  const next = list?.metadata?.continue;
  return { objects, resourceVersion, next: typeof next === 'string' && next !== '' ? next : undefined };
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

const eventTypes: readonly unknown[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

/** Reads one line of a watch. An `ERROR` event is thrown as the fault it reports. */
export function watchEventOf(line: string): WatchEvent {
  const { type, object } = parsed(line);
  if (type === 'ERROR') throw faultOfEvent(object);
  const named = type === 'BOOKMARK' ? hasMetadata(object) : isKubeObject(object);
  if (!named || !eventTypes.includes(type)) throw malformedLine();
  return { type, object } as WatchEvent;
}

function parsed(line: string): { type?: unknown; object?: unknown } {
  try {
    return (JSON.parse(line) as { type?: unknown; object?: unknown } | null) ?? {};
  } catch {
    throw malformedLine();
  }
}

/** Whatever the server reports inside a watch, its place in the history is lost. */
function faultOfEvent(object: unknown): KubeFault {
  const status = object as { code?: unknown; message?: unknown } | null;
  return new KubeFault(
    'expired',
    `the Kubernetes API ended a watch: ${String(status?.code)} ${String(status?.message)}`,
  );
}

function malformedLine(): KubeFault {
  return new KubeFault('malformed', 'the Kubernetes API sent a line that is no watch event');
}

function hasMetadata(object: unknown): boolean {
  return typeof (object as { metadata?: unknown } | null)?.metadata === 'object';
}

function isKubeObject(object: unknown): object is KubeObject {
  return hasMetadata(object) && typeof (object as { metadata: { name?: unknown } | null }).metadata?.name === 'string';
}
