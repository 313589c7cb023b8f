import type { EngineEvent } from './engine/engine.ts';
import { Engine } from './engine/engine.ts';
import type { EngineShape } from './engine/engine-shape.ts';
import type { EngineRequest } from './engine/sequence.ts';
import { Deadlines } from './traffic/deadlines.ts';
import type { RequestEnd, RequestNotes } from './traffic/open-request.ts';
import { OpenRequest } from './traffic/open-request.ts';

/** From a pod's creation to its readiness, in milliseconds; `isFirst` where no other pod is there. */
export type ColdStart = (isFirst: boolean) => number;

export interface WorkloadOptions {
  /** The Deployment's name; pods are called after it. */
  readonly name: string;
  readonly engine: EngineShape;
  readonly coldStartMs: number | ColdStart;
  /** How long a terminating pod may finish its requests. */
  readonly graceMs: number;
  /** How often this time passes while that of whoever reads the pods' pages passes once; 1 unless said. */
  readonly timeScale?: number;
  /** The longest a request may take in all; without it: as long as it takes. */
  readonly timeoutMs?: number;
  /** How long a client waits for the first token; without it: as long as it takes. */
  readonly patienceMs?: number;
}

export type PodState = 'starting' | 'ready' | 'terminating';

export interface SimulatedPod {
  readonly name: string;
  readonly createdMs: number;
  readonly engine: Engine<OpenRequest>;
  /** When it becomes ready, or became so. */
  readonly readyMs: number;
  state: PodState;
  terminatingSinceMs: number | undefined;
}

/**
 * A Deployment of engines with a gateway in front that sends each request to the least loaded ready pod and holds it
 * while there is none. Pure: it lives in the time it is given, and every change happens at its own moment, however
 * coarse the steps.
 */
export class SimulatedWorkload {
  readonly options: WorkloadOptions;
  readonly #notes: RequestNotes;
  readonly #timeouts: Deadlines;
  readonly #patience: Deadlines;
  #pods: SimulatedPod[] = [];
  #replicas = 0;
  #held: OpenRequest[] = [];
  #podCount = 0;
  #open = 0;
  #goneMs = 0;
  #revision = 0;
  /** When a pod changes its state next by itself, readiness and the end of grace. */
  #nextPodMs = Number.POSITIVE_INFINITY;

  constructor(options: WorkloadOptions, notes: RequestNotes) {
    this.options = options;
    this.#notes = notes;
    this.#timeouts = new Deadlines(options.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#patience = new Deadlines(options.patienceMs ?? Number.POSITIVE_INFINITY);
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

  /** Requests that have come and not ended, held or not. */
  get openRequests(): number {
    return this.#open;
  }

  /** Grows whenever a pod is added, changes its state or goes. */
  get revision(): number {
    return this.#revision;
  }

  /** Milliseconds of all pods together from their creation to their end, or to `nowMs` for those there are. */
  podMs(nowMs: number): number {
    let totalMs = this.#goneMs;
    for (const pod of this.#pods) totalMs += nowMs - pod.createdMs;
    return totalMs;
  }

  get readyReplicas(): number {
    return this.#countIn('ready');
  }

  get startingReplicas(): number {
    return this.#countIn('starting');
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

  /** Takes a request in. One too long for the engine's cache is refused with a RangeError. */
  submit(tokens: EngineRequest, nowMs: number): OpenRequest {
    if (!this.fits(tokens)) throw new RangeError('the request does not fit into the KV cache of a replica');
    this.step(nowMs);
    const pod = this.#leastLoaded();
    const request = this.#arrive(tokens, nowMs, pod === undefined);
    if (pod === undefined) this.#held.push(request);
    else pod.engine.submit(request, nowMs);
    return request;
  }

  /** Whether a replica's KV cache can hold the request to its end. */
  fits({ promptTokens, outputTokens }: EngineRequest): boolean {
    const { kvBlocks, blockTokens } = this.options.engine;
    return promptTokens + outputTokens <= kvBlocks * blockTokens;
  }

  /** Sends a request to one pod, past the gateway; `undefined` when that pod takes none. */
  submitTo(podName: string, tokens: EngineRequest, nowMs: number): OpenRequest | undefined {
    this.step(nowMs);
    const pod = this.#pods.find((one) => one.name === podName && one.state !== 'starting');
    if (pod === undefined) return undefined;
    const request = this.#arrive(tokens, nowMs, false);
    pod.engine.submit(request, nowMs);
    return request;
  }

  /** Ends a pod without grace, as a crash does: what it carried is lost, and a new pod takes its place. */
  kill(podName: string, nowMs: number): void {
    this.step(nowMs);
    const pod = this.#pods.find((one) => one.name === podName);
    if (pod !== undefined) this.#remove(pod, nowMs);
    this.#reconcile(nowMs);
  }

  /** Lets everything happen that is due by `nowMs`. */
  step(nowMs: number): void {
    for (let dueMs = this.#nextDueMs(); dueMs <= nowMs; dueMs = this.#nextDueMs()) {
      this.#advanceAll(dueMs);
      this.#settlePods(dueMs);
      this.#endOverdue(dueMs);
    }
    this.#advanceAll(nowMs);
  }

  #countIn(state: PodState): number {
    let count = 0;
    for (const pod of this.#pods) if (pod.state === state) count += 1;
    return count;
  }

  #arrive(tokens: EngineRequest, nowMs: number, isHeld: boolean): OpenRequest {
    const request = new OpenRequest(tokens, nowMs, isHeld);
    this.#open += 1;
    this.#timeouts.add(request);
    this.#patience.add(request);
    this.#notes.arrived(request);
    return request;
  }

  #nextDueMs(): number {
    return Math.min(this.#nextPodMs, this.#timeouts.nextMs(isOpen), this.#patience.nextMs(waitsForToken));
  }

  #advanceAll(nowMs: number): void {
    for (const pod of this.#pods) {
      if (pod.engine.nextChangeMs > nowMs) continue;
      const events = pod.engine.advance(nowMs);
      for (const event of events) this.#note(event);
      if (pod.state === 'terminating' && isEmpty(pod)) this.#remove(pod, events.at(-1)?.atMs ?? nowMs);
    }
  }

  #note({ kind, request, atMs }: EngineEvent<OpenRequest>): void {
    if (kind === 'finished') {
      this.#end(request, 'served', atMs);
    } else {
      request.firstTokenMs = atMs;
      this.#notes.gaveFirstToken(request);
    }
  }

  #end(request: OpenRequest, end: RequestEnd, atMs: number): void {
    request.end = end;
    this.#open -= 1;
    this.#notes.ended(request, atMs);
  }

  /** Pods whose time has come become ready, or end whatever they still have. */
  #settlePods(nowMs: number): void {
    if (nowMs < this.#nextPodMs) return;
    for (const pod of this.podsIn('starting')) if (pod.readyMs <= nowMs) pod.state = 'ready';
    for (const pod of this.podsIn('terminating')) if (this.#graceEndsMs(pod) <= nowMs) this.#remove(pod, nowMs);
    this.#lookAhead();
    const held = this.#held;
    if (held.length === 0 || this.#leastLoaded() === undefined) return;
    this.#held = [];
    for (const request of held) this.#leastLoaded()!.engine.submit(request, nowMs);
  }

  #lookAhead(): void {
    this.#revision += 1;
    this.#nextPodMs = Number.POSITIVE_INFINITY;
    for (const pod of this.#pods) {
      if (pod.state === 'starting') this.#nextPodMs = Math.min(this.#nextPodMs, pod.readyMs);
      if (pod.state === 'terminating') this.#nextPodMs = Math.min(this.#nextPodMs, this.#graceEndsMs(pod));
    }
  }

  #graceEndsMs({ terminatingSinceMs }: SimulatedPod): number {
    return terminatingSinceMs! + this.options.graceMs;
  }

  #endOverdue(nowMs: number): void {
    while (this.#timeouts.nextMs(isOpen) <= nowMs) this.#abandon(this.#timeouts.take(), 'timed-out', nowMs);
    while (this.#patience.nextMs(waitsForToken) <= nowMs) this.#abandon(this.#patience.take(), 'given-up', nowMs);
  }

  #abandon(request: OpenRequest, end: RequestEnd, nowMs: number): void {
    const place = this.#held.indexOf(request);
    if (place >= 0) this.#held.splice(place, 1);
    else for (const pod of this.#pods) if (pod.engine.abort(request, nowMs)) break;
    this.#end(request, end, nowMs);
  }

  #remove(pod: SimulatedPod, nowMs: number): void {
    for (const request of pod.engine.unfinished()) this.#end(request, 'lost', nowMs);
    this.#goneMs += nowMs - pod.createdMs;
    this.#pods = this.#pods.filter((one) => one !== pod);
    this.#lookAhead();
  }

  #leastLoaded(): SimulatedPod | undefined {
    let least: SimulatedPod | undefined;
    let leastLoad = Number.POSITIVE_INFINITY;
    for (const pod of this.#pods) {
      const load = pod.engine.runningRequests + pod.engine.waitingRequests;
      if (pod.state !== 'ready' || load >= leastLoad) continue;
      least = pod;
      leastLoad = load;
    }
    return least;
  }

  /** Adds pods, or ends as many as are too many: those still starting first, then the youngest. */
  #reconcile(nowMs: number): void {
    const kept = this.#pods.filter((pod) => pod.state !== 'terminating');
    const isFirst = this.#pods.length === 0;
    for (let count = kept.length; count < this.#replicas; count += 1) this.#create(nowMs, isFirst);
    const surplus = Math.max(0, kept.length - this.#replicas);
    for (const pod of kept.sort(endsFirst).slice(0, surplus)) {
      if (pod.state === 'starting' || isEmpty(pod)) this.#remove(pod, nowMs);
      pod.state = 'terminating';
      pod.terminatingSinceMs = nowMs;
    }
    this.#lookAhead();
  }

  #create(nowMs: number, isFirst: boolean): void {
    const { name, engine, coldStartMs, timeScale } = this.options;
    this.#podCount += 1;
    this.#pods.push({
      name: `${name}-${this.#podCount}`,
      createdMs: nowMs,
      readyMs: nowMs + (typeof coldStartMs === 'number' ? coldStartMs : coldStartMs(isFirst)),
      engine: new Engine(engine, nowMs, timeScale),
      state: 'starting',
      terminatingSinceMs: undefined,
    });
  }
}

function isEmpty({ engine }: SimulatedPod): boolean {
  return engine.runningRequests + engine.waitingRequests === 0;
}

function isOpen(request: OpenRequest): boolean {
  return request.end === undefined;
}

function waitsForToken(request: OpenRequest): boolean {
  return request.end === undefined && request.firstTokenMs === undefined;
}

/** As a ReplicaSet ranks its pods: not ready before ready, then the younger before the older. */
function endsFirst(a: SimulatedPod, b: SimulatedPod): number {
  return Number(b.state === 'starting') - Number(a.state === 'starting') || b.createdMs - a.createdMs;
}
