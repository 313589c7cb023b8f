export interface EngineRequest {
  /** Unique among the engine's unfinished requests. */
  readonly id: string;
  readonly promptTokens: number;
  /** At least 1. */
  readonly outputTokens: number;
}

/** A request inside the engine. */
export interface Sequence {
  readonly request: EngineRequest;
  readonly submittedMs: number;
  scheduledMs: number | undefined;
  firstTokenMs: number | undefined;
  lastTokenMs: number;
  /** Tokens in the KV cache; 0 again after a preemption. */
  computed: number;
  generated: number;
  blocks: number;
  /** Tokens the step in progress computes. */
  chunk: number;
}

/** Tokens, prompt and generated, that are not in the KV cache yet; 1 in plain decoding. */
export function missingTokens(sequence: Sequence): number {
  return sequence.request.promptTokens + sequence.generated - sequence.computed;
}

/** True when it has given all its tokens. */
export function isFinished(sequence: Sequence): boolean {
  return sequence.generated >= sequence.request.outputTokens;
}
