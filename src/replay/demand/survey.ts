import type { EngineProfile } from '../../simulate/engine/engine-profiles.ts';
import type { Load } from './load.ts';
import { RequestMix } from './request-mix.ts';
import type { Slo } from './slo.ts';
import type { TargetConcurrency } from './target-concurrency.ts';
import { serviceMs, targetConcurrency } from './target-concurrency.ts';

/** What is known of a load before it is replayed. */
export interface Survey {
  readonly requests: number;
  /** Requests that no replica's KV cache can hold, left out of everything. */
  readonly tooLarge: number;
  /** The last arrival, rounded up to a second. */
  readonly spanMs: number;
  readonly mix: RequestMix;
  readonly target: TargetConcurrency;
  /** Arrivals in each second. */
  readonly arrivals: Uint16Array;
  /** The most requests in work at once in each second, were there always room: the offered concurrency. */
  readonly offered: Float64Array;
}

/** A load that can't be replayed, in words. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

/** Reads a load twice: for its mix, and for what it offers over time. Keeps a few numbers for each second. */
export async function survey(load: Load, profile: EngineProfile, slo: Slo): Promise<Survey> {
  const { shape } = profile;
  const cacheTokens = shape.kvBlocks * shape.blockTokens;
  const mix = new RequestMix();
  let tooLarge = 0;
  let lastMs = 0;
  for await (const batch of load.open()) {
    for (const request of batch) {
      lastMs = request.atMs;
      if (request.promptTokens + request.outputTokens > cacheTokens) tooLarge += 1;
      else mix.add(request);
    }
  }
  if (mix.requests === 0) {
    const why = tooLarge > 0 ? `none of its ${tooLarge} requests fits into ${profile.title}` : 'it has no request';
    throw new LoadError(`${load.title}: ${why}`);
  }
  const target = targetConcurrency(shape, mix, slo);
  const seconds = Math.floor(lastMs / 1000) + 1;
  const arrivals = new Uint16Array(seconds);
  const offered = new OfferedConcurrency(seconds);
  for await (const batch of load.open()) {
    for (const request of batch) {
      if (request.promptTokens + request.outputTokens > cacheTokens) continue;
      arrivals[Math.floor(request.atMs / 1000)]! += 1;
      offered.add(request.atMs, serviceMs(shape, request, target));
    }
  }
  const spanMs = seconds * 1000;
  return { requests: mix.requests, tooLarge, spanMs, mix, target, arrivals, offered: offered.perSecond() };
}

/** Requests in work at once were every replica free: an infinite server, in whole seconds. */
class OfferedConcurrency {
  readonly #changes: Float64Array;

  constructor(seconds: number) {
    this.#changes = new Float64Array(seconds + 1);
  }

  /** A request that is in work for part of a second counts for that part of it. */
  add(atMs: number, spanMs: number): void {
    this.#from(atMs / 1000, 1);
    this.#from((atMs + spanMs) / 1000, -1);
  }

  perSecond(): Float64Array {
    const levels = new Float64Array(this.#changes.length - 1);
    let level = 0;
    for (let second = 0; second < levels.length; second += 1) {
      level += this.#changes[second]!;
      levels[second] = Math.max(0, level);
    }
    return levels;
  }

  /** Adds `change` to all of time from a moment on; the second it lies in takes the part that is left of it. */
  #from(atSeconds: number, change: number): void {
    const second = Math.floor(atSeconds);
    if (second >= this.#changes.length) return;
    const left = 1 - (atSeconds - second);
    this.#changes[second]! += change * left;
    if (second + 1 < this.#changes.length) this.#changes[second + 1]! += change * (1 - left);
  }
}
