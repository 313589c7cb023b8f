import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';

/** Knows exactly how many requests are inside the model server: each holds one connection here until it is let go. */
export class Gate {
  /** Each with the process that it is in, once that has said so. */
  readonly #held = new Map<Socket, number | undefined>();
  readonly #server: Server;
  /** Open: requests are let go as they come. */
  isOpen = false;
  /** Requests that ever came. */
  arrived = 0;

  private constructor() {
    this.#server = createServer((socket) => {
      this.arrived += 1;
      this.#held.set(socket, undefined);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#held.delete(socket));
      socket.on('data', (data) => {
        if (this.#held.has(socket)) this.#held.set(socket, Number(data.toString()));
      });
      if (this.isOpen) socket.end();
    });
  }

  static async listen(): Promise<Gate> {
    const gate = new Gate();
    await listening(gate.#server);
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get inside(): number {
    return this.#held.size;
  }

  /** The process that has most of them. */
  get busiest(): number | undefined {
    const counts = new Map<number, number>();
    for (const pid of this.#held.values()) if (pid !== undefined) counts.set(pid, (counts.get(pid) ?? 0) + 1);
    return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
  }

  release(count: number): void {
    for (const socket of [...this.#held.keys()].slice(0, count)) {
      this.#held.delete(socket);
      socket.end();
    }
  }

  close(): void {
    for (const socket of this.#held.keys()) socket.destroy();
    this.#server.close();
  }
}

/** The workers of the model server say here who they are, and end when this closes. */
export class Lifeline {
  readonly #workers = new Map<Socket, number>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#workers.delete(socket));
      socket.once('data', (data) => this.#workers.set(socket, Number(data.toString())));
    });
  }

  static async listen(): Promise<Lifeline> {
    const lifeline = new Lifeline();
    await listening(lifeline.#server);
    return lifeline;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Process ids of the workers that are alive. */
  get workers(): readonly number[] {
    return [...this.#workers.values()];
  }

  close(): void {
    for (const socket of this.#workers.keys()) socket.destroy();
    this.#server.close();
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
