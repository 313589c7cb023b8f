import type { ConnectionOptions } from './scaler-connection.ts';
import { ScalerConnection } from './scaler-connection.ts';

/**
 * KEDA's process-wide connections, one for each address. `counted` (2.21): the last scaler to let go closes the
 * connection, and calls only look it up. `kept` (up to 2.20): a connection is never closed.
 */
export type PoolKind = 'counted' | 'kept';

interface Entry {
  readonly connection: ScalerConnection;
  users: number;
}

export class ConnectionPool {
  readonly #kind: PoolKind;
  readonly #options: ConnectionOptions;
  readonly #entries = new Map<string, Entry>();
  /** Connections made since the start. */
  opened = 0;

  constructor(kind: PoolKind, options: ConnectionOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  acquire(address: string): void {
    let entry = this.#entries.get(address);
    if (entry === undefined) {
      entry = { connection: new ScalerConnection(address, this.#options), users: 0 };
      this.opened += 1;
      this.#entries.set(address, entry);
    }
    entry.users += 1;
  }

  release(address: string): void {
    const entry = this.#entries.get(address);
    if (entry === undefined) return;
    entry.users -= 1;
    if (entry.users > 0 || this.#kind === 'kept') return;
    this.#entries.delete(address);
    entry.connection.close();
  }

  /** The open connection; throws when there is none, as a call of KEDA 2.21 then fails without touching the network. */
  lookup(address: string): ScalerConnection {
    const entry = this.#entries.get(address);
    if (entry === undefined) throw new Error(`no pooled connection for ${address}: the scaler is closed`);
    return entry.connection;
  }

  close(): void {
    for (const entry of this.#entries.values()) entry.connection.close();
    this.#entries.clear();
  }
}
