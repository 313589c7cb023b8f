import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** One loopback server whose answer a test can change at any time. */
export interface PageHost {
  readonly url: string;
  readonly port: number;
  /** Requests so far. */
  readonly asked: () => number;
  answer(answer: Answer): void;
  close(): Promise<void>;
}

/** Serves on a free port of `host` until closed. */
export async function servePage(first: Answer, host = '127.0.0.1'): Promise<PageHost> {
  let current = first;
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    current(response, request);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/metrics`,
    port,
    asked: () => asked,
    answer(answer) {
      current = answer;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with a page of this type, whole and with its length. */
export function page(body: string, contentType = 'text/plain; version=0.0.4; charset=utf-8'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
  };
}

/** A small vLLM page with these requests in it. */
export function vllmPage(running: number, waiting: number, requestsTotal = 0, model = 'llama'): string {
  const labels = `{engine="0",model_name="${model}"}`;
  return [
    '# HELP vllm:num_requests_running Requests in the batch.',
    '# TYPE vllm:num_requests_running gauge',
    `vllm:num_requests_running${labels} ${running}.0`,
    '# HELP vllm:num_requests_waiting Requests in the queue.',
    '# TYPE vllm:num_requests_waiting gauge',
    `vllm:num_requests_waiting${labels} ${waiting}.0`,
    '# HELP vllm:kv_cache_usage_perc Share of the cache in use.',
    '# TYPE vllm:kv_cache_usage_perc gauge',
    `vllm:kv_cache_usage_perc${labels} 0.25`,
    '# HELP vllm:request_success_total Requests finished.',
    '# TYPE vllm:request_success_total counter',
    `vllm:request_success_total{engine="0",finished_reason="stop",model_name="${model}"} ${requestsTotal}.0`,
    '',
  ].join('\n');
}
