import type { Ready } from '../../keda/keda-decision.ts';
import { decideScale } from '../../keda/keda-decision.ts';
import type { ScaledObject } from '../../keda/scaled-object.ts';
import { kedaDefaults } from '../../keda/scaled-object.ts';
import type { Clock } from '../../time/clock.ts';
import { HpaLoop } from './hpa-loop.ts';
import type { Emit, KedaEvent, ScaleTarget } from './keda-event.ts';
import { runActivityStream, runSpecStream } from './keda-streams.ts';
import type { ExternalMetric } from './metric-source.ts';
import { MetricSource } from './metric-source.ts';
import { Mutex } from './mutex.ts';
import type { MetricAnswer, Scalers } from './scaler.ts';
import type { WriteBudget } from './write-budget.ts';

/** What all ScaledObjects of one KEDA share. */
export interface KedaShared {
  readonly clock: Clock;
  readonly scalers: Scalers;
  readonly writes: WriteBudget;
}

type Settings = ScaledObject & Required<Pick<ScaledObject, keyof typeof kedaDefaults>>;

/** One ScaledObject's life: reconcile, then poll, listen to pushes and let the HPA sync until stopped. */
export class ScaleLoop {
  readonly #shared: KedaShared;
  readonly #settings: Settings;
  readonly #target: ScaleTarget;
  readonly #emit: Emit;
  readonly #source: MetricSource;
  readonly #hpa: HpaLoop;
  readonly #mutex = new Mutex();
  readonly #stop = new AbortController();
  readonly #createdMs: number;
  #metrics: readonly ExternalMetric[] = [];
  #lastActiveMs: number | undefined;
  #ready: Ready = 'True';
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    shared: KedaShared,
    scaledObject: ScaledObject,
    target: ScaleTarget,
    onEvent: (event: KedaEvent) => void,
  ) {
    this.#shared = shared;
    this.#settings = { ...kedaDefaults, ...scaledObject };
    this.#target = target;
    this.#emit = (event) => onEvent({ atMs: shared.clock.nowMs(), ...event } as KedaEvent);
    this.#source = new MetricSource(scaledObject, shared.scalers, () => target.readyReplicas());
    this.#hpa = new HpaLoop(shared.clock, this.#settings, target, this.#emit);
    this.#createdMs = shared.clock.nowMs();
  }

  start(): void {
    this.#running = this.#live();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#source.close();
    await this.#running;
  }

  /** The metrics of the HPA as the last reconcile wrote it. */
  get metrics(): readonly ExternalMetric[] {
    return this.#metrics;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stop;
    for (let retryMs = 5; !(await this.#reconcile()); retryMs = Math.min(retryMs * 2, 960_000)) {
      await this.#shared.clock.sleep(retryMs, signal);
      if (signal.aborted) return;
    }
    const reading = { source: this.#source, metrics: () => this.#metrics };
    await Promise.all([this.#pollForever(), this.#hpa.run(reading, signal), ...this.#streams()]);
  }

  /** Writes the HPA anew from what the triggers say. A trigger that fails is left out; if all do, nothing is written. */
  async #reconcile(): Promise<boolean> {
    const metrics: ExternalMetric[] = [];
    for (const trigger of this.#settings.triggers.keys()) {
      try {
        metrics.push(...(await this.#source.metricsOf(trigger)));
      } catch (error) {
        this.#fail('reconcile', error);
      }
    }
    if (metrics.length === 0) return false;
    this.#metrics = metrics;
    this.#emit({ kind: 'reconciled', metricNames: metrics.map((metric) => metric.fullName) });
    return true;
  }

  async #pollForever(): Promise<void> {
    const { clock } = this.#shared;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedMs = clock.nowMs();
      await this.#mutex.run(() => this.#poll());
      await clock.sleep(startedMs + this.#settings.pollingIntervalMs - clock.nowMs(), signal);
    }
  }

  async #poll(): Promise<void> {
    const states = await Promise.all([...this.#settings.triggers.keys()].map((trigger) => this.#pollTrigger(trigger)));
    if (this.#stop.signal.aborted) return;
    const active = states.some((state) => state.active);
    const failed = states.some((state) => state.failed);
    if (failed) this.#source.clearCache();
    const why = await this.#requestScale(active, failed, 'poll');
    this.#emit({ kind: 'polled', active, failed, why });
  }

  async #pollTrigger(trigger: number): Promise<{ active: boolean; failed: boolean }> {
    let active = false;
    try {
      for (const metric of await this.#source.metricsOf(trigger)) {
        const { total, ...reading } = await this.#readForPoll(metric);
        active = reading.active;
        this.#emit({ kind: 'value', by: 'poll', metricName: metric.fullName, total });
      }
      return { active, failed: false };
    } catch (error) {
      this.#fail('poll', error);
      return { active: false, failed: true };
    }
  }

  /** Where a poll can't change replicas KEDA 2.21 takes what the HPA read last instead of asking. */
  #readForPoll(metric: ExternalMetric): Promise<MetricAnswer> {
    const { minReplicaCount, idleReplicaCount } = this.#settings;
    const observing = minReplicaCount > 0 && idleReplicaCount === undefined;
    return (observing ? this.#hpa.lastReading(metric.fullName) : undefined) ?? this.#source.read(metric);
  }

  async #requestScale(active: boolean, failed: boolean, by: 'poll' | 'push'): Promise<string> {
    const { minReplicaCount, idleReplicaCount, fallback, cooldownPeriodMs, initialCooldownPeriodMs } = this.#settings;
    const from = this.#target.replicas();
    const nowMs = this.#shared.clock.nowMs();
    const answer = decideScale({
      nowMs,
      active,
      failed,
      replicas: from,
      minReplicas: minReplicaCount,
      idleReplicas: idleReplicaCount,
      fallbackReplicas: fallback?.replicas,
      createdMs: this.#createdMs,
      lastActiveMs: this.#lastActiveMs,
      cooldownMs: cooldownPeriodMs,
      initialCooldownMs: initialCooldownPeriodMs,
    });
    if (answer.replicas !== undefined && answer.replicas !== from) {
      this.#target.setReplicas(answer.replicas);
      this.#emit({ kind: 'scaled', by, from, to: answer.replicas, why: answer.why });
    }
    if (answer.refreshesLastActive) this.#lastActiveMs = nowMs;
    this.#setReady(answer.ready);
    if (answer.refreshesLastActive || answer.replicas !== undefined) await this.#shared.writes.take(this.#stop.signal);
    return answer.why;
  }

  /** Ready turning True again starts a reconcile. */
  #setReady(ready: Ready): void {
    if (ready === this.#ready) return;
    this.#ready = ready;
    this.#emit({ kind: 'ready', ready });
    if (ready === 'True') void this.#reconcile();
  }

  #streams(): Promise<void>[] {
    return this.#settings.triggers.flatMap((trigger, index) => {
      if (trigger.type !== 'external-push') return [];
      const loop = { clock: this.#shared.clock, scaler: this.#source.scaler(index), signal: this.#stop.signal };
      const activity = runActivityStream(loop, {
        opened: () => this.#emit({ kind: 'stream-opened', trigger: index }),
        message: (result) => this.#pushed(index, result),
        ended: (end, retryInMs) => this.#emit({ kind: 'stream-ended', trigger: index, end, retryInMs }),
      });
      const specs = runSpecStream(loop, (streamed) => {
        if (this.#source.cache().keepStreamedSpecs(index, streamed)) void this.#reconcile();
      });
      return [activity, specs];
    });
  }

  /** A push can only wake: `false` is ignored, and a trigger whose metric the last reconcile lost is not heard. */
  async #pushed(trigger: number, result: boolean): Promise<void> {
    const isKnown = this.#metrics.some((metric) => metric.trigger === trigger);
    const effect = result ? (isKnown ? 'taken' : 'dropped') : 'ignored';
    this.#emit({ kind: 'pushed', trigger, result, effect });
    if (effect === 'taken') await this.#mutex.run(() => this.#requestScale(true, false, 'push'));
  }

  #fail(by: 'reconcile' | 'poll', error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#emit({ kind: 'error', by, message: error instanceof Error ? error.message : String(error) });
  }
}
