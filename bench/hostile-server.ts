import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { carryOut, isChild, startChild } from './child.ts';
import { vllmPage } from './vllm-page.ts';

/** What a server does to whoever reads its page. */
export const hostileKinds = ['drip', 'huge', 'labels', 'bomb', 'endless', 'redirect', 'silent', 'tiny'] as const;
export type HostileKind = (typeof hostileKinds)[number];

export interface HostileServer {
  /** One of the 250 addresses that do this. */
  url(kind: HostileKind, at: number): string;
  /** Where every address of loopback has a tiny page. */
  readonly everywherePort: number;
  stop(): Promise<void>;
}

/** Serves pages that are meant to hurt, from a process of its own. */
export async function startHostileServer(): Promise<HostileServer> {
  const child = startChild(fileURLToPath(import.meta.url));
  const { port, everywherePort } = await child.order<{ port: number; everywherePort: number }>('start');
  return {
    everywherePort,
    url: (kind, at) => `http://${addressOf(kind, at)}:${port}/metrics`,
    stop: () => child.stop(),
  };
}

const addressesPerKind = 250;

function addressOf(kind: HostileKind, at: number): string {
  return `127.2.${hostileKinds.indexOf(kind)}.${(at % addressesPerKind) + 1}`;
}

/** Just below the service's limit for a page. */
const hugeBytes = 4_100_000;
const labelled = 9_990;
const labelPages = 4;

/** The child's side. */
function serveHostility(): void {
  const dripping = new Set<Socket>();
  const behaviours: Record<HostileKind, (socket: Socket) => void> = {
    drip: (socket) => {
      socket.write(`${head(100_000)}#`);
      dripping.add(socket);
    },
    huge: always(
      whole(
        vllmPage(hugeBytes)
          .slice(0, hugeBytes - 1)
          .replace(/[^\n]*$/, ''),
      ),
    ),
    labels: inTurn(Array.from({ length: labelPages }, (_, nth) => whole(pageOfModels(nth)))),
    bomb: always(zipped(gzipSync(Buffer.alloc(200_000_000, '# nothing\n')))),
    endless: (socket) => pourInto(socket, Buffer.from(vllmPage(64_000))),
    redirect: always(Buffer.from('HTTP/1.1 302 Found\r\nlocation: /metrics\r\ncontent-length: 0\r\n\r\n')),
    silent: () => {},
    tiny: always(whole('vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n')),
  };
  const listen = async (kind: HostileKind, address: string, port: number): Promise<number> => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => dripping.delete(socket));
      socket.on('data', () => behaviours[kind](socket));
    });
    server.listen(port, address, 64);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const drip = (): void => {
    for (const socket of dripping) socket.write('#');
  };
  carryOut({
    async start() {
      setInterval(drip, 1000);
      const everywherePort = await listen('tiny', '0.0.0.0', 0);
      const port = await listen('drip', addressOf('drip', 0), 0);
      for (const kind of hostileKinds) {
        for (let at = kind === 'drip' ? 1 : 0; at < addressesPerKind; at++) {
          await listen(kind, addressOf(kind, at), port);
        }
      }
      return { port, everywherePort };
    },
  });
}

function head(bytes: number, more = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: ${bytes}\r\n${more}\r\n`;
}

function whole(page: string): Buffer {
  return Buffer.from(head(page.length) + page, 'latin1');
}

function zipped(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(head(body.length, 'content-encoding: gzip\r\n')), body]);
}

/** Nearly as many samples as are read, each of another model, and other models each time. */
function pageOfModels(nth: number): string {
  const lines = Array.from({ length: labelled }, (_, at) => {
    return `vllm:num_requests_running{model_name="${`model-${nth}-${at}-`.padEnd(60, 'x')}"} 1\n`;
  });
  return lines.join('');
}

function always(response: Buffer): (socket: Socket) => void {
  return (socket) => void socket.write(response);
}

function inTurn(responses: readonly Buffer[]): (socket: Socket) => void {
  let next = 0;
  return (socket) => void socket.write(responses[next++ % responses.length]!);
}

/** Without a length and without an end, as fast as it is taken. */
function pourInto(socket: Socket, page: Buffer): void {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\n\r\n');
  const pour = (): void => {
    while (!socket.destroyed && socket.write(page)) {}
  };
  socket.on('drain', pour);
  pour();
}

if (isChild(fileURLToPath(import.meta.url))) serveHostility();
