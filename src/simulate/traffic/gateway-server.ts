import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands in front of one workload. */
export interface GatewayDemand {
  /** The route's key: `namespace/name`. */
  readonly key: string;
  /** Requests that have come and are not answered yet, held or forwarded. */
  inFlight(): number;
  arrived(): number;
}

/**
 * Serves `/queue` on a loopback port in the shape of the KEDA http-add-on's interceptor, which counts a request from
 * its arrival to the end of its answer, whether it holds it or has forwarded it.
 */
export class GatewayServer {
  readonly #server: Server;

  private constructor(demand: GatewayDemand) {
    this.#server = createServer((request, response) => {
      if (request.url?.split('?')[0] !== '/queue') return void response.writeHead(404).end();
      const body = JSON.stringify({ [demand.key]: { Concurrency: demand.inFlight(), RequestCount: demand.arrived() } });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
  }

  static start(demand: GatewayDemand): Promise<GatewayServer> {
    const gateway = new GatewayServer(demand);
    return new Promise((resolve, reject) => {
      gateway.#server.once('error', reject);
      gateway.#server.listen(0, '127.0.0.1', () => resolve(gateway));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/queue`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
