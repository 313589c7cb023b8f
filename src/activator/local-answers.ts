import type { RouteRule } from '../config/activator/route-rule.ts';
import type { Exchange } from './http/exchange.ts';

/** What kind of question does not need a replica, and must not wake one. */
export type Glance = 'probe' | 'preflight' | 'models' | 'page';

/** Paths at which model servers and those in front of them are asked how they are. */
const probePaths =
  /^\/(health|healthz|health\/(live|ready)|livez|readyz|ping|v2\/health\/(live|ready)|v1\/health(\/\w+)?)\/?$/;
const pagePaths = /^\/(metrics|version)\/?$/;

/**
 * Which kind of glance a request is, or `undefined` for one that asks a model for something.
 *
 * @param path without the route's prefix
 * @param alsoQuiet further paths that wake nothing, as the user listed them
 */
export function glanceOf(exchange: Exchange, path: string, alsoQuiet: ReadonlySet<string>): Glance | undefined {
  const { method } = exchange;
  if (method === 'OPTIONS') return 'preflight';
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (exchange.header('upgrade') !== undefined && exchange.header('connection')?.toLowerCase().includes('upgrade')) {
    return undefined;
  }
  if (probePaths.test(path)) return 'probe';
  if (/^\/v1\/models\/?$/.test(path)) return 'models';
  return pagePaths.test(path) || alsoQuiet.has(path) ? 'page' : undefined;
}

/** An answer that needs no replica. */
export interface LocalAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

const json = ['content-type', 'application/json', 'cache-control', 'no-store'] as const;

/**
 * What a glance is told while no replica is ready. `undefined`: there is nothing true to say.
 *
 * @param models the list of models, as JSON
 */
export function answerAsleep(glance: Glance, exchange: Exchange, models: string): LocalAnswer | undefined {
  switch (glance) {
    case 'probe':
      return { status: 200, headers: json, body: '{}' };
    case 'preflight':
      return { status: 204, headers: preflightHeaders(exchange), body: '' };
    case 'models':
      return { status: 200, headers: json, body: models };
    case 'page':
      return undefined;
  }
}

/** Whether a page may read an answer is said with the answer, by the model server. */
function preflightHeaders(exchange: Exchange): readonly string[] {
  const method = exchange.header('access-control-request-method');
  if (method === undefined) return ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'];
  const headers = exchange.header('access-control-request-headers');
  return [
    ...['access-control-allow-origin', '*', 'access-control-allow-methods', method],
    ...(headers === undefined ? [] : ['access-control-allow-headers', headers]),
    ...['vary', 'Access-Control-Request-Method, Access-Control-Request-Headers'],
  ];
}

/** As OpenAI lists models. A route without names of models has its own. */
export function configuredModels(rules: readonly RouteRule[]): string {
  const ids = rules.flatMap(({ name, listedModels }) => (listedModels.length > 0 ? listedModels : [name]));
  const data = ids.map((id) => ({ id, object: 'model', created: 0, owned_by: 'keda-llm-scaler' }));
  return JSON.stringify({ object: 'list', data });
}
