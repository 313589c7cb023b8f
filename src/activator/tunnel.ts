import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Held } from '../hold-queue/hold-queue.ts';
import { replicaError } from './failure-words.ts';
import type { Place, Visitor } from './gate/gate.ts';
import type { ApiError } from './http/api-error.ts';
import { errorBody } from './http/api-error.ts';
import type { Exchange } from './http/exchange.ts';
import { requestHeaders, responseHeaders } from './http/forward-headers.ts';
import type { Route } from './route.ts';
import { endingError, fullError, targetFor, tooOldError } from './route.ts';
import type { Surroundings, Underway } from './surroundings.ts';

/** A client's connection that wants to become something else, such as a WebSocket. */
export interface TunnelClient {
  readonly socket: Duplex;
  /** Bytes that came right behind the request. */
  readonly early: Buffer;
}

/**
 * A request to switch protocols. It is held and counted as any other; once a replica has agreed, bytes are passed both
 * ways until either side ends, and it counts as in flight for as long.
 */
export class Tunnel implements Visitor, Underway {
  readonly bytes = 0;
  readonly priority: number;
  readonly stickyKey: string | undefined;
  readonly #exchange: Exchange;
  readonly #client: TunnelClient;
  readonly #route: Route;
  readonly #world: Surroundings;
  readonly #arrivedAtMs: number;
  #held: Held<Visitor> | undefined;
  #heldMs = 0;
  #place: Place | undefined;
  #asked: ClientRequest | undefined;
  #isOver = false;

  constructor(exchange: Exchange, client: TunnelClient, route: Route, world: Surroundings) {
    this.#exchange = exchange;
    this.#client = client;
    this.#route = route;
    this.#world = world;
    this.#arrivedAtMs = world.nowMs();
    this.priority = world.priorityOf(exchange);
    this.stickyKey = world.stickyKeyOf(exchange, undefined);
  }

  get holdTimeoutMs(): number {
    return this.#route.holdTimeoutMs - (this.#world.nowMs() - this.#arrivedAtMs);
  }

  start(): void {
    this.#client.socket.once('close', () => this.#closed());
    this.#world.passages.add(this);
    const entrance = this.#route.gate.arrive(this);
    if (entrance.kind === 'refused') this.#fail(fullError(this.#route, entrance.refusal, this.#world.nowMs()));
    if (entrance.kind === 'held') this.#held = entrance.held;
  }

  enter(place: Place): void {
    if (this.#held !== undefined) this.#heldMs = this.#world.nowMs() - this.#held.arrivedAtMs;
    this.#held = undefined;
    this.#place = place;
    this.#ask(place);
  }

  expire(): void {
    this.#held = undefined;
    const nowMs = this.#world.nowMs();
    this.#fail(tooOldError(this.#route, nowMs - this.#arrivedAtMs, nowMs));
  }

  beat(): void {}

  refuseIfHeld(): void {
    if (this.#held === undefined) return;
    this.#leaveQueue();
    this.#fail(endingError(this.#route, this.#world.nowMs()));
  }

  #ask({ replica }: Place): void {
    const { events, upstreams } = this.#world;
    events.forwarded(this.#route.rule.name, this.#world.nowMs() - this.#arrivedAtMs - this.#heldMs);
    const { hostname, port, protocol } = new URL(replica.origin);
    const ask = protocol === 'https:' ? httpsRequest : httpRequest;
    const upgrade = ['connection', 'upgrade', 'upgrade', this.#exchange.header('upgrade')!];
    const { ca, responseTimeoutMs } = upstreams.options;
    const asked = ask({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      method: this.#exchange.method,
      path: targetFor(this.#route, this.#exchange.target),
      headers: [...requestHeaders(this.#exchange), ...upgrade],
      agent: false,
      timeout: responseTimeoutMs,
      ...(ca === undefined ? {} : { ca }),
    });
    this.#asked = asked;
    asked.on('upgrade', (answer, socket, early) => this.#switch(answer, socket, early));
    asked.on('response', (answer) => this.#declined(answer));
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('timeout'), { code: 'UND_ERR_HEADERS_TIMEOUT' })));
    asked.on('error', (error) => this.#fail(replicaError(error, true)));
    asked.end();
  }

  #switch(answer: IncomingMessage, replica: Duplex, early: Buffer): void {
    const { socket } = this.#client;
    socket.write(headOf(101, ['connection', 'upgrade', ...upgradeOf(answer), ...headersOf(answer)]));
    if (early.byteLength > 0) socket.write(early);
    if (this.#client.early.byteLength > 0) replica.write(this.#client.early);
    replica.on('error', () => socket.destroy());
    replica.once('close', () => socket.end(() => socket.destroy()));
    socket.once('close', () => replica.destroy());
    socket.pipe(replica);
    replica.pipe(socket);
  }

  /** The replica answers in HTTP: no. Its words are passed on, and the connection ends with them. */
  #declined(answer: IncomingMessage): void {
    const { socket } = this.#client;
    socket.write(headOf(answer.statusCode ?? 502, [...headersOf(answer), 'connection', 'close']));
    answer.pipe(socket);
  }

  #fail(error: ApiError): void {
    if (this.#isOver) return;
    this.#world.events.refused(this.#route.rule.name, error.code);
    const { socket } = this.#client;
    const { contentType, body } = errorBody(this.#exchange.path, error);
    const retry = error.retryAfterSeconds === undefined ? [] : ['retry-after', String(error.retryAfterSeconds)];
    const length = ['content-type', contentType, 'content-length', String(Buffer.byteLength(body))];
    socket.end(Buffer.concat([headOf(error.status, [...length, ...retry, 'connection', 'close']), Buffer.from(body)]));
    this.#finish();
  }

  #closed(): void {
    if (this.#isOver) return;
    if (this.#held !== undefined) this.#world.events.abandoned(this.#route.rule.name);
    this.#leaveQueue();
    this.#asked?.destroy();
    this.#finish();
  }

  #leaveQueue(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#route.gate.abandon(held);
  }

  #finish(): void {
    this.#isOver = true;
    this.#world.passages.delete(this);
    this.#place?.leave();
    this.#place = undefined;
  }
}

function headersOf({ rawHeaders }: IncomingMessage): string[] {
  return responseHeaders(rawHeaders);
}

function upgradeOf({ headers }: IncomingMessage): string[] {
  return headers.upgrade === undefined ? [] : ['upgrade', headers.upgrade];
}

/** A status line and headers, as bytes of latin-1. They were read by Node's parser, so no value holds a line's end. */
function headOf(status: number, pairs: readonly string[]): Buffer {
  const lines = [`HTTP/1.1 ${status} ${status === 101 ? 'Switching Protocols' : ''}`];
  for (let at = 0; at < pairs.length; at += 2) lines.push(`${pairs[at]}: ${pairs[at + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
