import { seededRandom } from './seeded-random.ts';
import type { TraceRequest } from './trace.ts';

/** Copies of one request come within this span, so that a silence stays one. */
const longestSpreadMs = 1000;

export type RequestBatches = AsyncIterable<readonly TraceRequest[]> | Iterable<readonly TraceRequest[]>;

/**
 * The same hours with `factor` times the requests: each stands for that many, by chance where it is no whole number,
 * spread evenly until the next arrival. Lengths and the shape of the day stay as they are.
 */
export async function* scaledLoad(
  batches: RequestBatches,
  factor: number,
  seed: number,
): AsyncGenerator<TraceRequest[]> {
  const random = seededRandom(seed ^ 0x5ca1e);
  const whole = Math.floor(factor);
  const copiesOf = (): number => whole + (random() < factor - whole ? 1 : 0);
  let before: TraceRequest | undefined;
  for await (const batch of batches) {
    const scaled: TraceRequest[] = [];
    for (const request of batch) {
      if (before !== undefined) scaled.push(...spread(before, copiesOf(), request.atMs - before.atMs));
      before = request;
    }
    yield scaled;
  }
  if (before !== undefined) yield spread(before, copiesOf(), longestSpreadMs);
}

function spread(request: TraceRequest, copies: number, untilNextMs: number): TraceRequest[] {
  const gapMs = Math.min(untilNextMs, longestSpreadMs) / Math.max(1, copies);
  return Array.from({ length: copies }, (_, index) => ({ ...request, atMs: request.atMs + index * gapMs }));
}
