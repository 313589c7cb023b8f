/**
 * How long one engine step takes: the coefficients of `stepMs`, all in milliseconds. A step computes one token for each
 * decoding sequence and, beside them, chunks of prompts.
 */
export interface StepTiming {
  /** Reading the weights once: the floor of a step that memory bounds, and its growth for each token. */
  readonly memoryBaseMs: number;
  readonly memoryPerTokenMs: number;
  /** The line that arithmetic bounds: it takes over in steps of many tokens. */
  readonly computeBaseMs: number;
  readonly computePerTokenMs: number;
  /** Reading the KV cache of decoding sequences, for each thousand tokens of it. */
  readonly kvPerThousandTokensMs: number;
  /** Attention inside prompts, for each million pairs of a token and one before it. */
  readonly attentionPerMillionPairsMs: number;
  /** Sampling and scheduling, for each sequence of the batch. */
  readonly perSequenceMs: number;
  /** Launching a step, whatever is in it. */
  readonly overheadMs: number;
}

/** What one step computes. */
export interface StepLoad {
  /** Sequences of the batch, decoding or being read. */
  readonly sequences: number;
  /** Tokens computed: one for each decoding sequence, and the prompts' chunks. */
  readonly tokens: number;
  /** Tokens that the decoding sequences have in the KV cache, over all of them. */
  readonly decodingTokens: number;
  /** Pairs of a prompt's token in this step and a token before it. */
  readonly attentionPairs: number;
}

/**
 * The step-time law common to published simulators of model servers (vidur, DistServe's, BLIS): linear layers cost the
 * larger of a memory-bound and a compute-bound line, and attention and scheduling add to it.
 *
 *     max(m0 + m1·tokens, c0 + c1·tokens) + kv·decodingTokens/1000 + ap·pairs/1e6 + sq·sequences + ov
 */
export function stepMs(timing: StepTiming, { sequences, tokens, decodingTokens, attentionPairs }: StepLoad): number {
  return (
    fixedStepMs(timing, tokens, sequences) +
    (timing.kvPerThousandTokensMs * decodingTokens) / 1000 +
    (timing.attentionPerMillionPairsMs * attentionPairs) / 1_000_000
  );
}

/** The part of a step that does not depend on what is in the KV cache, in milliseconds. */
export function fixedStepMs(timing: StepTiming, tokens: number, sequences: number): number {
  const memoryMs = timing.memoryBaseMs + timing.memoryPerTokenMs * tokens;
  const computeMs = timing.computeBaseMs + timing.computePerTokenMs * tokens;
  return Math.max(memoryMs, computeMs) + timing.perSequenceMs * sequences + timing.overheadMs;
}
