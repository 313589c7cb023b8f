import { logNormal, seededRandom } from './seeded-random.ts';
import type { TraceRequest } from './trace.ts';

/** A stretch of the stream in which the rate moves evenly from one value to another. */
export interface BurstPhase {
  readonly spanMs: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

/** The default stream: silence, a trickle from zero, a ramp, a burst, a fall, silence. */
export const defaultBurst: readonly BurstPhase[] = [
  { spanMs: 20_000, fromPerSecond: 0, toPerSecond: 0 },
  { spanMs: 60_000, fromPerSecond: 0.5, toPerSecond: 0.5 },
  { spanMs: 90_000, fromPerSecond: 1, toPerSecond: 8 },
  { spanMs: 60_000, fromPerSecond: 14, toPerSecond: 14 },
  { spanMs: 60_000, fromPerSecond: 8, toPerSecond: 1 },
];

/**
 * A seeded stream of requests whose gaps are exponential, so that they come in bunches, around a rate that follows
 * the phases. Its first request comes exactly when the first phase with a rate begins. Lengths are log-normal around
 * 1,000 prompt and 130 generated tokens, about what published traces of chat services show in the middle.
 */
export function* burstStream(phases: readonly BurstPhase[], seed: number): Generator<TraceRequest> {
  const random = seededRandom(seed);
  let phaseStartMs = 0;
  let first = true;
  for (const phase of phases) {
    const endMs = phaseStartMs + phase.spanMs;
    let atMs = phaseStartMs;
    while (phase.fromPerSecond > 0 || phase.toPerSecond > 0) {
      if (!first) atMs += gapMs(phase, atMs - phaseStartMs, random);
      if (atMs >= endMs) break;
      first = false;
      yield { atMs, promptTokens: tokens(random, 1000, 0.8, 8000), outputTokens: tokens(random, 130, 0.7, 1000) };
    }
    phaseStartMs = endMs;
  }
}

/** How long the phases are together. */
export function spanOf(phases: readonly BurstPhase[]): number {
  return phases.reduce((total, phase) => total + phase.spanMs, 0);
}

function gapMs({ spanMs, fromPerSecond, toPerSecond }: BurstPhase, sinceMs: number, random: () => number): number {
  const perSecond = fromPerSecond + (toPerSecond - fromPerSecond) * Math.min(1, sinceMs / spanMs);
  return (-Math.log(1 - random()) / Math.max(perSecond, 0.05)) * 1000;
}

function tokens(random: () => number, median: number, sigma: number, most: number): number {
  return Math.max(1, Math.min(most, Math.round(logNormal(random, median, sigma))));
}
