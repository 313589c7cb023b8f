import type { WireMetricSpec } from '../../keda/keda-values.ts';

/** KEDA's ScaledObjectRef as it goes over the wire. */
export interface WireScaledObjectRef {
  readonly name: string;
  readonly namespace: string;
  readonly scalerMetadata: Readonly<Record<string, string>>;
}

/** What the two calls of one question gave. */
export interface MetricAnswer {
  readonly total: number;
  readonly active: boolean;
  /** Values returned; the HPA takes none for an error. */
  readonly valueCount: number;
}

/** How a stream ended: `code` is the gRPC status, 0 for OK. */
export interface StreamEnd {
  readonly code: number;
  readonly details: string;
}

/** The gRPC statuses that KEDA tells apart at the end of a stream. */
export const streamStatus = { ok: 0, unknown: 2, unimplemented: 12 } as const;

/** What comes on each stream. */
export interface StreamMessages {
  readonly StreamIsActive: { readonly result: boolean };
  readonly StreamMetricSpec: { readonly metricSpecs: readonly WireMetricSpec[] };
}

/** One trigger's external scaler as KEDA holds it: over gRPC in the demo, the product itself in a replay. */
export interface Scaler {
  /** `GetMetricSpec`. Rejects when it fails or names no metric. */
  spec(): Promise<readonly WireMetricSpec[]>;
  /** `GetMetrics`, then `IsActive`. Rejects when either fails. */
  read(metricName: string): Promise<MetricAnswer>;
  /**
   * Opens a stream and hands over its messages one at a time: the next is taken when `take` has finished with the
   * last. Resolves when the stream has ended, however it did; throws when it can't be opened. May be called after
   * `close`, as KEDA does while it builds its scalers anew.
   */
  stream<Name extends keyof StreamMessages>(
    name: Name,
    take: (message: StreamMessages[Name]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<StreamEnd>;
  close(): void;
}

/** Where KEDA's scalers come from. */
export interface Scalers {
  /** The scaler of one trigger. Never throws: what is wrong shows in its answers. */
  open(ref: WireScaledObjectRef): Scaler;
  /** Ends everything that is still open. */
  close(): void;
}
