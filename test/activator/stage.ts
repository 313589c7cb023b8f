import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach } from 'vitest';
import type { Activator, ActivatorOptions } from '../../src/activator/activator.ts';
import { startActivator } from '../../src/activator/activator.ts';
import { MemoryPool } from '../../src/activator/body/memory-pool.ts';
import type { ActivatorEvents } from '../../src/activator/events.ts';
import { Listeners } from '../../src/activator/replicas/listeners.ts';
import type { Replica, ReplicaSet } from '../../src/activator/replicas/replica.ts';
import type { RouteRule } from '../../src/config/activator/route-rule.ts';

const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Runs after the test, before what was given earlier. */
export function atEnd(end: () => unknown): void {
  endings.push(end);
}

/** Replicas that are ready when a test says so. */
export class SwitchedReplicas implements ReplicaSet {
  readonly unreachables: string[] = [];
  wanted = false;
  words: string | undefined;
  readonly #listeners = new Listeners();
  #ready: readonly Replica[] = [];

  set(...origins: readonly string[]): void {
    this.#ready = origins.map((origin) => ({ name: origin, origin }));
    this.#listeners.tell();
  }

  ready(): readonly Replica[] {
    return this.#ready;
  }

  problem(): string | undefined {
    return this.words;
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  setWanted(isWanted: boolean): void {
    this.wanted = isWanted;
  }

  unreachable({ origin }: Replica): void {
    this.unreachables.push(origin);
    this.set(...this.#ready.map((each) => each.origin).filter((each) => each !== origin));
  }

  close(): void {}
}

/** Events as lines, without times. */
export function recordedEvents(): ActivatorEvents & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    coldStarted: (route) => lines.push(`cold start ${route}`),
    released: (route) => lines.push(`released ${route}`),
    forwarded: (route) => lines.push(`forwarded ${route}`),
    refused: (route, code) => lines.push(`refused ${route} ${code}`),
    glanced: (route) => lines.push(`glanced ${route}`),
    abandoned: (route) => lines.push(`abandoned ${route}`),
    retried: (route) => lines.push(`retried ${route}`),
    heartbeatSent: (route) => lines.push(`heartbeat ${route}`),
  };
}

export function rule(given: Partial<RouteRule> = {}): RouteRule {
  return {
    name: 'llama',
    host: '*',
    pathPrefix: '/',
    stripPrefix: false,
    models: [],
    listedModels: [],
    replicas: { kind: 'urls', urls: [] },
    holdTimeoutMs: undefined,
    concurrencyPerReplica: undefined,
    ...given,
  };
}

export interface Stage {
  readonly activator: Activator;
  readonly url: string;
  readonly port: number;
  readonly replicas: SwitchedReplicas;
  /** By the route's name, where there are several. */
  readonly of: ReadonlyMap<string, SwitchedReplicas>;
  readonly events: ReturnType<typeof recordedEvents>;
  state(route?: string): { readonly held: number; readonly inFlight: number; readonly heldBytes: number };
  /** Resolves when so many are held. */
  untilHeld(count: number, route?: string): Promise<void>;
}

const mebibyte = 1024 * 1024;

/** An activator on loopback, whose replicas are ready when the test says so; ended after the test. */
export async function startStage(given: Partial<ActivatorOptions> = {}): Promise<Stage> {
  const events = recordedEvents();
  const of = new Map<string, SwitchedReplicas>();
  const activator = await startActivator({
    listen: { host: '127.0.0.1', port: 0, maxHeaderBytes: 16 * 1024, tls: undefined },
    rules: [rule()],
    replicasOf: ({ name }) => {
      const replicas = new SwitchedReplicas();
      of.set(name, replicas);
      return replicas;
    },
    hold: {
      maxHeld: 1000,
      maxHeldPerLane: 1000,
      maxBytes: 512 * mebibyte,
      maxBytesPerLane: 512 * mebibyte,
      timeoutMs: 60_000,
    },
    bodies: bodiesOf({}),
    heartbeatMs: 0,
    responseTimeoutMs: 60_000,
    replicaCa: undefined,
    concurrencyPerReplica: Number.POSITIVE_INFINITY,
    priorityHeader: undefined,
    stickyHeader: undefined,
    stickyPrefixBytes: 0,
    quietPaths: [],
    events,
    nowMs: () => performance.now(),
    random: Math.random,
    ...given,
  });
  atEnd(() => activator.drain(0));
  const state: Stage['state'] = (name = activator.states()[0]!.name) => {
    return activator.states().find((each) => each.name === name)!;
  };
  const { port, address } = activator;
  return {
    activator,
    url: `http://${address}`,
    port,
    replicas: [...of.values()][0]!,
    of,
    events,
    state,
    untilHeld: async (count, name) => await until(() => state(name).held === count),
  };
}

export function bodiesOf(given: Partial<ActivatorOptions['bodies']>): ActivatorOptions['bodies'] {
  const memory = new MemoryPool(64 * mebibyte);
  return { maxBytes: 256 * mebibyte, maxMemoryBytes: 256 * 1024, spoolDirectory: tmpdir(), memory, ...given };
}

/** Looks again and again, at what another process or the network will do. */
export async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`not within 10 s: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export interface ModelServer {
  readonly url: string;
  readonly server: Server;
  /** Heads of what it was asked, in order. */
  readonly asked: IncomingMessage[];
  /** Open connections. */
  readonly sockets: ReadonlySet<Socket>;
}

/** A model server on loopback, ended after the test. */
export async function startModel(answer: RequestListener, port = 0): Promise<ModelServer> {
  const asked: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    asked.push(request);
    answer(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, asked, sockets };
}

/** Answers with the request's own body, and says how long it was. */
export const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    response.writeHead(200, { 'content-type': 'application/json', 'x-body-bytes': body.byteLength });
    response.end(body);
  });
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request on a connection of its own. */
export function ask(stage: Pick<Stage, 'port'>, { method, path, headers, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port: stage.port,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      path: path ?? '/v1/chat/completions',
      agent: false,
      headers: { ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode!, headers: response.headers, trailers: response.trailers, body: text });
      });
    });
    request.end(body);
  });
}

/** Bytes as they are sent, and as they come back. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  isClosed = false;

  constructor({ port }: Pick<Stage, 'port'>) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => {
      this.text += chunk;
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    atEnd(() => this.socket.destroy());
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async until(part: string): Promise<void> {
    await until(() => this.text.includes(part) || this.isClosed);
    if (!this.text.includes(part)) throw new Error(`expected ${part}, got ${this.text}`);
  }
}

export function chat(given: Record<string, unknown> = {}): string {
  return JSON.stringify({ model: 'llama', messages: [{ role: 'user', content: 'hello' }], ...given });
}
