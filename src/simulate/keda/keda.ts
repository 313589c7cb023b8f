import type { ScaledObject } from '../../keda/scaled-object.ts';
import type { Clock } from '../../time/clock.ts';
import type { KedaEvent, ScaleTarget } from './keda-event.ts';
import { ScaleLoop } from './scale-loop.ts';
import type { Scalers } from './scaler.ts';
import { WriteBudget } from './write-budget.ts';

export interface KedaOptions {
  readonly clock: Clock;
  /** Closed with this KEDA. */
  readonly scalers: Scalers;
}

/**
 * A model of KEDA's operator and of the HPA controller that asks external scalers in the order and at the times KEDA
 * does.
 */
export class Keda {
  readonly #options: KedaOptions;
  readonly #writes: WriteBudget;
  readonly #loops: ScaleLoop[] = [];

  constructor(options: KedaOptions) {
    this.#options = options;
    this.#writes = new WriteBudget(options.clock);
  }

  /** Starts scaling the target as a freshly created ScaledObject would. */
  scale(scaledObject: ScaledObject, target: ScaleTarget, onEvent: (event: KedaEvent) => void): ScaleLoop {
    const shared = { ...this.#options, writes: this.#writes };
    const loop = new ScaleLoop(shared, scaledObject, target, onEvent);
    this.#loops.push(loop);
    loop.start();
    return loop;
  }

  async close(): Promise<void> {
    const stopped = this.#loops.map((loop) => loop.stop());
    this.#options.scalers.close();
    await Promise.all(stopped);
  }
}
