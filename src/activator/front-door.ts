import type { RouteRule } from '../config/activator/route-rule.ts';
import { quoted } from '../config/quoted.ts';
import { readJsonHead } from './body/json-head.ts';
import { RequestBody } from './body/request-body.ts';
import { GlanceAnswer } from './glance-answer.ts';
import type { ApiError } from './http/api-error.ts';
import { sendError } from './http/api-error.ts';
import type { Exchange } from './http/exchange.ts';
import { glanceOf } from './local-answers.ts';
import { Passage } from './passage.ts';
import type { Route } from './route.ts';
import type { RouteTable } from './routes/route-table.ts';
import { ruleOfModel } from './routes/route-table.ts';
import type { Surroundings } from './surroundings.ts';

/** How much of a body is looked at for what it asks for; a body up to this size is sent on as one piece. */
export const headBytes = 64 * 1024;
const mostNamed = 20;

export interface FrontDoorOptions {
  readonly table: RouteTable;
  readonly routes: ReadonlyMap<RouteRule, Route>;
  readonly quietPaths: ReadonlySet<string>;
  readonly world: Surroundings;
  /** Bytes of the body's head that decide where it goes; 0: none. */
  readonly stickyPrefixBytes: number;
}

/** Finds out whose a request is, and starts it on its way or answers it. */
export class FrontDoor {
  readonly #options: FrontDoorOptions;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
  }

  take(exchange: Exchange): void {
    const { table, quietPaths, routes } = this.#options;
    const match = table.find(exchange.host, exchange.path);
    if (match.kind === 'unknown-host') {
      this.#refuse(exchange, undefined, unknownPlace(match.hosts, exchange.host));
      return;
    }
    const rules = match.kind === 'route' ? [match.rule] : match.rules;
    const glance = glanceOf(exchange, withoutPrefix(exchange.path, rules[0]!), quietPaths);
    if (glance !== undefined) {
      const route = match.kind === 'route' ? routes.get(match.rule) : undefined;
      new GlanceAnswer({ exchange, glance, route, rules, world: this.#options.world }).start();
      return;
    }
    this.#readBody(exchange, match.kind === 'route' ? match.rule : undefined, rules);
  }

  /** As much of the body as is needed is waited for, before anybody waits for a replica. */
  #readBody(exchange: Exchange, rule: RouteRule | undefined, rules: readonly RouteRule[]): void {
    const { world, stickyPrefixBytes } = this.#options;
    const length = Number(exchange.header('content-length') ?? Number.NaN);
    if (length > world.bodies.maxBytes) {
      this.#refuse(exchange, rule, world.bodyError('too-large'));
      return;
    }
    const body = hasBody(exchange, length) ? new RequestBody(exchange.request, world.bodies) : undefined;
    const needsHead = rule === undefined || stickyPrefixBytes > 0 || length <= headBytes;
    if (body === undefined || !needsHead) {
      this.#enter(exchange, body, rule, rules);
      return;
    }
    const gone = (): void => body.close();
    exchange.response.once('close', gone);
    if (exchange.expectsContinue) exchange.response.writeContinue();
    body.whenHead(
      headBytes,
      () => {
        exchange.response.off('close', gone);
        this.#enter(exchange, body, rule, rules);
      },
      (refusal) => this.#refuse(exchange, rule, world.bodyError(refusal)),
    );
  }

  #enter(
    exchange: Exchange,
    body: RequestBody | undefined,
    known: RouteRule | undefined,
    rules: readonly RouteRule[],
  ): void {
    const model = known === undefined && body !== undefined ? readJsonHead(body.head).model : undefined;
    const rule = known ?? ruleOfModel(rules, model);
    const route = rule && this.#options.routes.get(rule);
    if (route !== undefined) new Passage(exchange, body, route, this.#options.world).start();
    else {
      this.#refuse(exchange, undefined, unknownModel(rules, model));
      body?.close();
    }
  }

  #refuse(exchange: Exchange, rule: RouteRule | undefined, error: ApiError): void {
    this.#options.world.events.refused(rule?.name, error.code);
    sendError(exchange, error);
  }
}

function hasBody({ request, isHttp2, header }: Exchange, length: number): boolean {
  if (isHttp2) return !(request as unknown as { stream: { endAfterHeaders: boolean } }).stream.endAfterHeaders;
  return length > 0 || header('transfer-encoding') !== undefined;
}

function withoutPrefix(path: string, { stripPrefix, pathPrefix }: RouteRule): string {
  return stripPrefix && pathPrefix !== '/' ? path.slice(pathPrefix.length) || '/' : path;
}

function unknownPlace(hosts: readonly string[], host: string): ApiError {
  const known = hosts.slice(0, mostNamed).join(', ');
  return {
    status: 404,
    code: 'unknown_host',
    message: `no model is served at this path of ${quoted(host)}; hosts: ${known}`,
  };
}

function unknownModel(rules: readonly RouteRule[], model: string | undefined): ApiError {
  const names = rules.flatMap(({ models }) => models);
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : '';
  const known = `the models here are ${names.slice(0, mostNamed).join(', ')}${more}`;
  const words = model === undefined ? 'the body names no model' : `the model ${quoted(model)} does not exist`;
  return { status: 404, code: 'model_not_found', message: `${words}; ${known}` };
}
