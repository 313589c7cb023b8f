import type { GapLaw } from './seeded-random.ts';
import { gapSampler, logNormal, seededRandom, standardNormal } from './seeded-random.ts';
import type { TraceRequest } from './trace.ts';

/** What a made-up service looks like. */
export interface ComposedLoad {
  readonly clients: number;
  /** Mean requests a second over all clients and hours. */
  readonly perSecond: number;
  readonly durationMs: number;
  /** Coefficient of variation of the gaps of a typical client; 1 is what comes by chance alone. */
  readonly variation: number;
  readonly law: GapLaw;
  /** Medians over all clients. */
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/**
 * About what published rates of a hosted service's clients show (ServeGen): few clients carry most of the load, each
 * has its own burstiness and lengths, and a client's rate moves by some per cent from one ten minutes to the next
 * beside a wave over the day.
 */
export const typicalService: ComposedLoad = {
  clients: 12,
  perSecond: 4,
  durationMs: 2 * 3_600_000,
  variation: 2.5,
  law: 'gamma',
  promptTokens: 600,
  outputTokens: 100,
};

const windowMs = 600_000;
const dayMs = 86_400_000;
/** Share of the load of the n-th client falls as 1/n^1.2. */
const zipf = 1.2;
const dailySwing = 0.5;
const windowStep = 0.08;
const longestPrompt = 32_000;
const longestOutput = 8_000;
const batchSize = 4096;

interface Client {
  next: TraceRequest;
  advance(): void;
}

/** A seeded stream of requests composed of clients, in batches: the same seed, the same requests. */
export function* composedLoad(load: ComposedLoad, seed: number): Generator<TraceRequest[]> {
  const shares = Array.from({ length: load.clients }, (_, index) => 1 / (index + 1) ** zipf);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const clients = shares.map((share, index) =>
    clientOf(load, (share / total) * load.perSecond, seed + index * 7919 + 1),
  );
  let batch: TraceRequest[] = [];
  for (;;) {
    let first = clients[0]!;
    for (const client of clients) if (client.next.atMs < first.next.atMs) first = client;
    if (first.next.atMs >= load.durationMs) break;
    batch.push(first.next);
    first.advance();
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Gaps follow the client's law in a time that runs as fast as its rate: busy hours are dense, not different. */
function clientOf(load: ComposedLoad, perSecond: number, seed: number): Client {
  const random = seededRandom(seed);
  const gap = gapSampler(load.law, load.variation * Math.exp(0.4 * standardNormal(random)), random);
  const rate = clientRate(perSecond, random);
  const prompt = logNormal(random, load.promptTokens, 0.5);
  const output = logNormal(random, load.outputTokens, 0.5);
  const draw = (atMs: number): TraceRequest => ({
    atMs,
    promptTokens: tokens(logNormal(random, prompt, 0.8), longestPrompt),
    outputTokens: tokens(logNormal(random, output, 0.9), longestOutput),
  });
  const client: Client = {
    next: draw(rate.after(0, gap() * random())),
    advance: () => {
      client.next = draw(rate.after(client.next.atMs, gap()));
    },
  };
  return client;
}

/** A rate that holds for ten minutes at a time, and how long it takes until so many mean requests have come. */
function clientRate(perSecond: number, random: () => number): { after(fromMs: number, requests: number): number } {
  let window = -1;
  let drift = 1;
  let current = perSecond;
  const enter = (next: number): void => {
    while (window < next) {
      window += 1;
      // Pulled back to 1, so that a client neither dies nor takes over.
      drift = drift ** 0.9 * Math.exp(windowStep * standardNormal(random));
    }
    const wave = 1 + dailySwing * Math.sin((2 * Math.PI * (window * windowMs)) / dayMs);
    current = (perSecond * drift * wave) / 1000;
  };
  return {
    after(fromMs, requests) {
      let atMs = fromMs;
      let left = requests;
      for (;;) {
        enter(Math.floor(atMs / windowMs));
        const endMs = (window + 1) * windowMs;
        const inWindow = (endMs - atMs) * current;
        if (left <= inWindow) return atMs + left / current;
        left -= inWindow;
        atMs = endMs;
      }
    },
  };
}

function tokens(count: number, most: number): number {
  return Math.max(1, Math.min(most, Math.round(count)));
}
