import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../time/system-clock.ts';
import type { AdminPage } from './admin-page.ts';
import type { AdminRoute } from './admin-route.ts';
import { pageAt } from './admin-route.ts';

export interface AdminServerOptions {
  /** An IP address or host name, IPv6 without brackets. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What it serves; `/` lists them. */
  readonly routes: readonly AdminRoute[];
  /** A page that could not be made; it was answered with 500 and no details. */
  readonly onError?: (path: string, error: unknown) => void;
}

export interface AdminServer {
  /** `host:port` as a URL has it. */
  readonly address: string;
  readonly port: number;
  /** What its routes are told; `why` in words while not ready. */
  setReady(ready: boolean, why?: string): void;
  /** Stops listening; pages under way are finished, for a second at most. */
  close(): Promise<void>;
}

/** No page needs a script, a frame or a copy in a cache. */
const safeHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 1000,
} as const;
const maxConnections = 256;
const closeWithinMs = 1000;

/** Serves pages to be read; none changes anything. Rejects when the address can't be listened on. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const startedMs = systemClock.nowMs();
  let ready = false;
  let why: string | undefined = 'starting';
  const server = createServer(limits, (request, response) => {
    const uptimeSeconds = Math.floor((systemClock.nowMs() - startedMs) / 1000);
    const readiness = { ready, why: ready ? undefined : why, uptimeSeconds };
    void answer(
      request,
      response,
      async (url) => await pageAt({ url, accept: request.headers.accept }, options.routes, readiness),
      options.onError,
    );
  });
  server.maxConnections = maxConnections;
  const port = await listen(server, options.host, options.port);
  return {
    address: hostPort(options.host, port),
    port,
    setReady(nowReady, words) {
      ready = nowReady;
      why = nowReady ? undefined : (words ?? 'not ready');
    },
    close: () => close(server),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pageOf: (url: string) => Promise<AdminPage>,
  onError: AdminServerOptions['onError'],
): Promise<void> {
  response.on('error', () => {}); // Whoever asked has gone.
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    // What such a request carries is not read, so the connection can't be used again.
    send(response, 405, { allow: 'GET, HEAD', connection: 'close' }, 'only GET and HEAD are answered\n');
    return;
  }
  const url = request.url ?? '/';
  try {
    const { code, contentType, body, headers } = await pageOf(url);
    send(response, code, { 'content-type': contentType, ...headers }, body);
  } catch (error) {
    onError?.(url.slice(0, 100), error);
    send(response, 500, {}, 'internal error\n');
  }
}

function send(response: ServerResponse, code: number, headers: Record<string, string>, body: string): void {
  if (response.headersSent || response.destroyed) return;
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', ...safeHeaders, ...headers, ...length });
  response.end(body);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`could not listen on ${hostPort(host, port)}: ${cause.message}`, { cause }));
    });
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeWithinMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
