import type { WireMetricSpec } from '../../keda/keda-values.ts';
import type { MetricAnswer, Scaler, Scalers, WireScaledObjectRef } from './scaler.ts';

/** The scalers of one ScaledObject, thrown away after an error and built anew at the next question. */
export class ScalerCache {
  readonly #build: (trigger: number) => Scaler;
  readonly #scalers: Scaler[];
  #closed = false;
  readonly #streamedSpecs = new Map<number, readonly WireMetricSpec[]>();

  constructor(scalers: Scalers, refs: readonly WireScaledObjectRef[]) {
    this.#build = (trigger) => scalers.open(refs[trigger]!);
    this.#scalers = refs.map((ref) => scalers.open(ref));
  }

  /** The trigger's scaler as it is now. */
  scaler(trigger: number): Scaler {
    return this.#scalers[trigger]!;
  }

  /** A pushed spec stands in for `GetMetricSpec` as long as this cache lives. An empty one is ignored. */
  keepStreamedSpecs(trigger: number, specs: readonly WireMetricSpec[]): boolean {
    if (specs.length > 0) this.#streamedSpecs.set(trigger, specs);
    return specs.length > 0;
  }

  specs(trigger: number): Promise<readonly WireMetricSpec[]> {
    const streamed = this.#streamedSpecs.get(trigger);
    if (streamed !== undefined) return Promise.resolve(streamed);
    return this.#twice(trigger, (scaler) => scaler.spec());
  }

  /** `GetMetrics`, then `IsActive`; when either fails, both once more at once with a rebuilt scaler. */
  read(trigger: number, metricName: string): Promise<MetricAnswer> {
    return this.#twice(trigger, (scaler) => scaler.read(metricName));
  }

  close(): void {
    this.#closed = true;
    for (const scaler of this.#scalers) scaler.close();
  }

  async #twice<Result>(trigger: number, question: (scaler: Scaler) => Promise<Result>): Promise<Result> {
    try {
      return await question(this.#scalers[trigger]!);
    } catch (error) {
      if (this.#closed) throw error;
      const rebuilt = this.#build(trigger);
      this.#scalers[trigger]!.close();
      this.#scalers[trigger] = rebuilt;
      return question(rebuilt);
    }
  }
}
