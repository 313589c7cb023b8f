import { Engine } from './engine/engine.ts';
import type { EngineShape } from './engine/engine-shape.ts';
import { RequestLog } from './traffic/request-log.ts';

export interface WorkloadOptions {
  /** The Deployment's name; pods are called after it. */
  readonly name: string;
  readonly engine: EngineShape;
  /** From a pod's creation to its readiness. */
  readonly coldStartMs: number;
  /** How long a terminating pod may finish its requests. */
  readonly graceMs: number;
}

export type PodState = 'starting' | 'ready' | 'terminating';

export interface SimulatedPod {
  readonly name: string;
  readonly createdMs: number;
  readonly engine: Engine;
  state: PodState;
  readyMs: number | undefined;
  terminatingSinceMs: number | undefined;
}

export interface WorkloadRequest {
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/**
 * A Deployment of engines with a gateway in front that sends each request to the least loaded ready pod and holds it
 * while there is none. Pure: it lives in the time it is given, and every change happens at its own moment, however
 * coarse the steps.
 */
export class SimulatedWorkload {
  readonly options: WorkloadOptions;
  readonly log = new RequestLog();
  #pods: SimulatedPod[] = [];
  #replicas = 0;
  #held: { readonly id: string; readonly request: WorkloadRequest }[] = [];
  #podCount = 0;

  constructor(options: WorkloadOptions) {
    this.options = options;
  }

  /** The replicas asked for: `spec.replicas`, and at once `status.replicas`. */
  get replicas(): number {
    return this.#replicas;
  }

  get pods(): readonly SimulatedPod[] {
    return this.#pods;
  }

  get heldRequests(): number {
    return this.#held.length;
  }

  podsIn(state: PodState): SimulatedPod[] {
    return this.#pods.filter((pod) => pod.state === state);
  }

  setReplicas(replicas: number, nowMs: number): void {
    this.step(nowMs);
    this.#replicas = replicas;
    this.#reconcile(nowMs);
    this.step(nowMs);
  }

  /** Takes a request in and returns its id. One too long for the engine's cache is refused with a RangeError. */
  submit(request: WorkloadRequest, nowMs: number): string {
    const { kvBlocks, blockTokens } = this.options.engine;
    if (request.promptTokens + request.outputTokens > kvBlocks * blockTokens) {
      throw new RangeError('the request does not fit into the KV cache of a replica');
    }
    this.step(nowMs);
    const pod = this.#leastLoaded();
    const id = this.log.arrive(nowMs, pod === undefined);
    if (pod === undefined) this.#held.push({ id, request });
    else pod.engine.submit({ id, ...request }, nowMs);
    return id;
  }

  /** Sends a request to one pod, past the gateway; `undefined` when that pod takes none. */
  submitTo(podName: string, request: WorkloadRequest, nowMs: number): string | undefined {
    this.step(nowMs);
    const pod = this.#pods.find((one) => one.name === podName && one.state !== 'starting');
    if (pod === undefined) return undefined;
    const id = this.log.arrive(nowMs, false);
    pod.engine.submit({ id, ...request }, nowMs);
    return id;
  }

  /** Ends a pod without grace, as a crash does: what it carried is lost, and a new pod takes its place. */
  kill(podName: string, nowMs: number): void {
    this.step(nowMs);
    const pod = this.#pods.find((one) => one.name === podName);
    if (pod !== undefined) this.#remove(pod);
    this.#reconcile(nowMs);
  }

  /** Lets everything happen that is due by `nowMs`. */
  step(nowMs: number): void {
    for (let readyMs = this.#nextReadyMs(); readyMs !== undefined && readyMs <= nowMs; readyMs = this.#nextReadyMs()) {
      this.#becomeReady(readyMs);
    }
    for (const pod of this.#pods) this.#advance(pod, nowMs);
    for (const pod of this.podsIn('terminating')) this.#endIfDone(pod, nowMs);
  }

  #nextReadyMs(): number | undefined {
    const dueMs = this.podsIn('starting').map((pod) => pod.createdMs + this.options.coldStartMs);
    return dueMs.length === 0 ? undefined : Math.min(...dueMs);
  }

  #becomeReady(nowMs: number): void {
    for (const pod of this.podsIn('starting')) {
      if (pod.createdMs + this.options.coldStartMs > nowMs) continue;
      pod.state = 'ready';
      pod.readyMs = nowMs;
    }
    for (const pod of this.#pods) this.#advance(pod, nowMs);
    for (const { id, request } of this.#held.splice(0)) this.#leastLoaded()!.engine.submit({ id, ...request }, nowMs);
  }

  #advance(pod: SimulatedPod, nowMs: number): void {
    for (const event of pod.engine.advance(Math.min(nowMs, this.#endsMs(pod)))) this.log.note(event);
  }

  #endsMs(pod: SimulatedPod): number {
    return pod.terminatingSinceMs === undefined
      ? Number.POSITIVE_INFINITY
      : pod.terminatingSinceMs + this.options.graceMs;
  }

  #endIfDone(pod: SimulatedPod, nowMs: number): void {
    const empty = pod.engine.runningRequests + pod.engine.waitingRequests === 0;
    if (empty || nowMs >= this.#endsMs(pod)) this.#remove(pod);
  }

  #remove(pod: SimulatedPod): void {
    for (const id of pod.engine.unfinished()) this.log.lose(id);
    this.#pods = this.#pods.filter((one) => one !== pod);
  }

  #leastLoaded(): SimulatedPod | undefined {
    const loadOf = (pod: SimulatedPod): number => pod.engine.runningRequests + pod.engine.waitingRequests;
    return this.podsIn('ready').sort((a, b) => loadOf(a) - loadOf(b))[0];
  }

  /** Adds pods, or ends as many as are too many: the youngest first, so those still starting. */
  #reconcile(nowMs: number): void {
    const kept = this.#pods.filter((pod) => pod.state !== 'terminating');
    for (let count = kept.length; count < this.#replicas; count += 1) this.#create(nowMs);
    const victims = kept.sort((a, b) => b.createdMs - a.createdMs).slice(0, Math.max(0, kept.length - this.#replicas));
    for (const pod of victims) {
      if (pod.state === 'starting') this.#remove(pod);
      pod.state = 'terminating';
      pod.terminatingSinceMs = nowMs;
    }
  }

  #create(nowMs: number): void {
    this.#podCount += 1;
    this.#pods.push({
      name: `${this.options.name}-${this.#podCount}`,
      createdMs: nowMs,
      engine: new Engine(this.options.engine, nowMs),
      state: 'starting',
      readyMs: undefined,
      terminatingSinceMs: undefined,
    });
  }
}
