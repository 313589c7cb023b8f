import type { Held } from '../hold-queue/hold-queue.ts';
import { readJsonHead } from './body/json-head.ts';
import type { BodyRefusal, RequestBody } from './body/request-body.ts';
import { isRequestsFault, replicaError } from './failure-words.ts';
import type { ForwardEnd } from './forwarding.ts';
import { Forwarding } from './forwarding.ts';
import type { Place, Visitor } from './gate/gate.ts';
import type { ApiError } from './http/api-error.ts';
import { sendError } from './http/api-error.ts';
import type { Exchange } from './http/exchange.ts';
import { requestHeaders } from './http/forward-headers.ts';
import type { Route } from './route.ts';
import { endingError, fullError, targetFor, tooOldError } from './route.ts';
import { StreamWait } from './stream-wait.ts';
import type { Surroundings } from './surroundings.ts';

/** A request that no connection could be made for is tried at this many replicas. */
const mostTries = 5;

/** One request on its way through a route: held if it must be, sent to one replica, and answered once. */
export class Passage implements Visitor {
  readonly priority: number;
  readonly stickyKey: string | undefined;
  readonly #exchange: Exchange;
  readonly #body: RequestBody | undefined;
  readonly #route: Route;
  readonly #world: Surroundings;
  readonly #arrivedAtMs: number;
  #openBody: ReturnType<RequestBody['open']> | undefined;
  #held: Held<Visitor> | undefined;
  #heldMs = 0;
  #place: Place | undefined;
  #forwarding: Forwarding | undefined;
  #wait: StreamWait | undefined;
  #streamKnownAtMs: number;
  #tries = 0;
  #isOver = false;

  constructor(exchange: Exchange, body: RequestBody | undefined, route: Route, world: Surroundings) {
    this.#exchange = exchange;
    this.#body = body;
    this.#route = route;
    this.#world = world;
    this.#arrivedAtMs = world.nowMs();
    this.#streamKnownAtMs = world.heartbeatMs === 0 ? Number.POSITIVE_INFINITY : this.#arrivedAtMs + world.heartbeatMs;
    this.priority = world.priorityOf(exchange);
    this.stickyKey = world.stickyKeyOf(exchange, body);
  }

  get bytes(): number {
    return this.#body?.bytes ?? 0;
  }

  get holdTimeoutMs(): number {
    return this.#route.holdTimeoutMs - (this.#world.nowMs() - this.#arrivedAtMs);
  }

  start(): void {
    this.#exchange.response.once('close', () => this.#closed());
    this.#world.passages.add(this);
    this.#arrive();
  }

  enter(place: Place): void {
    if (this.#held !== undefined) this.#heldMs += this.#world.nowMs() - this.#held.arrivedAtMs;
    this.#held = undefined;
    this.#place = place;
    this.#send(place);
  }

  expire(): void {
    this.#held = undefined;
    const nowMs = this.#world.nowMs();
    this.#fail(tooOldError(this.#route, nowMs - this.#arrivedAtMs, nowMs));
  }

  /** Sends an SSE comment where one is due. */
  beat(nowMs: number): void {
    if (this.#isOver || nowMs < this.#streamKnownAtMs) return;
    if (this.#wait === undefined) {
      if (!this.#asksForStream()) {
        this.#streamKnownAtMs = this.#body?.isComplete === false ? nowMs + 1000 : Number.POSITIVE_INFINITY;
        return;
      }
      this.#wait = new StreamWait(this.#exchange, this.#world.heartbeatMs, nowMs - this.#world.heartbeatMs);
    }
    if (this.#wait.beat(nowMs)) this.#world.events.heartbeatSent(this.#route.rule.name);
  }

  /** We are about to end. What is held is answered; what is at a replica goes on. */
  refuseIfHeld(): void {
    if (this.#held === undefined) return;
    this.#leaveQueue();
    this.#fail(endingError(this.#route, this.#world.nowMs()));
  }

  #asksForStream(): boolean {
    if (/\btext\/event-stream\b/i.test(this.#exchange.header('accept') ?? '')) return true;
    return this.#body !== undefined && this.#openBody === undefined && readJsonHead(this.#body.head).stream === true;
  }

  #arrive(): void {
    const entrance = this.#route.gate.arrive(this);
    if (entrance.kind === 'refused') this.#fail(fullError(this.#route, entrance.refusal, this.#world.nowMs()));
    if (entrance.kind !== 'held') return;
    this.#held = entrance.held;
    if (this.#openBody !== undefined) return;
    if (this.#exchange.expectsContinue && this.#body?.bytes === 0) this.#exchange.response.writeContinue();
    this.#body?.takeIn({
      kept: (bytes) => this.#grow(bytes),
      refused: (refusal) => this.#refuseBody(refusal),
    });
  }

  #grow(bytes: number): boolean {
    if (this.#held === undefined) return false;
    const refusal = this.#world.queue.grow(this.#held, bytes);
    if (refusal === undefined) return true;
    this.#leaveQueue();
    this.#fail(fullError(this.#route, refusal, this.#world.nowMs()));
    return false;
  }

  #refuseBody(refusal: BodyRefusal): void {
    this.#leaveQueue();
    this.#fail(this.#world.bodyError(refusal));
  }

  #send(place: Place): void {
    const { method, target } = this.#exchange;
    this.#tries++;
    if (this.#body !== undefined && this.#openBody === undefined) {
      const isUntouched = this.#body.bytes === 0 && !this.#body.isComplete;
      if (this.#exchange.expectsContinue && isUntouched) this.#exchange.response.writeContinue();
      this.#openBody = this.#body.open();
    }
    const forwarding = new Forwarding(this.#exchange, this.#wait, {
      sent: () => this.#body?.release(),
      ended: (end) => this.#ended(end),
    });
    this.#forwarding = forwarding;
    const nowMs = this.#world.nowMs();
    this.#world.events.forwarded(this.#route.rule.name, nowMs - this.#arrivedAtMs - this.#heldMs);
    const path = targetFor(this.#route, target);
    const body = this.#openBody ?? null;
    const headers = requestHeaders(this.#exchange);
    const options = { path, method: method as 'POST', headers, body: body as Buffer | null };
    this.#world.upstreams.of(place.replica, nowMs).dispatch(options, forwarding);
  }

  #ended(end: ForwardEnd): void {
    const place = this.#place;
    this.#place = undefined;
    if (end.kind === 'not-connected' && !isRequestsFault(end.error)) {
      place?.leaveUnreachable();
      if (this.#tries < mostTries && !this.#isOver) {
        this.#world.events.retried(this.#route.rule.name);
        this.#arrive();
        return;
      }
    }
    place?.leave();
    if (end.kind === 'done') this.#finish();
    else this.#fail(replicaError(end.error, end.kind === 'failed'));
  }

  /** Tells the client in whichever way is still open. */
  #fail(error: ApiError): void {
    if (this.#isOver) return;
    this.#finish();
    this.#world.events.refused(this.#route.rule.name, error.code);
    const { response } = this.#exchange;
    if (!response.headersSent) sendError(this.#exchange, error);
    else if (this.#wait?.hasBegun === true && !this.#wait.isAnswered) this.#wait.fail(error);
    // Half an answer must not look like a whole one.
    else response.destroy();
  }

  #closed(): void {
    if (this.#isOver) return;
    if (this.#held !== undefined) this.#world.events.abandoned(this.#route.rule.name);
    this.#leaveQueue();
    this.#finish();
    this.#forwarding?.abort();
    this.#place?.leave();
    this.#place = undefined;
  }

  #leaveQueue(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#route.gate.abandon(held);
  }

  #finish(): void {
    this.#isOver = true;
    this.#world.passages.delete(this);
    this.#body?.close();
  }
}
