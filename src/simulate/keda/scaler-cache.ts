import type { WireMetricSpec } from '../../keda/keda-values.ts';
import { totalOf } from '../../keda/keda-values.ts';
import type { KedaTrigger } from '../../keda/scaled-object.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { ScalerConnection, WireScaledObjectRef } from './scaler-connection.ts';

/** What the two calls of one question gave. */
export interface MetricAnswer {
  readonly total: number;
  readonly active: boolean;
  /** Values returned; the HPA takes none for an error. */
  readonly valueCount: number;
}

/** One trigger's scaler: it keeps its address's connection open until it is closed. */
class Scaler {
  readonly #pool: ConnectionPool;
  readonly #address: string;
  readonly #ref: WireScaledObjectRef;
  #closed = false;

  constructor(pool: ConnectionPool, trigger: KedaTrigger, ref: WireScaledObjectRef) {
    this.#pool = pool;
    this.#address = trigger.metadata.scalerAddress ?? '';
    this.#ref = ref;
    pool.acquire(this.#address);
  }

  get #connection(): ScalerConnection {
    return this.#pool.lookup(this.#address);
  }

  async specs(): Promise<readonly WireMetricSpec[]> {
    const { metricSpecs } = await this.#connection.call('GetMetricSpec', this.#ref);
    if (metricSpecs.length === 0) throw new Error('got an empty metric spec');
    return metricSpecs;
  }

  async ask(metricName: string): Promise<MetricAnswer> {
    const { metricValues } = await this.#connection.call('GetMetrics', { scaledObjectRef: this.#ref, metricName });
    const { result } = await this.#connection.call('IsActive', this.#ref);
    return { total: totalOf(metricValues), active: result, valueCount: metricValues.length };
  }

  close(): void {
    if (!this.#closed) this.#pool.release(this.#address);
    this.#closed = true;
  }
}

/** The scalers of one ScaledObject, thrown away after an error and built anew at the next question. */
export class ScalerCache {
  readonly #build: (trigger: number) => Scaler;
  readonly #scalers: Scaler[];
  #closed = false;
  readonly #streamedSpecs = new Map<number, readonly WireMetricSpec[]>();

  constructor(pool: ConnectionPool, triggers: readonly KedaTrigger[], refs: readonly WireScaledObjectRef[]) {
    this.#build = (trigger) => new Scaler(pool, triggers[trigger]!, refs[trigger]!);
    this.#scalers = triggers.map((_trigger, index) => this.#build(index));
  }

  /** A pushed spec stands in for `GetMetricSpec` as long as this cache lives. An empty one is ignored. */
  keepStreamedSpecs(trigger: number, specs: readonly WireMetricSpec[]): boolean {
    if (specs.length > 0) this.#streamedSpecs.set(trigger, specs);
    return specs.length > 0;
  }

  specs(trigger: number): Promise<readonly WireMetricSpec[]> {
    const streamed = this.#streamedSpecs.get(trigger);
    if (streamed !== undefined) return Promise.resolve(streamed);
    return this.#twice(trigger, (scaler) => scaler.specs());
  }

  /** `GetMetrics`, then `IsActive`; when either fails, both once more at once with a rebuilt scaler. */
  ask(trigger: number, metricName: string): Promise<MetricAnswer> {
    return this.#twice(trigger, (scaler) => scaler.ask(metricName));
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
