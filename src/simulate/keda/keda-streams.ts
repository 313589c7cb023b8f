import { status } from '@grpc/grpc-js';
import type { WireMetricSpec } from '../../keda/keda-values.ts';
import type { Clock } from '../../time/clock.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { RetrySpan } from './retry-span.ts';
import type { StreamEnd, WireScaledObjectRef } from './scaler-connection.ts';

export interface StreamLoop {
  readonly clock: Clock;
  readonly pool: ConnectionPool;
  readonly address: string;
  readonly ref: WireScaledObjectRef;
  readonly signal: AbortSignal;
}

export interface ActivityHandler {
  opened(): void;
  message(result: boolean): Promise<void>;
  ended(end: StreamEnd, retryInMs: number): void;
}

/**
 * Keeps `StreamIsActive` open for as long as the scale loop runs. The connection is only looked up, never made, and
 * nothing but a clean end brings the wait between attempts back to its start.
 */
export async function runActivityStream(loop: StreamLoop, handler: ActivityHandler): Promise<void> {
  const retry = new RetrySpan();
  while (!loop.signal.aborted) {
    const end = await attempt(async () => {
      const connection = loop.pool.lookup(loop.address);
      handler.opened();
      return connection.stream('StreamIsActive', loop.ref, ({ result }) => handler.message(result), loop.signal);
    });
    if (loop.signal.aborted) return;
    if (end.code === status.OK) retry.reset();
    const waitMs = retry.take();
    handler.ended(end, waitMs);
    await loop.clock.sleep(waitMs, loop.signal);
  }
}

/** Keeps `StreamMetricSpec` open until the server says that it has no such call. */
export async function runSpecStream(loop: StreamLoop, update: (specs: readonly WireMetricSpec[]) => void) {
  const retry = new RetrySpan();
  while (!loop.signal.aborted) {
    let updates = 0;
    const end = await attempt(() => {
      const take = async ({ metricSpecs }: { readonly metricSpecs: readonly WireMetricSpec[] }): Promise<void> => {
        updates += 1;
        update(metricSpecs);
      };
      return loop.pool.lookup(loop.address).stream('StreamMetricSpec', loop.ref, take, loop.signal);
    });
    if (loop.signal.aborted || end.code === status.UNIMPLEMENTED) return;
    if (end.code === status.OK || updates > 0) retry.reset();
    await loop.clock.sleep(retry.take(), loop.signal);
  }
}

async function attempt(open: () => Promise<StreamEnd>): Promise<StreamEnd> {
  try {
    return await open();
  } catch (error) {
    return { code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
  }
}
