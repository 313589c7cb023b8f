import type { ScaledObject } from '../../keda/scaled-object.ts';
import type { Clock } from '../../time/clock.ts';
import type { PoolKind } from './connection-pool.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { KedaEvent, ScaleTarget } from './keda-event.ts';
import { ScaleLoop } from './scale-loop.ts';
import { WriteBudget } from './write-budget.ts';

export interface KedaOptions {
  readonly clock: Clock;
  /** `counted` is KEDA 2.21, `kept` is 2.20 and older. */
  readonly connections: PoolKind;
  /** The contract file, `proto/externalscaler.proto`. */
  readonly protoPath: string;
  /** How fast the clock runs; only gRPC's own back-off, which knows no clock, is divided by it. */
  readonly timeScale: number;
}

/**
 * A model of KEDA's operator and of the HPA controller that calls a real external scaler over real gRPC, in the order
 * and at the times KEDA does.
 */
export class Keda {
  readonly #options: KedaOptions;
  readonly #pool: ConnectionPool;
  readonly #writes: WriteBudget;
  readonly #loops: ScaleLoop[] = [];

  constructor(options: KedaOptions) {
    this.#options = options;
    this.#pool = new ConnectionPool(options.connections, options);
    this.#writes = new WriteBudget(options.clock);
  }

  /** Connections opened since the start. */
  get openedConnections(): number {
    return this.#pool.opened;
  }

  /** Starts scaling the target as a freshly created ScaledObject would. */
  scale(scaledObject: ScaledObject, target: ScaleTarget, onEvent: (event: KedaEvent) => void): ScaleLoop {
    const shared = { clock: this.#options.clock, pool: this.#pool, writes: this.#writes };
    const loop = new ScaleLoop(shared, scaledObject, target, onEvent);
    this.#loops.push(loop);
    loop.start();
    return loop;
  }

  async close(): Promise<void> {
    const stopped = this.#loops.map((loop) => loop.stop());
    this.#pool.close();
    await Promise.all(stopped);
  }
}
