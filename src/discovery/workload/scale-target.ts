import type { AskedPort } from '../asked-port.ts';
import { changeListeners } from '../change-listeners.ts';
import type { EndpointSnapshot, EndpointSource } from '../endpoint.ts';
import { refused, unknownBecause } from '../endpoint-snapshot.ts';
import type { ReflectorSurroundings } from '../kube/reflector.ts';
import { hasOtherColour, podsFound } from './own-pods.ts';
import type { PodFacts } from './pod-facts.ts';
import type { PodSelector } from './pod-selector.ts';
import { podSelectorOf } from './pod-selector.ts';
import { ReplicaCounts } from './replica-counts.ts';
import type { ReplicaSetOwners } from './replica-set-owners.ts';
import { replicaSetOwners } from './replica-set-owners.ts';
import type { ScaledObjectFacts } from './scaled-object-facts.ts';
import type { HeldSelector, SharedSelectors } from './shared-selectors.ts';
import type { SharedWatches, Watch } from './shared-watches.ts';

export interface ScaleTargetRequest {
  readonly namespace: string;
  /** The ScaledObject's name. */
  readonly name: string;
  readonly port: AskedPort;
}

export interface ScaleTargetSurroundings extends ReflectorSurroundings {
  readonly selectors: SharedSelectors;
  readonly watches: SharedWatches;
}

/** The pods of the workload that a ScaledObject scales: ScaledObject → scale target → its selector → pods. */
export function scaleTargetSource(request: ScaleTargetRequest, surroundings: ScaleTargetSurroundings): EndpointSource {
  return new ScaleTarget(request, surroundings);
}

class ScaleTarget implements EndpointSource {
  readonly #request: ScaleTargetRequest;
  readonly #surroundings: ScaleTargetSurroundings;
  readonly #changes = changeListeners();
  readonly #scaledObjects: Watch<ScaledObjectFacts>;
  readonly #counts: ReplicaCounts;
  readonly #update = (): void => this.#follow();
  /** What was last seen of the ScaledObject, or of why it can't be seen. */
  #seen: string | undefined;
  #edition: string | undefined;
  /** What is scaled, as `kind/name`; a list of one target is never the answer for another. */
  #target: string | undefined;
  #reader: HeldSelector | undefined;
  #owners: ReplicaSetOwners | undefined;
  #selector: PodSelector | undefined;
  #pods: Watch<PodFacts> | undefined;
  /** Pods of a new selector, until their list is whole. */
  #nextPods: Watch<PodFacts> | undefined;
  #current: EndpointSnapshot | undefined;
  #closed = false;

  constructor(request: ScaleTargetRequest, surroundings: ScaleTargetSurroundings) {
    this.#request = request;
    this.#surroundings = surroundings;
    this.#counts = new ReplicaCounts(surroundings.clock);
    this.#scaledObjects = surroundings.watches.scaledObjects(request.namespace, () => this.#look());
    this.#look();
  }

  current(): EndpointSnapshot {
    this.#current ??= this.#discover();
    return this.#current;
  }

  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    this.#scaledObjects.close();
  }

  /** Follows a change of its own ScaledObject: the watch tells of all, and of every status that KEDA writes. */
  #look(): void {
    const { synced, problem, items } = this.#scaledObjects.current();
    const seen = JSON.stringify([synced, problem, items.get(this.#request.name)?.edition]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#follow();
  }

  /** Opens and closes what the latest facts ask for. */
  #follow(): void {
    if (this.#closed) return;
    const { synced, items } = this.#scaledObjects.current();
    const facts = items.get(this.#request.name);
    if (facts !== undefined) this.#followTarget(facts);
    else if (synced) this.#drop();
    this.#current = undefined;
    this.#changes.notify();
  }

  #followTarget({ target, edition }: ScaledObjectFacts): void {
    const { namespace } = this.#request;
    const identity = JSON.stringify([target.apiVersion, target.kind, target.name]);
    if (identity !== this.#target) this.#drop();
    this.#target = identity;
    this.#owners ??= replicaSetOwners(target, namespace, this.#surroundings, this.#update);
    if (this.#reader === undefined) this.#reader = this.#surroundings.selectors.read(target, namespace, this.#update);
    else if (edition !== this.#edition) this.#reader.refresh();
    this.#edition = edition;
    const { selector, invalid } = this.#reader.current();
    if (invalid) this.#dropPods();
    if (selector !== undefined) this.#select(podSelectorOf(selector));
    // The old list of the same target stands until the new one is whole.
    if (!this.#nextPods?.current().synced) return;
    this.#pods?.close();
    this.#pods = this.#nextPods;
    this.#nextPods = undefined;
  }

  /** A promotion selects among pods that are watched already. */
  #select(selector: PodSelector): void {
    if (selector.watched !== this.#selector?.watched) {
      const { namespace } = this.#request;
      this.#nextPods?.close();
      this.#nextPods = this.#surroundings.watches.pods(namespace, selector.watched, this.#update);
    }
    this.#selector = selector;
  }

  /** The ScaledObject is gone or scales something else, and with it every reason to look at these pods. */
  #drop(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#owners?.close();
    this.#owners = undefined;
    this.#edition = undefined;
    this.#target = undefined;
    this.#counts.forget();
    this.#dropPods();
  }

  #dropPods(): void {
    this.#pods?.close();
    this.#nextPods?.close();
    this.#pods = undefined;
    this.#nextPods = undefined;
    this.#selector = undefined;
  }

  #discover(): EndpointSnapshot {
    const { namespace, name } = this.#request;
    const scaledObjects = this.#scaledObjects.current();
    const facts = scaledObjects.items.get(name);
    if (facts === undefined) {
      if (!scaledObjects.synced || scaledObjects.problem) return unknownBecause(scaledObjects.problem);
      return refused(
        `no ScaledObject "${name}" in namespace "${namespace}"; triggers of a ScaledJob need "service", "dns" or "endpoints"`,
      );
    }
    const { pollingIntervalMs, hasFallback, scaling, target } = facts;
    const { problem, invalid } = this.#reader!.current();
    if (invalid) return { ...refused(problem!), pollingIntervalMs, subject: this.#target! };
    const doubt = scaledObjects.problem ?? problem ?? (this.#nextPods ?? this.#pods)?.current().problem;
    const subject = this.#target!;
    if (this.#pods === undefined) return { ...unknownBecause(doubt), pollingIntervalMs, subject };
    const all = this.#pods.current().items;
    // A promotion moves all load to the other colour at once, and only the scale tells of it.
    if (hasOtherColour(all, this.#selector?.hash)) this.#reader!.refresh();
    const { readyReplicas, ...found } = podsFound(all, {
      target,
      hash: this.#selector?.hash,
      owners: this.#owners!,
      port: this.#request.port,
      doubt,
    });
    this.#counts.counted(found.replicas);
    const replicas = this.#counts.asked(this.#reader!);
    const scale = this.#counts.sight(this.#reader!, { replicas: found.replicas, readyReplicas });
    return { ...found, subject, replicas, pollingIntervalMs, hasFallback, scaling, ...(scale && { scale }) };
  }
}
