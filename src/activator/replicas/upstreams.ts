import { Pool } from 'undici';
import type { Replica } from './replica.ts';

export interface UpstreamOptions {
  /** Nothing from the replica for this long ends an exchange. */
  readonly responseTimeoutMs: number;
  /** Authorities (PEM) for https. */
  readonly ca: string | undefined;
}

const connectTimeoutMs = 5000;
/** Uvicorn ends an idle connection after 5 s; a request must not meet that moment. */
const keepAliveMs = 4000;
const unusedForMs = 60_000;

/** Connections to replicas, kept for as long as they are used. Each request has one of its own meanwhile. */
export class Upstreams {
  readonly #options: UpstreamOptions;
  readonly #pools = new Map<string, { readonly pool: Pool; usedAtMs: number }>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  get options(): UpstreamOptions {
    return this.#options;
  }

  of({ origin }: Replica, nowMs: number): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) {
      known.usedAtMs = nowMs;
      return known.pool;
    }
    const pool = this.#open(origin);
    this.#pools.set(origin, { pool, usedAtMs: nowMs });
    return pool;
  }

  /** Forgets replicas that have had no request for a minute: pods get new addresses all the time. */
  sweep(nowMs: number): void {
    for (const [origin, { pool, usedAtMs }] of this.#pools) {
      const { running, pending } = pool.stats;
      if (nowMs - usedAtMs < unusedForMs || running + pending > 0) continue;
      this.#pools.delete(origin);
      void pool.close();
    }
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(async ({ pool }) => await pool.destroy()));
  }

  #open(origin: string): Pool {
    const { responseTimeoutMs, ca } = this.#options;
    return new Pool(origin, {
      connections: null,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      headersTimeout: responseTimeoutMs,
      bodyTimeout: responseTimeoutMs,
      allowH2: false,
      connect: { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) },
    });
  }
}
