import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { carryOut, isChild, startChild } from './child.ts';
import { sharedNowMs } from './figures.ts';
import { vllmPage } from './vllm-page.ts';

export interface PageServerOptions {
  /** Addresses that pages are served on, 1 to 60,000: 127.1.0.1, 127.1.0.2 and so on, all on one port. */
  readonly endpoints: number;
  readonly minPageBytes: number;
  readonly maxPageBytes: number;
}

export interface Load {
  readonly running: number;
  readonly waiting: number;
}

export interface PageServer {
  /** One for each endpoint. */
  readonly urls: readonly string[];
  /** From now on every page says so. Resolves with the moment, as `sharedNowMs` counts. */
  setLoad(load: Load): Promise<number>;
  stop(): Promise<void>;
}

/** Serves vLLM-like pages of many sizes from a process of its own, at as little cost as can be. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const child = startChild(fileURLToPath(import.meta.url));
  const port = await child.order<number>('start', options);
  return {
    urls: Array.from({ length: options.endpoints }, (_, at) => `http://${addressOf(at)}:${port}/metrics`),
    setLoad: (load) => child.order<number>('load', load),
    stop: () => child.stop(),
  };
}

function addressOf(at: number): string {
  return `127.1.${Math.floor(at / 250)}.${(at % 250) + 1}`;
}

/** How many sizes of page there are; endpoints take turns. */
const variants = 32;

/** Pages by their length: a change of load must not keep the server busy. */
const printed = new Map<number, string>();

function pageOf(minBytes: number): string {
  const page = printed.get(minBytes) ?? vllmPage(minBytes);
  printed.set(minBytes, page);
  return page;
}

/** Whole responses, ready to be written. */
function responsesOf(options: PageServerOptions, { running, waiting }: Load): Buffer[] {
  const { minPageBytes, maxPageBytes } = options;
  return Array.from({ length: variants }, (_, at) => {
    const minBytes = minPageBytes + Math.floor(((maxPageBytes - minPageBytes) * at) / (variants - 1));
    const page = pageOf(minBytes)
      .replace(/^(vllm:num_requests_running\{.*\}) .*$/m, `$1 ${running}.0`)
      .replace(/^(vllm:num_requests_waiting\{.*\}) .*$/m, `$1 ${waiting}.0`);
    const type = 'text/plain; version=0.0.4; charset=utf-8';
    const head = `HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-type: ${type}\r\ncontent-length: ${page.length}\r\n\r\n`;
    return Buffer.from(head + page, 'latin1');
  });
}

/** The child's side. */
function servePages(): void {
  let options: PageServerOptions | undefined;
  let responses: Buffer[] = [];
  const answer = (socket: Socket, at: number): void => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    // A request comes in one piece, and none before the answer to the one before.
    socket.on('data', () => {
      socket.write(responses[at % variants]!);
    });
  };
  const listen = async (at: number, port: number): Promise<number> => {
    const server = createServer((socket) => answer(socket, at));
    server.listen(port, addressOf(at), 64);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  carryOut({
    async start(wanted: PageServerOptions) {
      options = wanted;
      responses = responsesOf(wanted, { running: 37, waiting: 5 });
      const port = await listen(0, 0);
      for (let at = 1; at < wanted.endpoints; at++) await listen(at, port);
      return port;
    },
    load(load: Load) {
      responses = responsesOf(options!, load);
      return sharedNowMs();
    },
  });
}

if (isChild(fileURLToPath(import.meta.url))) servePages();
