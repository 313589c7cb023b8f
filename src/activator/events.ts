import type { GateEvents } from './gate/gate.ts';
import type { ErrorCode } from './http/api-error.ts';

/** What the activator wants counted. Routes are those of its rules; `undefined`: no route was found. */
export interface ActivatorEvents extends GateEvents {
  /** A request was sent to a replica, `addedMs` after its arrival less the time it was held. */
  forwarded(route: string, addedMs: number): void;
  /** A request was answered by us, without a replica. */
  refused(route: string | undefined, code: ErrorCode): void;
  /** Answered by us, or by a replica without being a demand. */
  glanced(route: string | undefined): void;
  /** Whoever asked has gone while the request was held. */
  abandoned(route: string): void;
  /** No connection could be made, and nothing had been sent. */
  retried(route: string): void;
  heartbeatSent(route: string): void;
}
