import type { WireMetricSpec } from '../../keda/keda-values.ts';
import type { Clock } from '../../time/clock.ts';
import { RetrySpan } from './retry-span.ts';
import type { Scaler, StreamEnd } from './scaler.ts';
import { streamStatus } from './scaler.ts';

export interface StreamLoop {
  readonly clock: Clock;
  readonly scaler: Scaler;
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
    const end = await attempt(() => {
      const ended = loop.scaler.stream('StreamIsActive', ({ result }) => handler.message(result), loop.signal);
      handler.opened();
      return ended;
    });
    if (loop.signal.aborted) return;
    if (end.code === streamStatus.ok) retry.reset();
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
      return loop.scaler.stream('StreamMetricSpec', take, loop.signal);
    });
    if (loop.signal.aborted || end.code === streamStatus.unimplemented) return;
    if (end.code === streamStatus.ok || updates > 0) retry.reset();
    await loop.clock.sleep(retry.take(), loop.signal);
  }
}

async function attempt(open: () => Promise<StreamEnd>): Promise<StreamEnd> {
  try {
    return await open();
  } catch (error) {
    return { code: streamStatus.unknown, details: error instanceof Error ? error.message : String(error) };
  }
}
