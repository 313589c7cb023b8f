import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endings } from '../endings.ts';

/** Stands in for an engine behind a router: holds chat completions until they are released, and counts them itself. */
export class OpenAiServer {
  readonly #held = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => this.#take(request, response));

  static async listen(endings: Endings): Promise<OpenAiServer> {
    const server = new OpenAiServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    endings.add(() => server.close());
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get inside(): number {
    return this.#held.size;
  }

  release(count = this.#held.size): void {
    for (const response of [...this.#held].slice(0, count)) {
      this.#held.delete(response);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion));
    }
  }

  close(): void {
    this.release();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    if (request.url === '/metrics') {
      // An engine that says nothing runs, so that what is counted can only be the router's.
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(enginePage);
    } else if (request.method === 'POST') {
      this.#held.add(response);
      response.on('close', () => this.#held.delete(response));
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(about));
    }
  }
}

const enginePage = 'vllm:num_requests_running{model_name="tiny"} 0\nvllm:num_requests_waiting{model_name="tiny"} 0\n';
const about = {
  status: 'ok',
  object: 'list',
  data: [{ id: 'tiny', object: 'model', created: 1, owned_by: 'test' }],
  model_path: 'tiny',
  served_model_name: 'tiny',
};
const completion = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'tiny',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'done' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
