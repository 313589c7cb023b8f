import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

interface Change {
  readonly version: number;
  readonly collection: string;
  readonly before: FakeObject | undefined;
  readonly after: FakeObject | undefined;
}

interface OpenWatch {
  readonly collection: string;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
}

/** A fault for the next requests whose path or query contains `path`. */
export interface Fault {
  readonly path: string;
  readonly times?: number;
  readonly only?: 'list' | 'watch';
  readonly status?: number;
  /** Instead of an answer the connection is cut: before it, or in the middle of the body. */
  readonly cut?: 'before' | 'middle';
}

/**
 * A small Kubernetes API server on real HTTP: objects by collection path, versions, lists in pages from one snapshot,
 * watches that start in the past, change events by selector, bookmarks, compaction, and everything that goes wrong.
 */
export class FakeApiServer {
  readonly requests: {
    readonly path: string;
    readonly authorization: string | undefined;
    readonly accept: string | undefined;
  }[] = [];
  /** Documents other than collections: `/scale`, `/apis/GROUP/VERSION`. */
  readonly documents = new Map<string, unknown>();
  /** How a watch learns that its version is gone. */
  goneAs: 'status' | 'event' = 'event';
  /** The only bearer token that is accepted; any if undefined. */
  token: string | undefined;
  /** Smaller than what clients ask for, to make pages. */
  pageSize = 500;
  readonly #collections = new Map<string, Map<string, FakeObject>>();
  readonly #snapshots = new Map<string, readonly FakeObject[]>();
  readonly #history: Change[] = [];
  readonly #watches = new Set<OpenWatch>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #faults: { fault: Fault; left: number }[] = [];
  #version = 100;
  #oldest = 0;

  readonly #scheme: 'http' | 'https';

  /** With a certificate it speaks TLS alone; with `requestCert` only to clients that `ca` vouches for. */
  constructor(certificate?: ServerOptions) {
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    this.#scheme = certificate ? 'https' : 'http';
    this.#server = certificate ? createTlsServer(certificate, answer) : createServer(answer);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Creates or replaces. */
  put(collection: string, object: FakeObject): void {
    const objects = this.#objects(collection);
    const before = objects.get(object.metadata.name);
    this.#version += 1;
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    objects.set(object.metadata.name, after);
    this.#record({ version: this.#version, collection, before, after });
  }

  delete(collection: string, name: string): void {
    const before = this.#objects(collection).get(name);
    if (before === undefined) return;
    this.#version += 1;
    this.#objects(collection).delete(name);
    this.#record({ version: this.#version, collection, before, after: undefined });
  }

  objects(collection: string, labelSelector = ''): readonly FakeObject[] {
    const query = new URLSearchParams({ labelSelector });
    return [...this.#objects(collection).values()].filter((object) => matches(object, query));
  }

  openWatches(part = ''): number {
    return [...this.#watches].filter(({ collection }) => collection.includes(part)).length;
  }

  requestsTo(part: string): readonly string[] {
    return this.requests.map(({ path }) => path).filter((path) => path.includes(part));
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  heal(): void {
    this.#faults = [];
  }

  /** Forgets the past: watches from before now are told 410, page tokens expire. */
  compact(): void {
    this.#oldest = this.#version;
    this.#snapshots.clear();
  }

  bookmark(): void {
    this.#version += 1;
    const object = { metadata: { resourceVersion: String(this.#version) } };
    this.send(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  /** Writes raw text into all open watches. */
  send(text: string): void {
    this.sendBytes(Buffer.from(text));
  }

  sendBytes(bytes: Buffer): void {
    for (const { response } of this.#watches) response.write(bytes);
  }

  /** Ends watches as the server does when their time is over. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
    this.#watches.clear();
  }

  /** Cuts the connections of all open watches, if asked in the middle of a line. */
  cutWatches(halfLine = false): void {
    for (const { response } of this.#watches) {
      if (!halfLine) response.destroy();
      else response.write('{"type":"ADDED","object":{"metadata":{"name":"ha', () => response.destroy());
    }
    this.#watches.clear();
  }

  #objects(collection: string): Map<string, FakeObject> {
    const known = this.#collections.get(collection) ?? new Map<string, FakeObject>();
    this.#collections.set(collection, known);
    return known;
  }

  #record(change: Change): void {
    this.#history.push(change);
    for (const watch of this.#watches) this.#tell(watch, change);
  }

  #tell({ collection, query, response }: OpenWatch, change: Change): void {
    if (change.collection !== collection) return;
    const was = change.before !== undefined && matches(change.before, query);
    const is = change.after !== undefined && matches(change.after, query);
    if (!was && !is) return;
    const type = was ? (is ? 'MODIFIED' : 'DELETED') : 'ADDED';
    // A deleted object comes as it was, but with the version of the deletion.
    const object = is ? change.after! : versioned(change.before!, change.version);
    response.write(`${JSON.stringify({ type, object })}\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const authorization = request.headers.authorization;
    this.requests.push({ path: request.url ?? '', authorization, accept: request.headers.accept });
    const watching = searchParams.get('watch') === 'true';
    const fault = this.#faultFor(request.url ?? '', watching ? 'watch' : 'list');
    if (fault?.cut === 'before') request.socket.destroy();
    else if (fault?.cut === 'middle') response.write('{"kind":"PodLis', () => response.destroy());
    else if (this.token !== undefined && authorization !== `Bearer ${this.token}`) refuse(response, 401);
    else if (fault?.status !== undefined) refuse(response, fault.status);
    else if (this.documents.has(pathname)) reply(response, 200, this.documents.get(pathname));
    else if (!this.#isCollection(pathname)) refuse(response, 404);
    else if (watching) this.#watch(pathname, searchParams, response);
    else this.#list(pathname, searchParams, response);
  }

  #faultFor(path: string, kind: 'list' | 'watch'): Fault | undefined {
    const found = this.#faults.find(({ fault, left }) => {
      return left > 0 && path.includes(fault.path) && (fault.only ?? kind) === kind;
    });
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }

  #isCollection(path: string): boolean {
    return /\/namespaces\/[^/]+\/(pods|services|endpointslices|scaledobjects)$/.test(path);
  }

  #list(path: string, query: URLSearchParams, response: ServerResponse): void {
    const [token, start] = (query.get('continue') ?? `${this.#version}.0`).split('.') as [string, string];
    const key = `${path}?${query.get('labelSelector')}&${query.get('fieldSelector')}@${token}`;
    if (query.has('continue') && !this.#snapshots.has(key)) {
      refuse(response, 410);
      return;
    }
    const snapshot =
      this.#snapshots.get(key) ?? [...this.#objects(path).values()].filter((object) => matches(object, query));
    this.#snapshots.set(key, snapshot);
    const end = Number(start) + Math.min(this.pageSize, Number(query.get('limit') ?? this.pageSize));
    const metadata = { resourceVersion: token, ...(end < snapshot.length && { continue: `${token}.${end}` }) };
    reply(response, 200, { kind: 'List', metadata, items: snapshot.slice(Number(start), end) });
  }

  #watch(collection: string, query: URLSearchParams, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    const gone = from < this.#oldest;
    if (gone && this.goneAs === 'status') {
      refuse(response, 410);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (gone) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })}\n`);
      return;
    }
    const watch = { collection, query, response };
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
    for (const change of this.#history) if (change.version > from) this.#tell(watch, change);
  }
}

function versioned(object: FakeObject, version: number): FakeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, code: number): void {
  reply(response, code, { kind: 'Status', status: 'Failure', code });
}

/** The selectors our clients use: `a=b`, `a!=b`, `a in (x,y)`, `a`; and `metadata.name=x`. */
function matches(object: FakeObject, query: URLSearchParams): boolean {
  const name = /^metadata\.name=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  if (name !== undefined && name !== object.metadata.name) return false;
  const terms = (query.get('labelSelector') ?? '').match(/[^,(]+(\([^)]*\))?/g) ?? [];
  return terms.every((term) => termMatches(term.trim(), object.metadata.labels ?? {}));
}

function termMatches(term: string, labels: Readonly<Record<string, string>>): boolean {
  const [, key = '', operator, value = ''] = /^([^\s=!]+)\s*(==?|!=|in)?\s*\(?([^)]*)\)?$/.exec(term) ?? [];
  if (operator === undefined) return labels[key] !== undefined;
  if (operator === '!=') return labels[key] !== value;
  return value.split(',').some((each) => each.trim() === labels[key]);
}
