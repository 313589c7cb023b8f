import type { EngineEvent } from '../../../src/simulate/engine/engine.ts';
import { Engine } from '../../../src/simulate/engine/engine.ts';
import { renderEnginePage } from '../../../src/simulate/engine/engine-page.ts';
import { smallReplica } from '../../../src/simulate/engine/engine-profiles.ts';
import type { EngineRequest } from '../../../src/simulate/engine/sequence.ts';
import type { ModelPod } from './pods.ts';
import type { Fault, PinnedLoad } from './protocol.ts';

export interface ModelRequest extends EngineRequest {
  readonly id: string;
}

/** An engine whose page can claim other numbers than it has. */
class ClaimingEngine extends Engine<ModelRequest> {
  claim: PinnedLoad | undefined;

  override get runningRequests(): number {
    return this.claim?.running ?? super.runningRequests;
  }

  override get waitingRequests(): number {
    return this.claim?.waiting ?? super.waitingRequests;
  }
}

/** What lives at one pod address. */
export class Replica {
  #pod: ModelPod;
  #readyAtMs: number | undefined;
  fault: Fault | undefined;
  readonly #engine: ClaimingEngine;
  readonly #startedAtMs = Date.now();

  constructor(pod: ModelPod, nowMs: number) {
    this.#pod = pod;
    this.seen(pod, nowMs);
    this.#engine = new ClaimingEngine(smallReplica, nowMs);
  }

  get pod(): ModelPod {
    return this.#pod;
  }

  /** Monotonic milliseconds at which it was first seen to be ready. */
  get readyAtMs(): number | undefined {
    return this.#readyAtMs;
  }

  /** What the API says of its pod now. */
  seen(pod: ModelPod, nowMs: number): void {
    this.#pod = pod;
    if (pod.isReady) this.#readyAtMs ??= nowMs;
  }

  /** Takes requests: its model is loaded and it is not about to go. */
  get takesRequests(): boolean {
    return this.pod.isReady && !this.pod.isTerminating;
  }

  /** Requests it really works on or keeps waiting. */
  get openRequests(): number {
    return this.#engine.unfinished().length;
  }

  set claim(claim: PinnedLoad | undefined) {
    this.#engine.claim = claim;
  }

  submit(id: string, tokens: { readonly prompt: number; readonly output: number }, nowMs: number): void {
    this.#engine.submit({ id, promptTokens: tokens.prompt, outputTokens: tokens.output }, nowMs);
  }

  unfinished(): ModelRequest[] {
    return this.#engine.unfinished();
  }

  abort(request: ModelRequest, nowMs: number): void {
    this.#engine.abort(request, nowMs);
  }

  advance(nowMs: number): readonly EngineEvent<ModelRequest>[] {
    return this.#engine.advance(nowMs);
  }

  page(): string {
    const identity = { modelName: 'e2e-model', startedAtMs: this.#startedAtMs };
    return renderEnginePage(this.pod.engine, this.#engine, identity);
  }
}
