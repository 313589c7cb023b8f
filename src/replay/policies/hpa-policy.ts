import { Hpa, kubernetesHpaDefaults } from '../../keda/hpa.ts';
import type { HpaBehavior } from '../../keda/hpa-behavior.ts';
import type { Autoscaler } from '../autoscaler.ts';
import type { Stage } from '../stage.ts';
import { Periodic } from './periodic.ts';
import type { PodGauges } from './pod-gauges.ts';
import { podGauges, sumOf } from './pod-gauges.ts';

/** The controller's own period. */
const syncMs = 15_000;

/** What an HPA is given to look at. */
export type HpaSignal =
  | { readonly kind: 'pods'; readonly valueOf: (gauges: PodGauges) => number }
  | { readonly kind: 'sum'; readonly valueOf: (gauges: PodGauges) => number }
  /** Requests that arrived in a second, in the mean over the last minute. */
  | { readonly kind: 'arrivals' };

export interface HpaPolicyOptions {
  readonly signal: HpaSignal;
  readonly target: number;
  /** How often monitoring reads the pods; the HPA sees what was read last. */
  readonly scrapeMs: number;
  readonly behavior: HpaBehavior | undefined;
}

const rateWindowMs = 60_000;

/** A plain HorizontalPodAutoscaler whose metrics come from a monitoring system. */
export function hpaPolicy({ signal, target, scrapeMs, behavior }: HpaPolicyOptions): Autoscaler {
  return new Periodic(syncMs, (stage) => {
    const { minReplicas, maxReplicas } = stage.options;
    const hpa = new Hpa({ ...kubernetesHpaDefaults, minReplicas: Math.max(1, minReplicas), maxReplicas, behavior });
    const read = monitored(stage, signal, scrapeMs);
    return (nowMs) => {
      const seen = read();
      const isPods = signal.kind === 'pods';
      const outcome = hpa.sync({
        nowMs,
        specReplicas: stage.replicas,
        statusReplicas: stage.replicas,
        readyReplicas: stage.readyReplicas,
        metrics: isPods ? [] : [{ kind: 'average-value', target, total: seen.total }],
        podsMetrics: isPods ? [{ target, values: seen.values }] : [],
      });
      return outcome.replicas;
    };
  });
}

interface Monitored {
  readonly values: readonly (number | undefined)[];
  readonly total: number;
}

/** Reads what the signal needs every `scrapeMs`; returns what was read last. */
function monitored(stage: Stage, signal: HpaSignal, scrapeMs: number): () => Monitored {
  const arrivals = [{ atMs: 0, count: 0 }];
  let seen: Monitored = { values: [], total: 0 };
  const scrape = (): void => {
    seen = signal.kind === 'arrivals' ? { values: [], total: arrivalRate(stage, arrivals) } : gaugesNow(stage, signal);
  };
  stage.every(scrapeMs, scrape);
  scrape();
  return () => seen;
}

function gaugesNow(stage: Stage, signal: Exclude<HpaSignal, { kind: 'arrivals' }>): Monitored {
  const gauges = podGauges(stage);
  const ready = gauges.filter((one) => one !== undefined);
  return { values: gauges.map((one) => one && signal.valueOf(one)), total: sumOf(ready, signal.valueOf) };
}

/** Growth of the arrivals' counter over the last minute, as `rate(…[1m])` has it. */
function arrivalRate(stage: Stage, samples: { readonly atMs: number; readonly count: number }[]): number {
  const atMs = stage.clock.nowMs();
  samples.push({ atMs, count: stage.arrivals });
  while (samples.length > 2 && samples[1]!.atMs <= atMs - rateWindowMs) samples.shift();
  const spanSeconds = (atMs - samples[0]!.atMs) / 1000;
  return spanSeconds > 0 ? (stage.arrivals - samples[0]!.count) / spanSeconds : 0;
}
