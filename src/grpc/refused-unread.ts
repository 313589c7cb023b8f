import type { ServerInterceptor } from '@grpc/grpc-js';
import { ServerInterceptingCall, status } from '@grpc/grpc-js';

/**
 * Tells of messages that are above the limit on their size: the library refuses those by itself, and no handler hears
 * of them.
 */
export function refusedUnread(onTooLarge: (method: string) => void): ServerInterceptor {
  return ({ path }, call) => {
    const sendStatus = call.sendStatus.bind(call);
    let isPassedOn = false;
    call.sendStatus = (sent) => {
      if (!isPassedOn && sent.code === status.RESOURCE_EXHAUSTED) onTooLarge(path.slice(path.lastIndexOf('/') + 1));
      sendStatus(sent);
    };
    return new ServerInterceptingCall(call, {
      sendStatus(sent, next) {
        isPassedOn = true;
        next(sent);
      },
    });
  };
}
