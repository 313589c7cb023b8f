import { emptyMemory, remember } from '../../../src/aggregation/endpoint-memory.ts';
import type { TriggerMetadata } from '../../../src/config/metadata/trigger-metadata.ts';
import type { EndpointPhase } from '../../../src/discovery/endpoint.ts';
import type { WatchedEndpoint } from '../../../src/triggers/watched-list.ts';
import { failedReading, goodReading } from '../../fakes/readings.ts';

interface Pod {
  readonly edition: number;
  readonly readyAtStep: number;
  watched: WatchedEndpoint;
  unreadyUntilStep: number;
  goneAtStep: number | undefined;
}

/** A rollout in progress: pods of the newest edition take the others' place, `surge` more than asked for at a time. */
interface Rollout {
  readonly surge: number;
}

/** A Deployment's pods with an even load, moved step by step; each pod with what one trigger has read of it. */
export class HistoryWorkload {
  readonly #metadata: TriggerMetadata;
  #pods: Pod[] = [];
  #born = 0;
  #edition = 0;
  #rollout: Rollout | undefined;
  #loadsForSteps = 1;

  constructor(metadata: TriggerMetadata, replicas: number) {
    this.#metadata = metadata;
    for (let index = 0; index < replicas; index++) this.#create(0, 0, 0);
  }

  /** Pods that are not ending: what `status.replicas` counts. */
  get count(): number {
    return this.#pods.filter(isStaying).length;
  }

  /** Pods that are ready, to the HPA ending ones too. */
  readyAt(step: number): number {
    return this.#pods.filter((pod) => isReady(pod, step)).length;
  }

  get endpoints(): readonly WatchedEndpoint[] {
    return this.#pods.map(({ watched }) => watched);
  }

  beginRollout(surge: number, loadsForSteps: number): void {
    this.#edition += 1;
    this.#rollout = { surge };
    this.#loadsForSteps = loadsForSteps;
  }

  /** So many pods are not ready for so long. */
  loseReadiness(pods: number, untilStep: number): void {
    for (const pod of this.#pods.filter(isStaying).slice(0, pods)) pod.unreadyUntilStep = untilStep;
  }

  /** What the Deployment's controllers do until they have nothing more to do in this step. */
  control(replicas: number, step: number, nowMs: number): void {
    this.#pods = this.#pods.filter(({ goneAtStep }) => goneAtStep === undefined || goneAtStep > step);
    const staying = this.#pods.filter(isStaying);
    const old = staying.filter(({ edition }) => edition !== this.#edition);
    if (old.length === 0) this.#rollout = undefined;
    const available = staying.filter((pod) => isReady(pod, step)).length;
    const most = replicas + (this.#rollout?.surge ?? 0);
    if (this.#rollout !== undefined) this.#end(old, Math.min(available - replicas, staying.length - replicas), step);
    this.#end(this.#pods.filter(isStaying).reverse(), this.count - most, step);
    const young = this.#pods.filter((pod) => isStaying(pod) && pod.edition === this.#edition).length;
    for (let born = 0; this.count < most && young + born < Math.max(replicas, 1); born++) {
      this.#create(step + this.#loadsForSteps, step, nowMs);
    }
    while (this.count < replicas) this.#create(step + this.#loadsForSteps, step, nowMs);
  }

  /** Spreads the load over the pods that serve and reads their pages, those that can be. Returns how many serve. */
  read(total: number, canBeRead: (pod: number) => boolean, { step, nowMs }: { step: number; nowMs: number }) {
    const serving = this.#pods.filter((pod) => isStaying(pod) && isReady(pod, step));
    const each = serving.length === 0 ? 0 : total / serving.length;
    let capped = 0;
    let readable = 0;
    let shown = 0;
    for (const [index, pod] of this.#pods.entries()) {
      const isServing = serving.includes(pod);
      const { watched } = pod;
      const phase: EndpointPhase = isStaying(pod) ? (isReady(pod, step) ? 'ready' : 'starting') : 'terminating';
      const isNowReady = watched.endpoint.phase === 'starting' && phase === 'ready';
      const isRead = canBeRead(index) && step >= pod.readyAtStep;
      const concurrency = isServing ? each : 0;
      const reading = isRead ? goodReading(nowMs, { concurrency }) : failedReading(nowMs);
      pod.watched = {
        ...watched,
        endpoint: { ...watched.endpoint, phase },
        memory: remember(watched.memory, reading, this.#metadata),
        wasReady: watched.wasReady || phase === 'ready',
        ...(isNowReady && { becameReadyMs: nowMs, joinedMs: nowMs }),
      };
      if (isRead) readable++;
      if (isServing && isRead) shown += each;
      if (isServing) capped += isRead ? each : Math.min(each, this.#metadata.targetValue);
    }
    // Where none serves, pages that can be read say so.
    if (serving.length === 0 && readable === 0) capped = total;
    return { serving: serving.length, capped, shown, isBlind: readable === 0 };
  }

  #create(readyAtStep: number, step: number, nowMs: number): void {
    const name = `llama-${this.#born++}`;
    const isFirst = step === 0 && readyAtStep === 0;
    const endpoint = {
      name,
      address: '10.0.0.1',
      ports: [],
      phase: isFirst ? ('ready' as const) : ('starting' as const),
      namespace: 'models',
      node: undefined,
      startedAtMs: nowMs,
      url: undefined,
    };
    const nothing = { problem: undefined, becameReadyMs: undefined, joinedMs: undefined };
    const watched: WatchedEndpoint = { endpoint, memory: emptyMemory, wasReady: isFirst, ...nothing };
    this.#pods.push({ edition: this.#edition, readyAtStep, watched, unreadyUntilStep: 0, goneAtStep: undefined });
  }

  #end(pods: readonly Pod[], count: number, step: number): void {
    for (const pod of pods.slice(0, Math.max(0, count))) pod.goneAtStep = step + 2;
  }
}

function isStaying({ goneAtStep }: Pod): boolean {
  return goneAtStep === undefined;
}

function isReady({ readyAtStep, unreadyUntilStep }: Pod, step: number): boolean {
  return step >= readyAtStep && step >= unreadyUntilStep;
}
