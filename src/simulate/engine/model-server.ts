import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestEnd } from '../traffic/open-request.ts';

/** What stands behind one server's HTTP. */
export interface ServedModel {
  /** False until the model is loaded: everything is answered with 503. */
  isReady(): boolean;
  page(): { readonly contentType: string; readonly body: string };
  /** Resolves when the request has ended; `undefined` when it was refused. */
  complete(request: { readonly promptTokens: number; readonly outputTokens: number }): Promise<RequestEnd> | undefined;
}

/** How the metrics page misbehaves, for tests. `refuse` closes the listener, all others leave it open. */
export type PageFault = 'refuse' | 'hang' | 'reset' | 'garbage' | 'redirect' | 'unauthorized' | 'html' | 'cut';

/** One replica's HTTP on a loopback port: `/metrics`, `/health`, `/v1/completions`. */
export class ModelServer {
  readonly #model: ServedModel;
  readonly #server: Server;
  #port = 0;
  #fault: PageFault | undefined;
  /** Pages that were asked for, answered or not. */
  scrapes = 0;

  private constructor(model: ServedModel) {
    this.#model = model;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(model: ServedModel): Promise<ModelServer> {
    const server = new ModelServer(model);
    await server.#listen();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** Makes the metrics page misbehave from now on, or behave again. */
  async setFault(fault: PageFault | undefined): Promise<void> {
    const wasRefusing = this.#fault === 'refuse';
    this.#fault = fault;
    if (fault === 'refuse' && !wasRefusing) await this.close();
    if (fault !== 'refuse' && wasRefusing) await this.#listen();
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (path === '/metrics') {
      this.scrapes += 1;
      if (this.#fault !== undefined) return misbehave(this.#fault, this.#model.page().body, response);
    }
    if (!this.#model.isReady()) return send(response, 503, 'the model is loading\n');
    if (path === '/metrics') {
      const { contentType, body } = this.#model.page();
      return send(response, 200, body, contentType);
    }
    if (path === '/health') return send(response, 200, '');
    if (path === '/v1/completions' && request.method === 'POST') return this.#complete(request, response);
    send(response, 404, 'not found\n');
  }

  async #complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = readCompletion(await readBody(request));
    if (wanted === undefined) return send(response, 400, 'expected JSON with a prompt and max_tokens\n');
    const ended = this.#model.complete(wanted);
    if (ended === undefined || (await ended) !== 'served') return send(response, 503, 'the server is going away\n');
    const usage = { prompt_tokens: wanted.promptTokens, completion_tokens: wanted.outputTokens };
    send(response, 200, JSON.stringify({ object: 'text_completion', choices: [], usage }), 'application/json');
  }
}

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
}

function misbehave(fault: PageFault, body: string, response: ServerResponse): void {
  const contentType = { 'content-type': 'text/plain; version=0.0.4' };
  const length = { 'content-length': Buffer.byteLength(body) };
  if (fault === 'reset' || fault === 'refuse') response.socket?.resetAndDestroy();
  else if (fault === 'garbage') send(response, 200, 'vllm:num_requests_running{engine= 12 nonsense\n\u0000\u0001');
  else if (fault === 'html') send(response, 200, '<!doctype html><html><body>Sign in</body></html>', 'text/html');
  else if (fault === 'redirect') response.writeHead(302, { location: 'http://127.0.0.1:9/metrics' }).end();
  else if (fault === 'unauthorized') response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
  else if (fault === 'cut') {
    response.writeHead(200, { ...contentType, ...length });
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** A text prompt counts a token for each four characters, as English text does on average. */
function readCompletion(body: string): { promptTokens: number; outputTokens: number } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { prompt, max_tokens: outputTokens } = parsed as { prompt?: unknown; max_tokens?: unknown };
  if (!Number.isInteger(outputTokens) || (outputTokens as number) < 1) return undefined;
  if (typeof prompt !== 'string' && !Array.isArray(prompt)) return undefined;
  const promptTokens = typeof prompt === 'string' ? Math.ceil(prompt.length / 4) : prompt.length;
  return { promptTokens: Math.max(1, promptTokens), outputTokens: outputTokens as number };
}
