import { backOffMs } from '../back-off.ts';
import { faultInWords } from '../fault-words.ts';
import type { KubeObject } from '../kube/kube-api.ts';
import { faultOfStatus, toKubeFault } from '../kube/kube-api.ts';
import { isKubeName } from '../kube/kube-name.ts';
import type { ReflectorSurroundings } from '../kube/reflector.ts';
import type { Controller } from './pod-owner.ts';
import { controllerOf, isTarget } from './pod-owner.ts';
import type { ScaleTargetRef } from './scaled-object-facts.ts';

/** Whose a ReplicaSet is; `unknown` until it could be read. */
export type Owned = 'own' | 'other' | 'unknown';

export interface ReplicaSetOwners {
  of(replicaSet: Controller): Owned;
  /** Forgets all but these, and goes on to read those that are new. */
  follow(replicaSets: readonly Controller[]): void;
  /** Why one of them could not be read, in words. */
  problem(): string | undefined;
  close(): void;
}

const resource = 'replicasets.apps';

/**
 * Reads the owners of ReplicaSets that share a workload's labels and not its name, each once and one at a time: there
 * is one a rollout, and who made it never changes. `onChange` is called when one more is known, or can't be.
 */
export function replicaSetOwners(
  target: ScaleTargetRef,
  namespace: string,
  surroundings: ReflectorSurroundings,
  onChange: () => void,
): ReplicaSetOwners {
  return new Owners({ target, namespace, surroundings, onChange });
}

interface Reading {
  readonly target: ScaleTargetRef;
  readonly namespace: string;
  readonly surroundings: ReflectorSurroundings;
  readonly onChange: () => void;
}

class Owners implements ReplicaSetOwners {
  readonly #reading: Reading;
  readonly #stop = new AbortController();
  /** By uid; never more than the pods of the list name. */
  readonly #known = new Map<string, Owned>();
  #wanted: readonly Controller[] = [];
  #problem: string | undefined;
  #running = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  of({ uid }: Controller): Owned {
    return this.#known.get(uid) ?? 'unknown';
  }

  problem(): string | undefined {
    return this.#problem;
  }

  follow(replicaSets: readonly Controller[]): void {
    this.#wanted = replicaSets;
    const wanted = new Set(replicaSets.map(({ uid }) => uid));
    for (const uid of this.#known.keys()) if (!wanted.has(uid)) this.#known.delete(uid);
    if (this.#next() === undefined) this.#problem = undefined;
    else if (!this.#running) this.#run().catch(() => undefined);
  }

  close(): void {
    this.#stop.abort();
  }

  #next(): Controller | undefined {
    return this.#wanted.find(({ uid }) => !this.#known.has(uid));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock } = this.#reading.surroundings;
    this.#running = true;
    let failures = 0;
    for (let next = this.#next(); next !== undefined && !signal.aborted; next = this.#next()) {
      const isKnown = await this.#read(next);
      if (signal.aborted) return;
      failures = isKnown ? 0 : failures + 1;
      this.#reading.onChange();
      if (failures > 0) await clock.sleep(backOffMs(failures, clock.random()), signal);
    }
    this.#running = false;
  }

  async #read({ name, uid }: Controller): Promise<boolean> {
    const { target, namespace, surroundings } = this.#reading;
    const { signal } = this.#stop;
    try {
      if (!isKubeName(name)) throw faultOfStatus(404, 'get');
      const path = `/apis/apps/v1/namespaces/${namespace}/replicasets/${name}`;
      const { status, body } = await surroundings.kube.getMetadata(path, signal);
      if (status !== 200) throw faultOfStatus(status, 'get');
      const { metadata } = body as KubeObject;
      // Another of the same name: the one that was asked about is gone.
      if (metadata.uid !== uid) throw faultOfStatus(404, 'get');
      this.#known.set(uid, isTarget(controllerOf(metadata), target) ? 'own' : 'other');
      this.#problem = undefined;
      return true;
    } catch (error) {
      const fault = toKubeFault(error);
      if (signal.aborted) return false;
      surroundings.events.failed(resource, fault.failure);
      const why = faultInWords(fault, { resource, namespace, verbs: 'get' });
      this.#problem = `whether the pods of ReplicaSet "${name}" are its own is not known, so they count from 0 to what they say: ${fault.failure === 'not-found' ? 'it is gone' : why}`;
      return false;
    }
  }
}
