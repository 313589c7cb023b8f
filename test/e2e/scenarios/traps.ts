import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { addAddress, tenantNames } from '../cluster/namespaces.ts';
import { podCidr, serviceOfApiServer } from '../cluster/plans.ts';

/** A port on which nothing of the cluster listens, and at which no scaler looks for a model server by itself. */
export const trapPort = 8445;
const ports = [80, 443, trapPort];
/** What forbidden spellings mean, as addresses of this machine, so that arriving there would be seen. */
const addresses = [tenantNames.metadata[1], serviceOfApiServer, '64:ff9b::a9fe:a9fe', '192.0.2.1'];
/** What a page says at a pod's address, which may be read. */
export const requestsAtPods = 5;
/** The demand of a large workload: whatever reads it elsewhere, scales. */
const bait = 200;

/** Listeners on every address of this machine that no scaler should come to. */
export class Traps {
  readonly #servers: Server[] = [];
  readonly #arrivals = new Set<string>();

  async open(): Promise<void> {
    for (const address of addresses) addAddress(address);
    await Promise.all(ports.map((port) => this.#listen(port)));
  }

  /** Where somebody came, `address port`; pods' addresses aside. */
  get arrivals(): readonly string[] {
    return [...this.#arrivals];
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  #listen(port: number): Promise<void> {
    const server = createServer(({ socket }, response) => {
      const running = isPod(socket) ? requestsAtPods : bait;
      const page = `vllm:num_requests_running{engine="0"} ${running}\nvllm:num_requests_waiting{engine="0"} 0\n`;
      response.writeHead(200, { 'content-type': 'text/plain' }).end(page);
    });
    server.on('connection', (socket) => {
      if (!isPod(socket)) this.#arrivals.add(`${addressOf(socket)} ${port}`);
      // A pod has no page on the usual ports but its own: other scenarios' pods are at these addresses too.
      else if (port !== trapPort) socket.destroy();
    });
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '::', resolve);
    });
  }
}

function addressOf({ localAddress = '' }: Socket): string {
  return localAddress.replace(/^::ffff:/, '');
}

function isPod(socket: Socket): boolean {
  return addressOf(socket).startsWith(podCidr.split('.').slice(0, 2).join('.'));
}
