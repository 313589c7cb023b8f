import { formatDuration } from '../config/duration.ts';
import type { DemoFlags } from '../config/settings/command-flags.ts';
import type { ScaledObject } from '../keda/scaled-object.ts';
import { smallReplica } from '../simulate/engine/engine-profiles.ts';
import { burstStream, defaultBurst, spanOf } from '../simulate/traffic/burst.ts';
import type { TraceRequest } from '../simulate/traffic/trace.ts';
import { readTrace } from '../simulate/traffic/trace.ts';

/** What is replayed, and how fast. Spans are milliseconds of the story unless their name says otherwise. */
export interface DemoPlan {
  readonly title: string;
  readonly requests: AsyncIterable<TraceRequest> | Iterable<TraceRequest>;
  /** Of the requests; `undefined` when only the end of the file will tell. */
  readonly spanMs: number | undefined;
  /** Story seconds in one second of wall time. */
  readonly speed: number;
  /** Between two lines of the table. */
  readonly lineMs: number;
  /** Whether lines say how much of the requests is done. */
  readonly showsProgress: boolean;
  /** The least the story has to reach to count as shown. */
  readonly leastPeakReplicas: number;
}

/** The story's cluster. */
export const storyTimes = { coldStartMs: 25_000, graceMs: 120_000, pollingMs: 5000, cooldownMs: 60_000 } as const;
export const targetValue = 8;
/** What the HPA may do with it. */
export const bounds = { maxReplicas: 10, scaleDownSeconds: 60, scaleDownPercent: 50, policySeconds: 15 } as const;
/** What the trigger's value is the mean over: the larger of the two counts. */
export const windows = { windowMs: 60_000, burstWindowMs: 6000 } as const;
export const engineShape = smallReplica;
export const names = { namespace: 'models', name: 'llama' } as const;

export function planOf({ trace, speed = 10, seed }: DemoFlags): DemoPlan {
  const common = { speed, lineMs: Math.max(5000, Math.ceil(speed) * 1000) };
  if (trace === undefined) {
    const title = `a bursty stream of requests (seed ${seed})`;
    return {
      ...common,
      title,
      requests: burstStream(defaultBurst, seed),
      spanMs: spanOf(defaultBurst),
      leastPeakReplicas: 2,
      showsProgress: false,
    };
  }
  const { file, startMs, durationMs } = trace;
  const requests = readTrace(file, { startMs, durationMs: durationMs ?? Number.POSITIVE_INFINITY, speed: 1 });
  const part = durationMs === undefined ? 'to its end' : `for ${formatDuration(durationMs)}`;
  const title = `${file}, from ${formatDuration(startMs)} ${part}`;
  return { ...common, title, requests, spanMs: durationMs, leastPeakReplicas: 1, showsProgress: true };
}

/**
 * The ScaledObject as the examples write it, with the trigger's own spans divided by the speed: the scaler under test
 * knows only wall time. Its windows have a least length of one second.
 */
export function scaledObjectOf(speed: number, scalerAddress: string, gatewayUrl: string): ScaledObject {
  const span = (storyMs: number, leastMs: number): string =>
    formatDuration(Math.max(leastMs, Math.round(storyMs / speed)));
  const scrapeMs = Math.round(Math.min(1000, Math.max(250, 2500 / speed)));
  const metadata = {
    scalerAddress,
    targetValue: String(targetValue),
    gatewayEndpoints: gatewayUrl,
    gatewayEngine: 'keda-http',
    window: span(windows.windowMs, 1000),
    burstWindow: span(windows.burstWindowMs, 1000),
    scrapeInterval: formatDuration(scrapeMs),
    scrapeTimeout: formatDuration(Math.round(scrapeMs * 0.8)),
    staleAfter: span(15_000, 2000),
    idleAfter: span(30_000, 1000),
  };
  return {
    ...names,
    triggers: [{ type: 'external-push', metadata }],
    minReplicaCount: 0,
    maxReplicaCount: bounds.maxReplicas,
    pollingIntervalMs: storyTimes.pollingMs,
    cooldownPeriodMs: storyTimes.cooldownMs,
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 0 },
      scaleDown: {
        stabilizationWindowSeconds: bounds.scaleDownSeconds,
        policies: [{ type: 'Percent', value: bounds.scaleDownPercent, periodSeconds: bounds.policySeconds }],
      },
    },
  };
}
