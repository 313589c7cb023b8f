import type { Clock } from '../time/clock.ts';

const apartMs = 10;
const apartOfOneMs = 50;
/** So many who have had their turn long ago are remembered before they are looked through. */
const keptAskers = 100;

/** Resolves when it is this asker's turn, or when the signal aborts. */
export type RequestPace = (asker: string, signal: AbortSignal) => Promise<void>;

/**
 * Spreads requests that can wait: 100 a second of all askers, 20 a second of one, in the order they came. Thousands of
 * workloads that roll out at once ask the API server no faster, and one namespace's keep no other's waiting.
 */
export function requestPace(clock: Clock): RequestPace {
  const all = new Turns(clock, apartMs);
  const each = new Map<string, Turns>();
  return async (asker, signal) => {
    if (each.size > keptAskers) for (const [name, turns] of each) if (turns.isIdle) each.delete(name);
    const own = each.get(asker) ?? new Turns(clock, apartOfOneMs);
    each.set(asker, own);
    await own.next(signal);
    if (!signal.aborted) await all.next(signal);
  };
}

class Turns {
  readonly #clock: Clock;
  readonly #apartMs: number;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, apart: number) {
    this.#clock = clock;
    this.#apartMs = apart;
  }

  get isIdle(): boolean {
    return this.#nextMs <= this.#clock.nowMs();
  }

  async next(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const turnMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = turnMs + this.#apartMs;
    if (turnMs > nowMs) await this.#clock.sleep(turnMs - nowMs, signal);
  }
}
