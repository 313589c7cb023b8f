import { totalOf } from '../../keda/keda-values.ts';
import type { PoolKind } from './connection-pool.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Scaler, Scalers, WireScaledObjectRef } from './scaler.ts';
import type { ConnectionOptions } from './scaler-connection.ts';

export interface GrpcScalersOptions extends ConnectionOptions {
  /** `counted` is KEDA 2.21, `kept` is 2.20 and older. */
  readonly connections: PoolKind;
}

/** Scalers at the `scalerAddress` of their metadata, over real gRPC. */
export class GrpcScalers implements Scalers {
  readonly #pool: ConnectionPool;

  constructor(options: GrpcScalersOptions) {
    this.#pool = new ConnectionPool(options.connections, options);
  }

  /** Connections opened since the start. */
  get openedConnections(): number {
    return this.#pool.opened;
  }

  open(ref: WireScaledObjectRef): Scaler {
    const pool = this.#pool;
    const address = ref.scalerMetadata.scalerAddress ?? '';
    let isClosed = false;
    pool.acquire(address);
    return {
      async spec() {
        const { metricSpecs } = await pool.lookup(address).call('GetMetricSpec', ref);
        if (metricSpecs.length === 0) throw new Error('got an empty metric spec');
        return metricSpecs;
      },
      async read(metricName) {
        const { metricValues } = await pool.lookup(address).call('GetMetrics', { scaledObjectRef: ref, metricName });
        const { result } = await pool.lookup(address).call('IsActive', ref);
        return { total: totalOf(metricValues), active: result, valueCount: metricValues.length };
      },
      // The connection is only looked up, never made: while no scaler holds it there is none.
      stream: (name, take, signal) => pool.lookup(address).stream(name, ref, take, signal),
      close() {
        if (!isClosed) pool.release(address);
        isClosed = true;
      },
    };
  }

  close(): void {
    this.#pool.close();
  }
}
