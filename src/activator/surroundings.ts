import type { HoldQueue } from '../hold-queue/hold-queue.ts';
import type { BodyLimits, BodyRefusal, RequestBody } from './body/request-body.ts';
import type { ActivatorEvents } from './events.ts';
import type { Visitor } from './gate/gate.ts';
import type { ApiError } from './http/api-error.ts';
import type { Exchange } from './http/exchange.ts';
import type { Upstreams } from './replicas/upstreams.ts';

/** Somebody under way who can be told of time and of the end. */
export interface Underway {
  beat(nowMs: number): void;
  refuseIfHeld(): void;
}

/** What every request on its way needs. */
export interface Surroundings {
  readonly queue: HoldQueue<Visitor>;
  readonly upstreams: Upstreams;
  readonly events: ActivatorEvents;
  readonly bodies: BodyLimits;
  /** 0: none. */
  readonly heartbeatMs: number;
  /** Requests that are held or at a replica. */
  readonly passages: Set<Underway>;
  nowMs(): number;
  priorityOf(exchange: Exchange): number;
  stickyKeyOf(exchange: Exchange, body: RequestBody | undefined): string | undefined;
  bodyError(refusal: BodyRefusal): ApiError;
}
