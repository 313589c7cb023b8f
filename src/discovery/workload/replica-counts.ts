import type { Clock } from '../../time/clock.ts';
import type { ScaleSight } from '../scaling.ts';
import type { HeldSelector } from './shared-selectors.ts';

/** So long after pods have come or gone their controllers may still be about to write it into the scale. */
const settlesWithinMs = 1_500;

/** What the pods that were found are, beside what the scale says. */
export interface CountedPods {
  /** Those that are not ending. */
  readonly replicas: number;
  readonly readyReplicas: number;
}

/** Brings together the pods, which are seen at once, and the scale, which is read again when they change. */
export class ReplicaCounts {
  readonly #clock: Pick<Clock, 'nowMs'>;
  #podCount: number | undefined;
  #podCountChangedMs = 0;

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  /** Takes up the newest number of pods. */
  counted(pods: number): void {
    if (pods !== this.#podCount) this.#podCountChangedMs = this.#clock.nowMs();
    this.#podCount = pods;
  }

  forget(): void {
    this.#podCount = undefined;
  }

  /**
   * The replicas that are asked for: pods may be more, in the surge of a rollout, or fewer. Until that was read after
   * the number of pods changed it is one or the other, and the smaller one is taken: where it is wrong, the
   * autoscaler's stabilization covers the moment, which nothing does for a replica too many. Pods alone decide between
   * none and some, and while the scale can't be read.
   */
  asked(reader: HeldSelector): number {
    const pods = this.#podCount ?? 0;
    const { replicas, readMs, problem } = reader.current();
    if (replicas === undefined || replicas === pods) return pods;
    if (readMs > this.#podCountChangedMs) return replicas;
    reader.refresh();
    return problem !== undefined || replicas === 0 ? pods : Math.min(pods, replicas);
  }

  /**
   * What the HPA may find. Pods are seen before their controllers have counted them into `status.replicas`, and the
   * HPA may look between the two, so that both are possible for a while; then what was written holds.
   */
  sight(reader: HeldSelector, { replicas: pods, readyReplicas }: CountedPods): ScaleSight | undefined {
    const { statusReplicas, readMs } = reader.current();
    if (statusReplicas === undefined) return undefined;
    if (statusReplicas === pods) return { statusReplicas: [pods], readyReplicas };
    if (readMs > this.#podCountChangedMs + settlesWithinMs) return { statusReplicas: [statusReplicas], readyReplicas };
    reader.refresh();
    return { statusReplicas: [pods, statusReplicas], readyReplicas };
  }
}
