import type { handleUnaryCall } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { systemClock } from '../time/system-clock.ts';
import { ScalerError } from '../triggers/scaler-error.ts';
import type { StreamKeeper } from './answer-stream.ts';
import type { GrpcEvents, UnaryMethod } from './grpc-events.ts';
import type { CallStatus } from './status.ts';
import { toStatus } from './status.ts';

export interface UnaryOptions {
  readonly events: GrpcEvents;
  readonly keeper: StreamKeeper;
  /** KEDA sets no deadline, so a call that takes longer is answered with `UNAVAILABLE`. */
  readonly answerWithinMs: number;
}

/** Lifts an async function to a handler that always answers, and once, so that no handler has an error path of its own. */
export function answerUnary<Request, Response>(
  method: UnaryMethod,
  { events, keeper, answerWithinMs }: UnaryOptions,
  answer: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, reply) => {
    const startedMs = systemClock.nowMs();
    keeper.seen(call.getPeer());
    const finish = (code: status): void =>
      events.handled(method, status[code], (systemClock.nowMs() - startedMs) / 1000);
    const refuse = (error: unknown): void => {
      const failure: CallStatus = toStatus(error);
      reply(failure);
      finish(failure.code);
      if (failure.code === status.INTERNAL) events.failed(method, error);
    };
    within(answerWithinMs, answer(call.request)).then((response) => {
      reply(null, response);
      finish(status.OK);
    }, refuse);
  };
}

async function within<Value>(limitMs: number, answer: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const refusal = new ScalerError('reading-unavailable', `no answer within ${limitMs} ms`);
    timer = setTimeout(reject, limitMs, refusal);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
