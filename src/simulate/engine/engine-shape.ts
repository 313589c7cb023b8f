import type { StepTiming } from './step-timing.ts';

/** What an engine can do, and how long its steps take. */
export interface EngineShape {
  /** The most requests in one batch (vLLM's `max_num_seqs`). */
  readonly maxRunning: number;
  /** The most tokens one step computes; longer prompts are computed in chunks (`max_num_batched_tokens`). */
  readonly maxStepTokens: number;
  readonly kvBlocks: number;
  /** Tokens a block of the KV cache holds; 16 in vLLM. */
  readonly blockTokens: number;
  readonly timing: StepTiming;
}
