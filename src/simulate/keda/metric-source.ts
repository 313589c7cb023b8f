import { Fallback } from '../../keda/fallback.ts';
import type { HpaMetric } from '../../keda/hpa.ts';
import type { WireMetricSpec } from '../../keda/keda-values.ts';
import { targetOf } from '../../keda/keda-values.ts';
import type { ScaledObject } from '../../keda/scaled-object.ts';
import type { MetricAnswer, Scaler, Scalers, WireScaledObjectRef } from './scaler.ts';
import { ScalerCache } from './scaler-cache.ts';

/** One metric of the HPA that a reconcile wrote. */
export interface ExternalMetric extends Omit<HpaMetric, 'total'> {
  readonly trigger: number;
  /** The scaler's own name. */
  readonly name: string;
  /** `s{trigger}-{name}`, as the HPA and the fallback know it. */
  readonly fullName: string;
}

/** Asks one ScaledObject's scalers, with KEDA's retries, fallback and clearing of the cache after an error. */
export class MetricSource {
  readonly #scaledObject: ScaledObject;
  readonly #scalers: Scalers;
  readonly #readyReplicas: () => number;
  readonly #fallback: Fallback;
  readonly #refs: readonly WireScaledObjectRef[];
  #cache: ScalerCache | undefined;
  #closed = false;

  constructor(scaledObject: ScaledObject, scalers: Scalers, readyReplicas: () => number) {
    this.#scaledObject = scaledObject;
    this.#scalers = scalers;
    this.#readyReplicas = readyReplicas;
    this.#fallback = new Fallback(scaledObject.fallback);
    const { name, namespace, triggers } = scaledObject;
    this.#refs = triggers.map(({ metadata }) => ({ name, namespace, scalerMetadata: metadata }));
  }

  /** The cache of now, built when there is none. */
  cache(): ScalerCache {
    if (this.#closed) throw new Error('the scale loop has stopped');
    this.#cache ??= new ScalerCache(this.#scalers, this.#refs);
    return this.#cache;
  }

  /** A trigger's scaler as it is now, for its streams: they go on when the cache is thrown away. */
  scaler(trigger: number): Scaler {
    return this.cache().scaler(trigger);
  }

  clearCache(): void {
    this.#cache?.close();
    this.#cache = undefined;
  }

  close(): void {
    this.#closed = true;
    this.clearCache();
  }

  /** The metrics a trigger offers now. Throws when it says nothing, twice. */
  async metricsOf(trigger: number): Promise<ExternalMetric[]> {
    const specs = await this.cache().specs(trigger);
    return specs.map((spec) => this.#metricOf(trigger, spec));
  }

  /** A metric's total and its trigger's activity; from the fallback when the scaler fails for long enough. */
  async read(metric: ExternalMetric): Promise<MetricAnswer> {
    try {
      const answer = await this.cache().read(metric.trigger, metric.name);
      this.#fallback.succeeded(metric.fullName);
      return answer;
    } catch (error) {
      const total = this.#fallback.failed(metric.fullName, metric, this.#readyReplicas());
      if (total === undefined) throw error;
      return { total, active: true, valueCount: 1 };
    }
  }

  #metricOf(trigger: number, spec: WireMetricSpec): ExternalMetric {
    const { metricName: name } = spec;
    const target = targetOf(spec);
    if (target === undefined) throw new Error(`the HPA refuses the target of ${name}: it must be above 0`);
    const kind = this.#scaledObject.triggers[trigger]!.metricType === 'Value' ? 'value' : 'average-value';
    return { trigger, name, fullName: `s${trigger}-${name}`, kind, target };
  }
}
