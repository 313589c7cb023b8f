import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { vllmPage } from './vllm-page.ts';

export interface PageServerOptions {
  /** Addresses that pages are served on, 1 to 65,000: 127.1.0.1, 127.1.0.2 and so on, all on one port. */
  readonly endpoints: number;
  readonly minPageBytes: number;
  readonly maxPageBytes: number;
}

export interface PageServer {
  /** One for each endpoint. */
  readonly urls: readonly string[];
  /** From now on every page says so. */
  setLoad(load: { readonly running: number; readonly waiting: number }): void;
  /** Pages served since the last time this was asked. */
  served(): Promise<number>;
  stop(): Promise<void>;
}

type Order =
  | { readonly kind: 'start'; readonly options: PageServerOptions }
  | { readonly kind: 'load'; readonly running: number; readonly waiting: number }
  | { readonly kind: 'served' };
type Report = { readonly kind: 'started'; readonly port: number } | { readonly kind: 'served'; readonly count: number };

/** Serves vLLM-like pages of many sizes from a process of its own, at as little cost as can be. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const child = fork(fileURLToPath(import.meta.url), { stdio: 'inherit' });
  const order = (message: Order): void => {
    child.send(message);
  };
  order({ kind: 'start', options });
  const started = await reportOf(child, 'started');
  return {
    urls: Array.from({ length: options.endpoints }, (_, at) => `http://${addressOf(at)}:${started.port}/metrics`),
    setLoad: (load) => order({ kind: 'load', ...load }),
    async served() {
      order({ kind: 'served' });
      return (await reportOf(child, 'served')).count;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

function reportOf<Kind extends Report['kind']>(child: ChildProcess, kind: Kind) {
  return new Promise<Extract<Report, { kind: Kind }>>((resolve, reject) => {
    const exited = () => reject(new Error('the page server ended'));
    const hear = (report: Report): void => {
      if (report.kind !== kind) return;
      child.off('message', hear);
      child.off('exit', exited);
      resolve(report as Extract<Report, { kind: Kind }>);
    };
    child.on('message', hear);
    child.once('exit', exited);
  });
}

function addressOf(at: number): string {
  return `127.1.${Math.floor(at / 250)}.${(at % 250) + 1}`;
}

/** How many sizes of page there are; endpoints take turns. */
const variants = 32;

/** Whole responses, ready to be written. */
function responsesOf(options: PageServerOptions, running: number, waiting: number): Buffer[] {
  const { minPageBytes, maxPageBytes } = options;
  return Array.from({ length: variants }, (_, at) => {
    const minBytes = minPageBytes + Math.floor(((maxPageBytes - minPageBytes) * at) / (variants - 1));
    const page = vllmPage(minBytes)
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
  let count = 0;
  const answer = (socket: Socket, at: number): void => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    // A request comes in one piece, and none before the answer to the one before.
    socket.on('data', () => {
      count++;
      socket.write(responses[at % variants]!);
    });
  };
  const listen = async (at: number, port: number): Promise<number> => {
    const server = createServer((socket) => answer(socket, at));
    server.listen(port, addressOf(at), 64);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const report = (message: Report): void => {
    process.send?.(message);
  };
  const start = async (wanted: PageServerOptions): Promise<void> => {
    options = wanted;
    responses = responsesOf(wanted, 37, 5);
    const port = await listen(0, 0);
    for (let at = 1; at < wanted.endpoints; at++) await listen(at, port);
    report({ kind: 'started', port });
  };
  process.on('message', (order: Order) => {
    if (order.kind === 'start') void start(order.options);
    else if (order.kind === 'served') report({ kind: 'served', count });
    else if (options !== undefined) responses = responsesOf(options, order.running, order.waiting);
    if (order.kind === 'served') count = 0;
  });
  process.on('disconnect', () => process.exit());
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) servePages();
