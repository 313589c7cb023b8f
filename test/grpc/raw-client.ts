import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { connect } from 'node:http2';
import { onTestFinished } from 'vitest';
import { loadContract } from '../../src/grpc/contract.ts';
import type { GrpcServer } from '../../src/grpc/start-grpc-server.ts';
import { ref } from './scripted-scaler.ts';

/** A bare HTTP/2 connection, for what a gRPC client would hide. */
export function rawConnection(server: GrpcServer, initialWindowSize = 65_535): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${server.port}`, { settings: { initialWindowSize } });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** Opens `StreamIsActive`; nothing is read until the test does. */
export function rawPush(session: ClientHttp2Session): ClientHttp2Stream {
  const { path, requestSerialize } = loadContract().externalScaler.StreamIsActive;
  const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request(headers);
  stream.on('error', () => {});
  const message = requestSerialize(ref);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([frame, message]));
  return stream;
}
