import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenAddress } from '../../config/settings/settings-readers.ts';

export interface ListenerOptions extends ListenAddress {
  readonly maxHeaderBytes: number;
  /** Certificate chain and key (PEM); `undefined`: clients speak plainly. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, early: Buffer) => void;
}

export interface Listener {
  /** `host:port`. */
  readonly address: string;
  readonly port: number;
  /** Takes no new connection and no further request of those there are. What is under way goes on. */
  stop(): void;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** The head of a request must be here within this time of its first byte. */
const headWithinMs = 30_000;
/** A whole request with its body, however slowly it is sent. */
const requestWithinMs = 60 * 60_000;
const idleMs = 75_000;
const mostStreamsPerSession = 1000;
const mostHeaders = 200;

/** What an HTTP/2 connection begins with. No HTTP/1.1 request does: `PRI` is no method. */
const preface = 'PRI';

/** Serves HTTP/1.1 and HTTP/2 on one port. Rejects when it can't be listened on. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const { server, http1 } =
    options.tls === undefined ? plainServers(options, sessions) : secureServer(options, sessions);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A model's tokens are small, and each is waited for.
    socket.setNoDelay(true);
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    address: options.host.includes(':') ? `[${options.host}]:${port}` : `${options.host}:${port}`,
    port,
    stop() {
      server.close();
      http1?.closeIdleConnections();
      for (const session of sessions) session.close();
    },
    async close() {
      const closed = new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type AnyServer = ReturnType<typeof createTcpServer>;

interface Servers {
  readonly server: AnyServer;
  readonly http1: Server | undefined;
}

const http1Limits = {
  headersTimeout: headWithinMs,
  requestTimeout: requestWithinMs,
  keepAliveTimeout: idleMs,
  connectionsCheckingInterval: 5000,
  requireHostHeader: false,
  // Only what we know how to pass on is a reason to leave HTTP; anything else is answered as if it had not been asked.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};

/** What is common to both kinds. `maxHeaderListPairs` counts the pseudo headers too. */
function http2Limits({ maxHeaderBytes }: ListenerOptions) {
  return {
    maxHeaderListPairs: mostHeaders,
    maxSessionMemory: 64,
    settings: { maxConcurrentStreams: mostStreamsPerSession, maxHeaderListSize: maxHeaderBytes, enablePush: false },
  };
}

/** Looks at each connection's first bytes to see which protocol it speaks. */
function plainServers(options: ListenerOptions, sessions: Set<ServerHttp2Session>): Servers {
  const http1 = createServer({ ...http1Limits, maxHeaderSize: options.maxHeaderBytes });
  http1.maxHeadersCount = mostHeaders;
  answerWith(http1, options);
  const http2 = createHttp2Server(http2Limits(options));
  answerWith(http2, options);
  keepSessions(http2, sessions);
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(headWithinMs, () => socket.destroy());
    firstBytes(
      socket,
      () => {
        socket.setTimeout(0);
        socket.removeAllListeners('timeout');
      },
      { http1, http2 },
    );
  });
  return { server, http1 };
}

/** What has come is put back once, when it says enough: put back earlier, it would be read again at once, for ever. */
function firstBytes(socket: Socket, known: () => void, { http1, http2 }: { http1: Server; http2: Http2Server }): void {
  let kept = Buffer.alloc(0);
  const hangUp = (): void => void socket.end();
  const look = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) kept = Buffer.concat([kept, chunk]);
    const seen = kept.toString('latin1', 0, preface.length);
    if (seen.length < preface.length && preface.startsWith(seen)) {
      socket.once('readable', look);
      return;
    }
    socket.off('end', hangUp);
    known();
    socket.unshift(kept);
    (seen === preface ? http2 : http1).emit('connection', socket);
  };
  socket.once('readable', look);
  socket.once('end', hangUp);
}

function secureServer(options: ListenerOptions, sessions: Set<ServerHttp2Session>): Servers {
  const { cert, key } = options.tls!;
  const limits = { ...http2Limits(options), ...http1Limits, maxHeaderSize: options.maxHeaderBytes };
  const server = createSecureServer({ ...limits, allowHTTP1: true, cert, key, minVersion: 'TLSv1.2' });
  answerWith(server, options);
  keepSessions(server, sessions);
  return { server: server as unknown as AnyServer, http1: undefined };
}

/** Both kinds of server have these events; HTTP/2's messages are used as if they were HTTP/1.1's. */
function answerWith(server: unknown, { onRequest, onUpgrade }: ListenerOptions): void {
  const http = server as Server;
  http.on('request', (request, response) => onRequest(request, response, false));
  http.on('checkContinue', (request, response) => onRequest(request, response, true));
  http.on('upgrade', (request, socket, early) => onUpgrade(request, socket, early));
  http.on('connect', (_request, socket) =>
    socket.end('HTTP/1.1 405 \r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
  );
  http.on('clientError', refuseBadRequest);
}

const badRequests: Readonly<Record<string, readonly [status: number, words: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the head of the request is larger than is accepted'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive in time'],
};

/** What is no request is told so, if anybody still listens, and forwarded to nobody. */
function refuseBadRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, words] = badRequests[error.code ?? ''] ?? [
    400,
    'this is no HTTP request that can be understood one way',
  ];
  const head = `HTTP/1.1 ${status} \r\nconnection: close\r\ncontent-type: text/plain\r\n`;
  socket.end(`${head}content-length: ${words.length + 1}\r\n\r\n${words}\n`, () => socket.destroy());
}

function keepSessions(
  server: { on(event: 'session', listener: (session: ServerHttp2Session) => void): unknown },
  sessions: Set<ServerHttp2Session>,
): void {
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
    session.setTimeout(idleMs, () => {
      if (session.state.nextStreamID === undefined) session.close();
    });
  });
}

function listen(server: AnyServer, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`could not listen on ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen({ host, port, backlog: 4096 }, () => resolve());
  });
}
