import type { RouteRule } from '../config/activator/route-rule.ts';
import type { HoldRefusal } from '../hold-queue/hold-queue.ts';
import type { Gate } from './gate/gate.ts';
import type { ApiError } from './http/api-error.ts';
import type { ReplicaSet } from './replicas/replica.ts';

/** One route at work. */
export interface Route {
  readonly rule: RouteRule;
  readonly gate: Gate;
  readonly replicas: ReplicaSet;
  readonly holdTimeoutMs: number;
  /** The last list of models that a replica gave to somebody without credentials. */
  lastModels: string | undefined;
}

/** A queue that is full is the client's to wait for (429); where all of us is full, ours (503). */
export function fullError({ rule, gate }: Route, refusal: HoldRefusal, nowMs: number): ApiError {
  const retryAfterSeconds = gate.coldStarts.retryAfterSeconds(nowMs);
  const whose = refusal.startsWith('lane') ? `the queue of ${rule.name}` : 'the queue of all models';
  const message = `${whose} is full; try again in ${retryAfterSeconds} s`;
  return { status: refusal.startsWith('lane') ? 429 : 503, code: 'queue_full', message, retryAfterSeconds };
}

export function tooOldError({ rule, gate, replicas }: Route, waitedMs: number, nowMs: number): ApiError {
  const why = replicas.problem() ?? (replicas.ready().length === 0 ? 'none was ready' : 'all were busy');
  const message = `no replica of ${rule.name} was free within ${Math.round(waitedMs / 1000)} s: ${why}`;
  return { status: 503, code: 'hold_timeout', message, retryAfterSeconds: gate.coldStarts.retryAfterSeconds(nowMs) };
}

export function endingError({ gate }: Route, nowMs: number): ApiError {
  const message = 'the activator is shutting down; try again';
  return {
    status: 503,
    code: 'shutting_down',
    message,
    retryAfterSeconds: Math.min(1, gate.coldStarts.retryAfterSeconds(nowMs)),
  };
}

/** The path a replica is asked for. */
export function targetFor({ rule }: Route, target: string): string {
  if (!rule.stripPrefix || rule.pathPrefix === '/') return target;
  const rest = target.slice(rule.pathPrefix.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
