import type { RouteRule } from '../config/activator/route-rule.ts';
import { replicaError } from './failure-words.ts';
import { Forwarding } from './forwarding.ts';
import type { ApiError } from './http/api-error.ts';
import { sendError } from './http/api-error.ts';
import type { Exchange } from './http/exchange.ts';
import { requestHeaders } from './http/forward-headers.ts';
import { writeHead } from './http/write-head.ts';
import type { Glance } from './local-answers.ts';
import { answerAsleep, configuredModels } from './local-answers.ts';
import type { Replica } from './replicas/replica.ts';
import type { Route } from './route.ts';
import { targetFor } from './route.ts';
import type { Surroundings } from './surroundings.ts';

const longestList = 64 * 1024;

export interface GlanceOptions {
  readonly exchange: Exchange;
  readonly glance: Glance;
  /** `undefined`: the request names none of several. */
  readonly route: Route | undefined;
  readonly rules: readonly RouteRule[];
  readonly world: Surroundings;
}

/**
 * Answers a question that must wake nothing: by a replica where one is ready, else by ourselves. It is no demand, so it
 * is held nowhere and counted neither as in flight nor as forwarded.
 */
export class GlanceAnswer {
  readonly #options: GlanceOptions;

  constructor(options: GlanceOptions) {
    this.#options = options;
  }

  start(): void {
    const { route, world, exchange } = this.#options;
    world.events.glanced(route?.rule.name);
    // Nobody's body is read for a question.
    exchange.request.resume();
    const replica = route?.gate.glance();
    if (route === undefined || replica === undefined) this.#answerAsleep();
    else this.#ask(route, replica);
  }

  #ask(route: Route, replica: Replica): void {
    const { exchange, world, glance } = this.#options;
    const chunks: Buffer[] = [];
    const keeps = glance === 'models' && exchange.method === 'GET' && exchange.header('authorization') === undefined;
    let status = 0;
    const forwarding = new Forwarding(exchange, undefined, {
      answered: (answered) => {
        status = answered;
      },
      passed: (chunk) => {
        if (keeps && chunks.length < 32) chunks.push(chunk);
      },
      ended: (end) => {
        if (end.kind === 'not-connected') this.#answerAsleep();
        else if (end.kind === 'failed') this.#fail(replicaError(end.error, true));
        else if (keeps && status === 200) rememberModels(route, Buffer.concat(chunks));
      },
    });
    exchange.response.once('close', () => forwarding.abort());
    const path = targetFor(route, exchange.target);
    const method = exchange.method as 'GET';
    world.upstreams
      .of(replica, world.nowMs())
      .dispatch({ path, method, headers: requestHeaders(exchange) }, forwarding);
  }

  #answerAsleep(): void {
    const { exchange, glance, route, rules, world } = this.#options;
    const answer = answerAsleep(glance, exchange, route?.lastModels ?? configuredModels(rules));
    if (answer === undefined) {
      const message = 'no replica is ready, and this request wakes none';
      world.events.refused(route?.rule.name, 'asleep');
      sendError(exchange, { status: 503, code: 'asleep', message });
      return;
    }
    const { response, method } = exchange;
    if (response.headersSent || response.destroyed) return;
    const length = answer.status === 204 ? [] : ['content-length', String(Buffer.byteLength(answer.body))];
    writeHead(exchange, answer.status, [...answer.headers, ...length]);
    response.end(method === 'HEAD' ? undefined : answer.body);
  }

  #fail(error: ApiError): void {
    const { exchange, route, world } = this.#options;
    world.events.refused(route?.rule.name, error.code);
    if (exchange.response.headersSent) exchange.response.destroy();
    else sendError(exchange, error);
  }
}

/** Kept only if it is what it should be, so that nothing else is ever given out in its place. */
function rememberModels(route: Route, body: Buffer): void {
  if (body.byteLength > longestList) return;
  try {
    const list: unknown = JSON.parse(body.toString('utf8'));
    if (typeof list === 'object' && list !== null && 'data' in list && Array.isArray(list.data)) {
      route.lastModels = JSON.stringify(list);
    }
  } catch {
    // Compressed, or no JSON: what is configured is told instead.
  }
}
