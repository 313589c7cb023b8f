import type { EngineProfile } from '../simulate/engine/engine-profiles.ts';
import { SimulatedWorkload } from '../simulate/workload.ts';
import type { Survey } from './demand/survey.ts';
import type { Tally } from './tally.ts';
import { VirtualClock } from './time/virtual-clock.ts';

/** What a replay holds fixed while policies are compared. Spans are milliseconds. */
export interface StageOptions {
  readonly profile: EngineProfile;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** From a replica's creation to its readiness; `isFirst` where there was none. */
  readonly coldStartMs: (isFirst: boolean) => number;
  /** How long a replica that is to go may finish its requests. */
  readonly graceMs: number;
  readonly timeoutMs: number;
  readonly patienceMs: number;
}

/** Nothing is skipped while a request came, or anything ran, within this span. */
const quietForMs = 300_000;
/** What is skipped ends this long before the next arrival, so that every window is full again by then. */
const wakeAheadMs = 240_000;

/** One workload under one policy, in virtual time. */
export class Stage {
  readonly options: StageOptions;
  readonly survey: Survey;
  readonly clock: VirtualClock;
  readonly workload: SimulatedWorkload;
  readonly #tally: Tally;
  #isBeginning = true;
  #quietSinceMs = Number.NEGATIVE_INFINITY;
  /** When the next request comes; `Infinity` after the last one. */
  nextArrivalMs = 0;
  /** Requests that have come. */
  arrivals = 0;

  constructor(options: StageOptions, survey: Survey, tally: Tally, random: () => number) {
    this.options = options;
    this.survey = survey;
    this.#tally = tally;
    this.clock = new VirtualClock(random);
    const { profile, coldStartMs, graceMs, timeoutMs, patienceMs } = options;
    const times = { graceMs, timeoutMs, patienceMs };
    const startMs = (isFirst: boolean): number => (this.#isBeginning ? 0 : coldStartMs(isFirst));
    const workload = { name: 'llama', engine: profile.shape, coldStartMs: startMs, ...times };
    this.workload = new SimulatedWorkload(workload, tally);
  }

  /** Begins in the middle of a service's life, with so many replicas that are ready. */
  begin(replicas: number): void {
    this.workload.setReplicas(replicas, 0);
    this.#isBeginning = false;
  }

  /** Replicas asked for. */
  get replicas(): number {
    return this.workload.replicas;
  }

  get readyReplicas(): number {
    return this.workload.readyReplicas;
  }

  /** Changes the size, within the bounds of the replay. */
  setReplicas(replicas: number): void {
    const bounded = Math.min(Math.max(replicas, this.options.minReplicas), this.options.maxReplicas);
    if (bounded === this.workload.replicas) return;
    this.workload.setReplicas(bounded, this.clock.nowMs());
    this.#tally.scaled(bounded);
  }

  /** The workload as it is now. */
  current(): SimulatedWorkload {
    this.workload.step(this.clock.nowMs());
    return this.workload;
  }

  /** Does something every `periodMs`, first after one of them, for as long as the replay lasts. */
  every(periodMs: number, act: () => void): void {
    const again = (): void => {
      act();
      this.clock.plan(this.afterSilence(this.clock.nowMs() + periodMs, periodMs), again);
    };
    this.clock.plan(this.clock.nowMs() + periodMs, again);
  }

  /**
   * The moment of a recurring look, or a later one of its phase: a workload at zero that nobody asks anything looks the
   * same at each, so that days of silence need not be looked at second by second.
   */
  afterSilence(dueMs: number, periodMs: number): number {
    const { workload } = this;
    if (workload.openRequests > 0 || workload.pods.length > 0 || workload.replicas > 0) {
      this.#quietSinceMs = this.clock.nowMs();
      return dueMs;
    }
    if (dueMs - this.#quietSinceMs < quietForMs) return dueMs;
    const aheadMs = Math.min(this.nextArrivalMs, this.survey.spanMs) - wakeAheadMs - dueMs;
    return aheadMs <= 0 ? dueMs : dueMs + Math.floor(aheadMs / periodMs) * periodMs;
  }
}
