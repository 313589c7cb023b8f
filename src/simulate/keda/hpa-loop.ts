import type { HpaMetric } from '../../keda/hpa.ts';
import { Hpa, kubernetesHpaDefaults } from '../../keda/hpa.ts';
import type { ScaledObject } from '../../keda/scaled-object.ts';
import type { Clock } from '../../time/clock.ts';
import type { Emit, ScaleTarget } from './keda-event.ts';
import type { ExternalMetric, MetricSource } from './metric-source.ts';
import type { MetricAnswer } from './scaler.ts';

const syncPeriodMs = 15_000;
/** The API server ends a metric query after a minute. */
const queryLimitMs = 60_000;

type Bounds = Pick<ScaledObject, 'behavior' | 'triggers'> &
  Required<Pick<ScaledObject, 'minReplicaCount' | 'maxReplicaCount'>>;

/** What the HPA asks, through KEDA's metrics adapter. */
export interface HpaReading {
  readonly source: MetricSource;
  metrics(): readonly ExternalMetric[];
}

/** The HPA controller for one ScaledObject: a sync every 15 s, the first after one period. */
export class HpaLoop {
  readonly #clock: Clock;
  readonly #hpa: Hpa;
  readonly #target: ScaleTarget;
  readonly #emit: Emit;
  readonly #triggerCount: number;
  readonly #readings = new Map<string, MetricAnswer>();
  #scalingActive = false;

  constructor(clock: Clock, settings: Bounds, target: ScaleTarget, emit: Emit) {
    this.#clock = clock;
    this.#target = target;
    this.#emit = emit;
    this.#triggerCount = settings.triggers.length;
    this.#hpa = new Hpa({
      ...kubernetesHpaDefaults,
      minReplicas: Math.max(1, settings.minReplicaCount),
      maxReplicas: settings.maxReplicaCount,
      behavior: settings.behavior,
    });
  }

  async run(reading: HpaReading, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(syncPeriodMs, signal);
      if (!signal.aborted) await this.#sync(reading, signal);
    }
  }

  /** What the HPA read last, while its queries succeed. */
  lastReading(fullName: string): Promise<MetricAnswer> | undefined {
    const reading = this.#scalingActive ? this.#readings.get(fullName) : undefined;
    return reading === undefined ? undefined : Promise.resolve(reading);
  }

  async #sync(reading: HpaReading, signal: AbortSignal): Promise<void> {
    const from = this.#target.replicas();
    const metrics: HpaMetric[] = [];
    if (this.#hpa.needsMetrics(from)) {
      for (const metric of reading.metrics())
        metrics.push({ ...metric, total: await this.#query(reading, metric, signal) });
      this.#scalingActive = metrics.every((metric) => metric.total !== undefined);
    }
    if (signal.aborted) return;
    const outcome = this.#hpa.sync({
      nowMs: this.#clock.nowMs(),
      specReplicas: from,
      statusReplicas: from,
      readyReplicas: this.#target.readyReplicas(),
      metrics,
    });
    const proposal = outcome.kind === 'computed' ? outcome.proposal : undefined;
    if (outcome.kind !== 'scaling-disabled') this.#emit({ kind: 'hpa', replicas: outcome.replicas, proposal });
    // Whoever changed the size meanwhile wins: the HPA's write then meets a newer version and is refused.
    if (outcome.replicas === from || this.#target.replicas() !== from) return;
    this.#target.setReplicas(outcome.replicas);
    this.#emit({ kind: 'scaled', by: 'hpa', from, to: outcome.replicas, why: whyScaled(metrics, proposal) });
  }

  /** One metric's total: every trigger is asked for its metrics first, and one that fails fails the query. */
  async #query({ source }: HpaReading, metric: ExternalMetric, signal: AbortSignal): Promise<number | undefined> {
    const answered = new AbortController();
    const limit = this.#clock.sleep(queryLimitMs, AbortSignal.any([signal, answered.signal])).then(() => {
      throw new Error('the metric query took longer than the API server waits');
    });
    try {
      const reading = await Promise.race([this.#ask(source, metric), limit]);
      this.#readings.set(metric.fullName, reading);
      this.#emit({ kind: 'value', by: 'hpa', metricName: metric.fullName, total: reading.total });
      return reading.total;
    } catch (error) {
      if (signal.aborted) return undefined;
      source.clearCache();
      this.#emit({ kind: 'error', by: 'hpa', message: error instanceof Error ? error.message : String(error) });
      return undefined;
    } finally {
      limit.catch(() => undefined);
      answered.abort();
    }
  }

  async #ask(source: MetricSource, metric: ExternalMetric): Promise<MetricAnswer> {
    for (let trigger = 0; trigger < this.#triggerCount; trigger += 1) await source.metricsOf(trigger);
    const reading = await source.read(metric);
    if (reading.valueCount === 0) throw new Error(`no value for ${metric.fullName}`);
    return reading;
  }
}

/** The proposal is what the metrics ask for; limits, stabilisation and policies may turn it into another size. */
function whyScaled(metrics: readonly HpaMetric[], proposal: number | undefined): string {
  const totals = metrics.map(({ total, target }) => `${total?.toFixed(1) ?? '?'} over ${target}`).join(', ');
  return proposal === undefined ? totals : `${totals} asks ${proposal}`;
}
