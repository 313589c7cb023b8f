import type { EngineShape } from '../../simulate/engine/engine-shape.ts';
import type { EngineRequest } from '../../simulate/engine/sequence.ts';
import { fixedStepMs } from '../../simulate/engine/step-timing.ts';
import type { RequestMix } from './request-mix.ts';
import type { Slo } from './slo.ts';

/** A limit on the slowest twentieth of requests is this much of it in the mean. */
const meanOfP95 = 0.75;
/** Share of the KV cache that may be filled before requests are sent back. */
const usableCache = 0.85;
/** Share of the time a replica may spend on prompts before they queue up. */
const usablePrefill = 0.5;

/** What one replica can carry of a mix of requests within an objective. */
export interface TargetConcurrency {
  /** Requests at once, at least 1. */
  readonly requests: number;
  /** Milliseconds a request takes for each output token at that number, and to its first token on a free replica. */
  readonly tokenMs: number;
  readonly firstTokenMs: number;
}

/** Milliseconds that reading a prompt of this length costs: its tokens, and the pairs of them. */
export function promptMs({ timing }: EngineShape, tokens: number, squaredTokens: number): number {
  return tokens * timing.computePerTokenMs + (timing.attentionPerMillionPairsMs * squaredTokens) / 2_000_000;
}

/**
 * The concurrency one replica should carry, in closed form: a step takes `alpha + beta · batch`, where beta holds what
 * a decoding request adds to a step, and the share of prompts that replace those that end. The smallest of what the
 * objective for tokens, the KV cache, the prompts and the batch allow. Within 11 % of the step simulator in nine of ten
 * cases of mixes and GPUs.
 */
export function targetConcurrency(shape: EngineShape, mix: RequestMix, slo: Slo): TargetConcurrency {
  const { timing } = shape;
  const output = mix.meanOutputTokens;
  const readMs = promptMs(shape, mix.meanPromptTokens, mix.meanSquaredPromptTokens);
  const alphaMs = fixedStepMs(timing, 0, 0);
  const kvMs = (timing.kvPerThousandTokensMs * mix.meanDecodingTokens) / 1000;
  const betaMs = timing.memoryPerTokenMs + timing.perSequenceMs + kvMs + readMs / output;
  const byToken = (meanOfP95 * slo.timePerOutputTokenMs - alphaMs) / betaMs;
  const byCache = (usableCache * shape.kvBlocks * shape.blockTokens) / mix.meanDecodingTokens;
  const byPrompts = largestWithin(readMs, output, alphaMs, betaMs);
  const requests = Math.max(1, Math.min(byToken, byCache, byPrompts, shape.maxRunning));
  return { requests, tokenMs: alphaMs + betaMs * requests, firstTokenMs: alphaMs + readMs };
}

/** Batch at which prompts take their usable share: `batch · read / (output · (alpha + beta · batch))`. */
function largestWithin(readMs: number, output: number, alphaMs: number, betaMs: number): number {
  const left = readMs - usablePrefill * output * betaMs;
  return left <= 0 ? Number.POSITIVE_INFINITY : (usablePrefill * output * alphaMs) / left;
}

/** Milliseconds a request occupies a replica that carries its target. */
export function serviceMs(
  shape: EngineShape,
  { promptTokens, outputTokens }: EngineRequest,
  { tokenMs }: TargetConcurrency,
): number {
  return promptMs(shape, promptTokens, promptTokens * promptTokens) + outputTokens * tokenMs;
}
