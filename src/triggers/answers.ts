import type { Told } from '../decision/told.ts';
import type { TriggerRef } from './trigger-ref.ts';

export interface MetricSpec {
  /** Only `[a-z0-9-]`, a function of the metadata alone. */
  readonly metricName: string;
  readonly targetValue: number;
}

/** One open push stream. */
export interface PushStream {
  /** Sends `true`. False when the stream can't take it now; it is then offered again. */
  sendActive(): boolean;
}

/**
 * What `grpc/` asks of this room. Everything is answered from memory; only a trigger's first question may wait, for
 * under a second. Every refusal is a `ScalerError`.
 */
export interface Answers {
  /** A function of the metadata: no state, no waiting. */
  metricSpec(ref: TriggerRef): MetricSpec;
  answer(ref: TriggerRef): Promise<Told>;
  /** Sends the stream `true` when the trigger becomes active, and at once if it is. Returns how to stop. */
  openPushStream(ref: TriggerRef, stream: PushStream): () => void;
}
