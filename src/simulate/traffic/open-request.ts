import type { EngineRequest } from '../engine/sequence.ts';

/**
 * How a request ended. `lost`: its replica went away before it was done. `timed-out`: the whole answer took longer than
 * is allowed. `given-up`: its client did not wait longer for the first token.
 */
export type RequestEnd = 'served' | 'lost' | 'timed-out' | 'given-up';

/** One request from its arrival to its end. */
export class OpenRequest implements EngineRequest {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly arrivedMs: number;
  /** Whether it came while no replica was ready. */
  readonly heldAtZero: boolean;
  firstTokenMs: number | undefined;
  end: RequestEnd | undefined;

  constructor(tokens: EngineRequest, arrivedMs: number, heldAtZero: boolean) {
    this.promptTokens = tokens.promptTokens;
    this.outputTokens = tokens.outputTokens;
    this.arrivedMs = arrivedMs;
    this.heldAtZero = heldAtZero;
  }
}

/** Who is told what becomes of requests. */
export interface RequestNotes {
  arrived(request: OpenRequest): void;
  gaveFirstToken(request: OpenRequest): void;
  /** `request.end` says how. */
  ended(request: OpenRequest, atMs: number): void;
}
