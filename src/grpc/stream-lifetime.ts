export interface ConnectionLimits {
  /** Age at which a connection is asked to end. The server shifts it by up to a tenth, either way. */
  readonly maxAgeMs: number;
  /** How long after that its streams are cut. */
  readonly graceMs: number;
}

/**
 * How long a stream may live that opens on a connection of `ageMs`, so that it ends with status OK before it is cut.
 * It ends, where the grace is long enough, after the connection was asked to end, so that KEDA's next attempt finds
 * a new one. `chance` (0–1) spreads the streams of one connection over a quarter of the grace.
 */
export function streamLifetimeMs(ageMs: number, limits: ConnectionLimits, chance: number): number {
  const { maxAgeMs, graceMs } = limits;
  const latestGoodbyeMs = 1.1 * maxAgeMs;
  const halfOfShortestMs = 0.9 * maxAgeMs + graceMs / 2;
  const endAtMs = Math.min(latestGoodbyeMs, halfOfShortestMs) + (chance * graceMs) / 4;
  return Math.max(endAtMs - ageMs, graceMs / 4);
}

/** How old each connection is, counted from the first call on it. A connection is known by its peer's address. */
export class ConnectionAges {
  readonly #firstSeenMs = new Map<string, number>();
  readonly #forgetAfterMs: number;

  /** An entry older than `forgetAfterMs` belongs to a connection that is gone. */
  constructor(forgetAfterMs: number) {
    this.#forgetAfterMs = forgetAfterMs;
  }

  get size(): number {
    return this.#firstSeenMs.size;
  }

  /** The age in milliseconds, 0 for a connection not seen before. */
  ageMs(peer: string, nowMs: number): number {
    this.#forget(nowMs);
    const seenMs = this.#firstSeenMs.get(peer);
    if (seenMs !== undefined) return nowMs - seenMs;
    this.#firstSeenMs.set(peer, nowMs);
    return 0;
  }

  /** Entries lie in the order of their first call, so the oldest come first. */
  #forget(nowMs: number): void {
    for (const [peer, seenMs] of this.#firstSeenMs) {
      if (nowMs - seenMs <= this.#forgetAfterMs) return;
      this.#firstSeenMs.delete(peer);
    }
  }
}
