import type { Autoscaler } from '../autoscaler.ts';
import type { Stage } from '../stage.ts';

/** Looks at the workload at one moment and says what size it should have; `undefined` leaves it. */
export type Look = (nowMs: number) => number | undefined;

/** An autoscaler that looks again and again, with state of its own from look to look. */
export class Periodic implements Autoscaler {
  readonly #periodMs: number;
  readonly #begin: (stage: Stage) => Look;

  constructor(periodMs: number, begin: (stage: Stage) => Look) {
    this.#periodMs = periodMs;
    this.#begin = begin;
  }

  start(stage: Stage): void {
    const look = this.#begin(stage);
    stage.every(this.#periodMs, () => {
      stage.current();
      const replicas = look(stage.clock.nowMs());
      if (replicas !== undefined) stage.setReplicas(replicas);
    });
  }

  async close(): Promise<void> {
    // Nothing waits.
  }
}

/** A size that never changes. */
export const fixed: Autoscaler = { start: () => undefined, close: async () => undefined };
