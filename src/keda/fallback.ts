import type { HpaMetric } from './hpa.ts';

export interface FallbackSettings {
  readonly failureThreshold: number;
  readonly replicas: number;
}

/** KEDA's static fallback: after enough failures in a row a metric pretends to ask for a fixed size. */
export class Fallback {
  readonly #settings: FallbackSettings | undefined;
  readonly #failures = new Map<string, number>();

  constructor(settings: FallbackSettings | undefined) {
    this.#settings = settings;
  }

  succeeded(metricName: string): void {
    this.#failures.set(metricName, 0);
  }

  /** Counts a failure. The stand-in total once they are more than the threshold, else `undefined`. */
  failed(metricName: string, metric: Omit<HpaMetric, 'total'>, readyReplicas: number): number | undefined {
    const failures = (this.#failures.get(metricName) ?? 0) + 1;
    this.#failures.set(metricName, failures);
    if (this.#settings === undefined || failures <= this.#settings.failureThreshold) return undefined;
    const total = metric.target * this.#settings.replicas;
    if (metric.kind === 'average-value') return total;
    return readyReplicas > 0 ? total / readyReplicas : undefined;
  }
}
