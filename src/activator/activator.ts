import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RouteRule } from '../config/activator/route-rule.ts';
import type { HoldLimits } from '../hold-queue/hold-queue.ts';
import { HoldQueue } from '../hold-queue/hold-queue.ts';
import type { BodyLimits, BodyRefusal, RequestBody } from './body/request-body.ts';
import type { ActivatorEvents } from './events.ts';
import { FrontDoor } from './front-door.ts';
import { hash } from './gate/choose-replica.ts';
import type { Visitor } from './gate/gate.ts';
import { Gate } from './gate/gate.ts';
import type { ApiError } from './http/api-error.ts';
import type { Exchange } from './http/exchange.ts';
import { readExchange } from './http/exchange.ts';
import type { Listener, ListenerOptions } from './http/listener.ts';
import { startListener } from './http/listener.ts';
import type { ReplicaSet } from './replicas/replica.ts';
import { Upstreams } from './replicas/upstreams.ts';
import type { Route } from './route.ts';
import { RouteTable } from './routes/route-table.ts';
import type { Surroundings, Underway } from './surroundings.ts';
import { Tunnel } from './tunnel.ts';

/** Deadlines and heartbeats are looked at this often, while anybody waits for them. */
const tickMs = 50;
const sweepEveryMs = 10_000;
/** From refusing what is still held to ending what is still under way. */
const lastWordsMs = 1000;
const usualPriority = 5;

export interface ActivatorOptions {
  readonly listen: Pick<ListenerOptions, 'host' | 'port' | 'maxHeaderBytes' | 'tls'>;
  readonly rules: readonly RouteRule[];
  readonly replicasOf: (rule: RouteRule) => ReplicaSet;
  readonly hold: HoldLimits & { readonly timeoutMs: number };
  readonly bodies: BodyLimits;
  readonly heartbeatMs: number;
  readonly responseTimeoutMs: number;
  readonly replicaCa: string | undefined;
  /** `Infinity`: unbounded. */
  readonly concurrencyPerReplica: number;
  readonly priorityHeader: string | undefined;
  readonly stickyHeader: string | undefined;
  readonly stickyPrefixBytes: number;
  readonly quietPaths: readonly string[];
  readonly events: ActivatorEvents;
  readonly nowMs: () => number;
  readonly random: () => number;
}

/** What a route has now. */
export interface RouteState {
  readonly name: string;
  readonly held: number;
  readonly heldBytes: number;
  /** When the one that has waited longest arrived; `undefined` while nobody waits. */
  readonly oldestHeldAtMs: number | undefined;
  readonly inFlight: number;
  /** Since the start. */
  readonly forwarded: number;
  /** Replicas that requests may be sent to. */
  readonly ready: number;
  /** Why it can't be known which replicas are ready. */
  readonly problem: string | undefined;
  /** When the cold start under way began. */
  readonly coldSinceMs: number | undefined;
  /** The latest cold starts, the newest last. */
  readonly coldStartsMs: readonly number[];
}

export interface Activator {
  /** `host:port`. */
  readonly address: string;
  readonly port: number;
  states(): readonly RouteState[];
  /** Takes no more connections, lets end what is under way for `graceMs` at most, and answers all that is held. */
  drain(graceMs: number): Promise<void>;
}

/** Holds requests for models that have no replica, and passes them on. Rejects when the address can't be listened on. */
export async function startActivator(options: ActivatorOptions): Promise<Activator> {
  const queue = new HoldQueue<Visitor>(options.hold, options.rules.length);
  const world = surroundings(options, queue);
  const routes = new Map(options.rules.map((rule) => [rule, routeOf(rule, options, queue)]));
  const table = new RouteTable(options.rules);
  const { stickyPrefixBytes } = options;
  const door = new FrontDoor({ table, routes, quietPaths: new Set(options.quietPaths), world, stickyPrefixBytes });
  const listener = await startListener({ ...options.listen, ...handlersOf(door, table, routes, world) });
  const timers = [
    setInterval(() => tick(queue, routes, world), tickMs),
    setInterval(() => world.upstreams.sweep(options.nowMs()), sweepEveryMs),
  ];
  return {
    address: listener.address,
    port: listener.port,
    states: () => [...routes.values()].map((route) => stateOf(route, queue)),
    async drain(graceMs) {
      await drain(listener, world, graceMs);
      for (const timer of timers) clearInterval(timer);
      for (const { gate } of routes.values()) gate.close();
      await listener.close();
      await world.upstreams.close();
    },
  };
}

function surroundings(options: ActivatorOptions, queue: HoldQueue<Visitor>): Surroundings {
  const { events, bodies, heartbeatMs, nowMs, responseTimeoutMs, replicaCa: ca } = options;
  return {
    queue,
    upstreams: new Upstreams({ responseTimeoutMs, ca }),
    events,
    bodies,
    heartbeatMs,
    passages: new Set<Underway>(),
    nowMs,
    priorityOf: (exchange) => priorityOf(options.priorityHeader && exchange.header(options.priorityHeader)),
    stickyKeyOf: (exchange, body) => stickyKeyOf(options, exchange, body),
    bodyError: (refusal) => bodyError(refusal, options),
  };
}

function priorityOf(text: string | undefined): number {
  return text !== undefined && /^\d$/.test(text) ? Number(text) : usualPriority;
}

function stickyKeyOf(
  { stickyHeader, stickyPrefixBytes }: ActivatorOptions,
  exchange: Exchange,
  body: RequestBody | undefined,
): string | undefined {
  if (stickyHeader !== undefined) return exchange.header(stickyHeader);
  if (stickyPrefixBytes === 0 || body === undefined) return undefined;
  return String(hash(body.head.toString('latin1', 0, stickyPrefixBytes)));
}

function bodyError(refusal: BodyRefusal, { bodies }: ActivatorOptions): ApiError {
  switch (refusal) {
    case 'too-large': {
      const most = bodies.spoolDirectory === undefined ? bodies.maxMemoryBytes : bodies.maxBytes;
      return { status: 413, code: 'body_too_large', message: `expected a body of at most ${most} bytes` };
    }
    case 'no-memory':
      return { status: 503, code: 'queue_full', message: 'no memory is left to hold this body', retryAfterSeconds: 1 };
    case 'no-file':
      return { status: 503, code: 'queue_full', message: 'no file could be written to hold this body' };
  }
}

function routeOf(rule: RouteRule, options: ActivatorOptions, queue: HoldQueue<Visitor>): Route {
  const replicas = options.replicasOf(rule);
  const { nowMs, random, events } = options;
  const concurrencyPerReplica = rule.concurrencyPerReplica ?? options.concurrencyPerReplica;
  const route = rule.name;
  const gate = new Gate({ route, replicas, queue, concurrencyPerReplica, nowMs, random, events });
  return { rule, gate, replicas, holdTimeoutMs: rule.holdTimeoutMs ?? options.hold.timeoutMs, lastModels: undefined };
}

type Handlers = Pick<ListenerOptions, 'onRequest' | 'onUpgrade'>;

function handlersOf(
  door: FrontDoor,
  table: RouteTable,
  routes: ReadonlyMap<RouteRule, Route>,
  world: Surroundings,
): Handlers {
  return {
    onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
      response.on('error', () => undefined); // Whoever asked has gone; 'close' tells.
      const read = readExchange(request, response, expectsContinue);
      if (read.ok) door.take(read.exchange);
      else {
        world.events.refused(undefined, 'bad_request');
        response.writeHead(read.status, { 'content-type': 'text/plain', connection: 'close' });
        response.end(`${read.message}\n`);
      }
    },
    onUpgrade(request: IncomingMessage, socket: Duplex, early: Buffer) {
      socket.on('error', () => socket.destroy());
      const read = readExchange(request, undefined as unknown as ServerResponse, false);
      const match = read.ok ? table.find(read.exchange.host, read.exchange.path) : undefined;
      const route = match?.kind === 'route' ? routes.get(match.rule) : undefined;
      if (read.ok && route !== undefined) new Tunnel(read.exchange, { socket, early }, route, world).start();
      else {
        world.events.refused(undefined, read.ok ? 'unknown_host' : 'bad_request');
        const status = read.ok ? 404 : read.status;
        socket.end(`HTTP/1.1 ${status} \r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      }
    },
  };
}

function tick(queue: HoldQueue<Visitor>, routes: ReadonlyMap<RouteRule, Route>, world: Surroundings): void {
  const nowMs = world.nowMs();
  const over = queue.expire(nowMs);
  for (const { item } of over) item.expire();
  if (over.length > 0) for (const { gate } of routes.values()) gate.waitingChanged();
  if (world.heartbeatMs > 0) for (const passage of world.passages) passage.beat(nowMs);
}

function stateOf({ rule: { name }, gate, replicas }: Route, queue: HoldQueue<Visitor>): RouteState {
  let oldestHeldAtMs: number | undefined;
  for (const { arrivedAtMs } of queue.of(name)) oldestHeldAtMs = Math.min(arrivedAtMs, oldestHeldAtMs ?? arrivedAtMs);
  return {
    name,
    held: queue.sizeOf(name),
    heldBytes: queue.bytesOf(name),
    oldestHeldAtMs,
    inFlight: gate.inFlight,
    forwarded: gate.entered,
    ready: replicas.ready().length,
    problem: replicas.problem(),
    coldSinceMs: gate.coldStarts.sinceMs,
    coldStartsMs: gate.coldStarts.durationsMs,
  };
}

/** What is held may still be served until shortly before the end; then it is told that it will not be. */
async function drain(listener: Listener, world: Surroundings, graceMs: number): Promise<void> {
  listener.stop();
  const startedMs = world.nowMs();
  const left = (): number => graceMs - (world.nowMs() - startedMs);
  while (world.passages.size > 0 && left() > lastWordsMs) await pause(Math.min(tickMs, left()));
  for (const passage of [...world.passages]) passage.refuseIfHeld();
  while (world.passages.size > 0 && left() > 0) await pause(Math.min(tickMs, left()));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
