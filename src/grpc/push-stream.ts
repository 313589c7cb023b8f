import type { ServerWritableStream } from '@grpc/grpc-js';
import type { PushStream } from '../triggers/answers.ts';
import type { IsActiveResponse } from './generated/externalscaler/IsActiveResponse.ts';

/**
 * A stream of `true`s with at most one message under way: KEDA reads slowly while it waits to write, and what piles
 * up then would keep an idle workload alive for hours.
 */
export function pushStream<Request>(
  call: ServerWritableStream<Request, IsActiveResponse>,
): PushStream & { close(): void } {
  let open = true;
  let pending = false;
  return {
    sendActive() {
      if (!open || pending || call.cancelled || call.writableEnded) return false;
      pending = true;
      call.write({ result: true }, (error?: Error | null) => {
        pending = false;
        if (error) open = false;
      });
      return true;
    },
    close() {
      open = false;
    },
  };
}
