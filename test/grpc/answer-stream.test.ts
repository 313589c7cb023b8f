import { EventEmitter } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { answerStream, StreamKeeper } from '../../src/grpc/answer-stream.ts';
import { Health } from '../../src/grpc/health.ts';
import { OpenStreams } from '../../src/grpc/open-streams.ts';

/** A call as grpc-js hands it over, with nobody at the other end. */
class Call extends EventEmitter {
  cancelled = false;
  readonly written: unknown[] = [];
  readonly request = { service: '' };

  getPeer(): string {
    return '127.0.0.1:1234';
  }

  write(message: unknown): void {
    this.written.push(message);
  }

  cancel(): void {
    this.cancelled = true;
    this.emit('cancelled');
  }
}

const streamOf = (call: Call) => call as unknown as ServerWritableStream<never, never>;
const events = {
  handled: () => undefined,
  streamOpened: () => undefined,
  streamClosed: () => undefined,
  messageTooLarge: () => undefined,
  failed: () => undefined,
};
const limits = { maxAgeMs: 60_000, graceMs: 1000 };

it.each(['before it has opened', 'afterwards'])('stops a stream once that is cancelled %s', (when) => {
  let stopped = 0;
  const keeper = new StreamKeeper(limits);
  const handle = answerStream('StreamIsActive', keeper, events, (opening) => {
    if (when === 'before it has opened') (opening as unknown as Call).cancel();
    return () => {
      stopped++;
    };
  });
  const call = new Call();
  handle(streamOf(call));
  if (when === 'afterwards') call.cancel();
  expect(stopped).toBe(1);
  call.emit('close');
  expect(stopped).toBe(1);
});

it('lets a thousand watch its health, and one more when one has gone', () => {
  const { Watch } = new Health([], new OpenStreams()).handlers();
  const calls = Array.from({ length: 1001 }, () => new Call());
  const errors: unknown[] = [];
  for (const call of calls) {
    call.on('error', (error) => errors.push(error));
    Watch(streamOf(call));
  }
  expect(errors).toMatchObject([{ details: 'at most 1000 watchers' }]);
  expect(calls.filter(({ written }) => written.length > 0)).toHaveLength(1000);
  calls[0]!.cancel();
  const late = new Call();
  Watch(streamOf(late));
  expect(late.written).toHaveLength(1);
});
