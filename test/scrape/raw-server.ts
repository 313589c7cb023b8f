import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach } from 'vitest';

/** One request as it came, and the socket to answer on. `nth` counts the requests of this connection from 1. */
export interface RawRequest {
  readonly text: string;
  readonly socket: Socket;
  readonly nth: number;
}

export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** Every request so far, over all connections. */
  readonly requests: string[];
  /** Connections so far. */
  readonly connections: () => number;
  /** Resolves once `count` connections have been closed by whoever opened them or by us. */
  closed(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Answers every request with the same bytes and leaves the connection open. */
export const answering =
  (bytes: string | Buffer) =>
  ({ socket }: RawRequest): void => {
    socket.write(bytes, 'latin1');
  };

/** Answers and closes. */
export const closingAfter =
  (bytes: string) =>
  ({ socket }: RawRequest): void => {
    socket.end(bytes, 'latin1');
  };

const open = new Set<RawServer>();
afterEach(async () => {
  await Promise.all([...open].map((server) => server.close()));
});

/** A loopback server that answers with exactly the bytes it is told to. Closed after each test. */
export async function serveRaw(answer: (request: RawRequest) => void, host = '127.0.0.1'): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  let closed = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      closed++;
      server.emit('one-closed');
    });
    hearRequests(socket, requests, answer);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  const handle: RawServer = {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`,
    requests,
    connections: () => connections,
    async closed(count) {
      while (closed < count) await once(server, 'one-closed');
    },
    async close() {
      open.delete(handle);
      await closeServer(server, sockets);
    },
  };
  open.add(handle);
  return handle;
}

function hearRequests(socket: Socket, requests: string[], answer: (request: RawRequest) => void): void {
  let heard = '';
  let nth = 0;
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1');
    for (let end = heard.indexOf('\r\n\r\n'); end >= 0; end = heard.indexOf('\r\n\r\n')) {
      const text = heard.slice(0, end + 4);
      heard = heard.slice(end + 4);
      requests.push(text);
      nth++;
      answer({ text, socket, nth });
    }
  });
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const ended = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await ended;
}
