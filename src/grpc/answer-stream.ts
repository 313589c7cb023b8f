import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { systemClock } from '../time/system-clock.ts';
import type { GrpcEvents, StreamMethod } from './grpc-events.ts';
import { OpenStreams } from './open-streams.ts';
import { toStatus } from './status.ts';
import type { ConnectionLimits } from './stream-lifetime.ts';
import { ConnectionAges, streamLifetimeMs } from './stream-lifetime.ts';

/** Knows every open stream and how long it may live on its connection. */
export class StreamKeeper {
  readonly streams = new OpenStreams();
  readonly #limits: ConnectionLimits;
  readonly #ages: ConnectionAges;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
    this.#ages = new ConnectionAges(1.1 * limits.maxAgeMs + limits.graceMs);
  }

  /** Notes a connection; returns its age in milliseconds. */
  seen(peer: string): number {
    return this.#ages.ageMs(peer, systemClock.nowMs());
  }

  /** How long a stream that opens now on this connection may live. */
  lifetimeMs(peer: string): number {
    return streamLifetimeMs(this.seen(peer), this.#limits, systemClock.random());
  }
}

/**
 * Lifts a function that starts a stream, and returns how to stop, to a handler that ends the stream with the right
 * status and stops exactly once. A cancelled call emits `cancelled` and `close`, and never `end`.
 */
export function answerStream<Request, Response>(
  method: StreamMethod,
  keeper: StreamKeeper,
  events: GrpcEvents,
  start: (call: ServerWritableStream<Request, Response>) => () => void,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    let code: status = status.OK;
    let stop: (() => void) | undefined;
    let closed = false;
    const close = (): void => {
      if (closed) return;
      closed = true;
      keeper.streams.remove(call);
      stop?.();
      events.streamClosed(method, status[call.cancelled ? status.CANCELLED : code]);
    };
    events.streamOpened(method);
    call.once('cancelled', close).once('finish', close).once('close', close);
    try {
      stop = start(call);
      if (closed) stop();
      else keeper.streams.add(call, keeper.lifetimeMs(call.getPeer()));
    } catch (error) {
      const failure = toStatus(error);
      code = failure.code;
      if (code === status.INTERNAL) events.failed(method, error);
      call.emit('error', failure);
    }
  };
}
