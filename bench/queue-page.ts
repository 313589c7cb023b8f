import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A gateway's queue page in the shape of the KEDA HTTP add-on's: one entry for each route. */
export interface QueuePage {
  readonly url: string;
  /** From now on the page shows one request held for this ScaledObject. */
  hold(route: { readonly namespace: string; readonly name: string }): void;
  /** From now on the page shows none. */
  clear(): void;
}

/** Serves the page until the process ends. */
export async function startQueuePage(routes: readonly string[]): Promise<QueuePage> {
  const emptyQueue = () => Object.fromEntries(routes.map((route) => [route, { Concurrency: 0, RequestCount: 0 }]));
  let queue = emptyQueue();
  let body: string | undefined;
  const server = createServer((_request, response) => {
    body ??= JSON.stringify(queue);
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/queue`,
    hold({ namespace, name }) {
      queue[`${namespace}/${name}`] = { Concurrency: 1, RequestCount: 1 };
      body = undefined;
    },
    clear() {
      queue = emptyQueue();
      body = undefined;
    },
  };
}
