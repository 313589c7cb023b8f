import { metricNameOf } from '../config/metadata/metric-name.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Told } from '../decision/told.ts';
import type { Answers, MetricSpec, PushStream } from './answers.ts';
import { runCycle } from './cycle.ts';
import { isEdit } from './edit.ts';
import { GatewaySides } from './gateway-sides.ts';
import { isGpuMetric } from './loads.ts';
import type { RefusedTrigger } from './refusals.ts';
import { Refusals } from './refusals.ts';
import { ScalerError } from './scaler-error.ts';
import type { RecordedTraffic } from './traffic-recording.ts';
import { Trigger } from './trigger.ts';
import type { TriggerRef } from './trigger-ref.ts';
import { keyOf, metadataKeyOf, metadataOf } from './trigger-ref.ts';
import { continuedState } from './trigger-state.ts';
import { TriggerTable } from './trigger-table.ts';
import type { TriggerEvents, World } from './world.ts';

/** A trigger's first question waits no longer than this for its first cycle. */
export const FIRST_ANSWER_WITHIN_MS = 900;
/** How often is looked whether a first cycle is whole. */
const SETTLE_EVERY_MS = 20;
/** A cycle that failed is tried again after this long. */
const RETRY_AFTER_MS = 1000;
/** How often triggers are looked for that an edit has left behind. */
const SWEEP_EVERY_MS = 1000;

export interface TriggerLimits {
  readonly maxTriggers: number;
  readonly maxTriggersPerNamespace: number;
  readonly maxEndpointsPerTrigger: number;
  /** A trigger that nobody asked about for this long is dropped. */
  readonly idleTimeoutMs: number;
  /** How often a gateway is read while the workload is at zero. */
  readonly activationScrapeIntervalMs: number;
  /** How long replicas that start keep their place, where a trigger does not say. */
  readonly startingForMs: number;
  /** How long each trigger's traffic is kept; 0 or left out: not at all. */
  readonly recordingSpanMs?: number;
  /** A sentence on why the trigger may not be followed, or `undefined`: the operator's policy on locations. */
  readonly refusalOf: (namespace: string, metadata: TriggerMetadata) => string | undefined;
}

/** All triggers KEDA asks about: made on the first question, dropped when the questions end. */
export class TriggerRegistry implements Answers {
  readonly #world: World;
  readonly #events: TriggerEvents;
  readonly #limits: TriggerLimits;
  readonly #triggers = new TriggerTable();
  readonly #gatewaySides = new GatewaySides();
  readonly #refusals = new Refusals();
  #sweptMs = 0;

  constructor(world: World, events: TriggerEvents, limits: TriggerLimits) {
    this.#world = world;
    this.#events = events;
    this.#limits = limits;
  }

  get all(): IterableIterator<Trigger> {
    return this.#triggers.all();
  }

  /** What was recorded of a ScaledObject's workload, by whichever of its triggers was followed longest. */
  recordingOf(namespace: string, name: string): RecordedTraffic | undefined {
    const [oldest] = [...this.#triggers.ofScaledObject(namespace, name)].sort((a, b) => a.addedMs - b.addedMs);
    return oldest?.recording?.traffic();
  }

  /** What KEDA asks about and is not followed. */
  get refused(): readonly RefusedTrigger[] {
    return this.#refusals.recent(this.#world.nowMs());
  }

  metricSpec(ref: TriggerRef): MetricSpec {
    const key = keyOf(ref);
    this.#triggers.named(key, this.#world.nowMs());
    const metadata = this.#triggers.get(key)?.metadata ?? this.#noting(ref, () => metadataOf(ref));
    return { metricName: metricNameOf(metadata), targetValue: metadata.targetValue };
  }

  async answer(ref: TriggerRef): Promise<Told> {
    const trigger = this.#triggerOf(ref);
    this.#triggers.asked(trigger.key, trigger.askedMs);
    if (!trigger.firstAnswer.isGiven) await this.#firstCycle(trigger);
    else if (trigger.hasNews) this.#advance(trigger, this.#world.nowMs());
    return answerOf(trigger);
  }

  openPushStream(ref: TriggerRef, stream: PushStream): () => void {
    const trigger = this.#triggerOf(ref);
    trigger.streams.add(stream);
    trigger.nextCycle.hurry();
    return () => trigger.streams.remove(stream);
  }

  /** Runs the cycles that are due and drops what nobody asks about. Called every few milliseconds. */
  tick(): void {
    const nowMs = this.#world.nowMs();
    for (const trigger of this.#triggers.all()) {
      if (trigger.streams.size > 0) trigger.askedMs = nowMs;
      if (nowMs - trigger.askedMs > this.#limits.idleTimeoutMs) this.#drop(trigger);
      else if (trigger.nextCycle.isDue(nowMs)) this.#advance(trigger, nowMs);
    }
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = nowMs;
    for (const trigger of this.#triggers.superseded(nowMs)) this.#drop(trigger);
  }

  close(): void {
    for (const trigger of this.#triggers.all()) this.#drop(trigger);
  }

  #triggerOf(ref: TriggerRef): Trigger {
    const key = keyOf(ref);
    const trigger = this.#triggers.get(key) ?? this.#noting(ref, () => this.#add(key, ref));
    trigger.askedMs = this.#world.nowMs();
    this.#triggers.named(key, trigger.askedMs);
    this.#refusals.answered(ref, trigger.askedMs);
    return trigger;
  }

  #noting<Made>(ref: TriggerRef, make: () => Made): Made {
    try {
      return make();
    } catch (error) {
      if (error instanceof ScalerError) this.#refusals.note(ref, error, this.#world.nowMs());
      throw error;
    }
  }

  #add(key: string, ref: TriggerRef): Trigger {
    const metadata = metadataOf(ref);
    const siblings = [...this.#triggers.ofScaledObject(ref.namespace, ref.name)];
    this.#admit(ref, metadata);
    const identity = { key, metadataKey: metadataKeyOf(ref), namespace: ref.namespace, name: ref.name };
    const trigger = new Trigger(identity, metadata, this.#world, {
      maxEndpoints: this.#limits.maxEndpointsPerTrigger,
      activationScrapeIntervalMs: this.#limits.activationScrapeIntervalMs,
      startingForMs: this.#limits.startingForMs,
      recordingSpanMs: this.#limits.recordingSpanMs,
    });
    const before = siblings.find((other) => isEdit(other, trigger));
    if (before !== undefined) {
      trigger.state = continuedState(before.state, trigger.state);
      trigger.recording = before.recording;
    }
    this.#triggers.add(trigger, trigger.addedMs);
    this.#gatewaySides.add(trigger);
    this.#events.triggerAdded(key);
    if (isGpuMetric(metadata.metric)) this.#events.gpuMetricChosen(ref.namespace, ref.name, metadata.metric);
    return trigger;
  }

  /** Throws where there is no room, unless what the trigger most likely replaces can make it. */
  #admit(ref: TriggerRef, metadata: TriggerMetadata): void {
    const { maxTriggers, maxTriggersPerNamespace } = this.#limits;
    const refusal = this.#limits.refusalOf(ref.namespace, metadata);
    if (refusal !== undefined) throw new ScalerError('denied-by-policy', refusal);
    const isFull = this.#triggers.size >= maxTriggers;
    if (!isFull && this.#triggers.countOf(ref.namespace) < maxTriggersPerNamespace) return;
    const replaced = this.#triggers.replaceable(ref.namespace, ref.name, this.#world.nowMs());
    if (replaced !== undefined) {
      this.#drop(replaced);
      return;
    }
    this.#events.limitReached(isFull ? 'triggers' : 'triggers-per-namespace');
    const words = isFull
      ? `at most ${maxTriggers} triggers; all places are taken`
      : `at most ${maxTriggersPerNamespace} triggers of one namespace; "${ref.namespace}" has used them`;
    throw new ScalerError('limit-reached', `this scaler follows ${words}`);
  }

  #drop(trigger: Trigger): void {
    trigger.close(this.#world.gpus);
    this.#triggers.remove(trigger);
    this.#gatewaySides.remove(trigger);
    this.#events.triggerDropped(trigger.key);
  }

  /** The next step of one trigger. A fault of ours in it makes that trigger hold, and harms no other. */
  #advance(trigger: Trigger, nowMs: number): void {
    try {
      if (trigger.firstAnswer.isGiven) this.#cycle(trigger, nowMs);
      else this.#settle(trigger, nowMs);
    } catch (error) {
      trigger.state = { ...trigger.state, outcome: undefined };
      trigger.nextCycle.ran(nowMs + RETRY_AFTER_MS);
      trigger.firstAnswer.give();
      this.#events.cycleFailed(trigger.namespace, trigger.name, error);
    }
  }

  /** Endpoints are scraped, their readings become the trigger's next state, and the state a push. */
  #cycle(trigger: Trigger, nowMs: number): void {
    trigger.follow(this.#world.gpus);
    trigger.others = this.#gatewaySides.beside(trigger);
    const before = trigger.state;
    const moment = trigger.momentAt(nowMs, this.#world.gpus);
    trigger.state = runCycle(before, moment, trigger.metadata);
    trigger.recording?.note(moment);
    trigger.nextCycle.ran(nowMs + trigger.state.window.bucketMs);
    if (trigger.state.changes !== before.changes) this.#tellChange(trigger);
    const sent = trigger.state.outcome === undefined ? 0 : trigger.streams.push(trigger.state.outcome, nowMs);
    for (let push = 0; push < sent; push++) this.#events.pushSent(trigger.namespace, trigger.name);
  }

  #tellChange({ namespace, name, metadata, state }: Trigger): void {
    const { metricValue, active, why: reason } = state.changes.at(-1)!;
    this.#events.decisionChanged({
      namespace,
      scaledObject: name,
      metric: metadata.metric,
      metricValue,
      active,
      reason,
    });
  }

  async #firstCycle(trigger: Trigger): Promise<void> {
    const given = trigger.firstAnswer.wait();
    this.#advance(trigger, this.#world.nowMs());
    await given;
  }

  /** Answers those who wait once every endpoint has said something, or once their time is up. */
  #settle(trigger: Trigger, nowMs: number): void {
    const { invalid } = trigger.follow(this.#world.gpus);
    trigger.nextCycle.postpone(nowMs + SETTLE_EVERY_MS);
    if (!invalid && !trigger.everyoneAnswered && nowMs - trigger.addedMs < FIRST_ANSWER_WITHIN_MS) return;
    this.#cycle(trigger, nowMs);
    trigger.firstAnswer.give();
  }
}

function answerOf({ state: { outcome } }: Trigger): Told {
  if (outcome === undefined) {
    throw new ScalerError('reading-unavailable', "holding, this trigger could not be worked out; see the scaler's log");
  }
  if (outcome.told === undefined) throw new ScalerError('reading-unavailable', outcome.why);
  return outcome.told;
}
