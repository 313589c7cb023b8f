import { join } from 'node:path';
import type { ServiceError } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { targetOf } from '../../src/keda/keda-values.ts';
import type { StreamEnd, WireScaledObjectRef } from '../../src/simulate/keda/scaler.ts';
import { ScalerConnection } from '../../src/simulate/keda/scaler-connection.ts';
import { repositoryDir } from './scaler.ts';

/** What one question gave: the numbers as they are on the wire, or the error. */
export type Answer =
  | { readonly ok: true; readonly float: number; readonly integer: number; readonly active: boolean }
  | { readonly ok: false; readonly code: number; readonly details: string };

/** Asks as KEDA does: the spec, the values, the activity, no deadlines, and a failed pair once more at once. */
export class KedaClient {
  /** Messages on the push stream: `true` each time, anything else is counted apart. */
  pushedTrue = 0;
  pushedFalse = 0;
  streamEnd: StreamEnd | undefined;
  readonly #connection: ScalerConnection;
  readonly #ref: WireScaledObjectRef;

  constructor(address: string, metadata: Readonly<Record<string, string>>) {
    const protoPath = join(repositoryDir, 'proto', 'externalscaler.proto');
    this.#connection = new ScalerConnection(address, { protoPath, timeScale: 1 });
    this.#ref = { namespace: 'models', name: 'holder', scalerMetadata: { scalerAddress: address, ...metadata } };
  }

  /** The metric's name and the load one replica should carry. */
  async spec(): Promise<{ readonly metricName: string; readonly target: number | undefined }> {
    const { metricSpecs } = await this.#connection.call('GetMetricSpec', this.#ref);
    if (metricSpecs.length !== 1) throw new Error(`expected one metric spec, found ${metricSpecs.length}`);
    return { metricName: metricSpecs[0]!.metricName, target: targetOf(metricSpecs[0]!) };
  }

  async ask(): Promise<Answer> {
    const { metricName } = await this.spec();
    const first = await this.#pair(metricName);
    return first.ok ? first : this.#pair(metricName);
  }

  /** Also what KEDA does not ask after an error: whether the workload counts as active; `undefined` for an error. */
  async isActive(): Promise<boolean | undefined> {
    try {
      return (await this.#connection.call('IsActive', this.#ref)).result;
    } catch (error) {
      if ((error as ServiceError).code === status.UNAVAILABLE) return undefined;
      throw error;
    }
  }

  /** Opens the push stream, which stays open until the service or this client ends. */
  openStream(): void {
    const take = async ({ result }: { readonly result: boolean }): Promise<void> => {
      if (result) this.pushedTrue += 1;
      else this.pushedFalse += 1;
    };
    void this.#connection.stream('StreamIsActive', this.#ref, take, new AbortController().signal).then((end) => {
      this.streamEnd = end;
    });
  }

  close(): void {
    this.#connection.close();
  }

  async #pair(metricName: string): Promise<Answer> {
    try {
      const { metricValues } = await this.#connection.call('GetMetrics', { scaledObjectRef: this.#ref, metricName });
      const { result: active } = await this.#connection.call('IsActive', this.#ref);
      if (metricValues.length !== 1) throw new Error(`expected one value, found ${metricValues.length}`);
      const { metricValueFloat: float, metricValue: integer } = metricValues[0]!;
      return { ok: true, float, integer, active };
    } catch (error) {
      const { code, details } = error as ServiceError;
      if (code === undefined) throw error;
      return { ok: false, code, details };
    }
  }
}

export function inWords(answer: Answer | undefined): string {
  if (answer === undefined) return 'no answer';
  if (!answer.ok) return `${status[answer.code] ?? answer.code}: ${answer.details}`;
  const { float, integer, active } = answer;
  return `${float} (integer ${integer}), ${active ? 'active' : 'inactive'}`;
}
