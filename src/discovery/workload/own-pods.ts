import type { AskedPort } from '../asked-port.ts';
import { missingPort, withAskedPort } from '../asked-port.ts';
import type { Endpoint, EndpointSnapshot } from '../endpoint.ts';
import type { PodFacts } from './pod-facts.ts';
import type { Controller } from './pod-owner.ts';
import { ownershipOf } from './pod-owner.ts';
import type { Owned, ReplicaSetOwners } from './replica-set-owners.ts';
import type { ScaleTargetRef } from './scaled-object-facts.ts';

/** What picks a workload's replicas out of the pods that have its labels. */
export interface PodChoice {
  readonly target: ScaleTargetRef;
  /** The template hash of the colour that serves; `undefined`: there are no colours. */
  readonly hash: string | undefined;
  readonly owners: ReplicaSetOwners;
  readonly port: AskedPort;
  /** Why the pods may be out of date. */
  readonly doubt: string | undefined;
}

export type FoundPods = Omit<EndpointSnapshot, 'pollingIntervalMs' | 'replicas'> & {
  readonly replicas: number;
  readonly readyReplicas: number;
};

/** The replicas among the pods: other owners' pods may have the same labels, and a Service of them may be meant so. */
export function podsFound(all: ReadonlyMap<string, PodFacts>, choice: PodChoice): FoundPods {
  const { target, port, owners, doubt } = choice;
  const coloured = [...all.values()].filter(({ templateHash }) => isColour(templateHash, choice.hash));
  owners.follow(replicaSetsToAsk(coloured, target));
  const pods = coloured.flatMap((pod): [PodFacts, Owned][] => {
    const owned = ownedBy(pod, target, owners);
    return owned === 'other' ? [] : [[pod, owned]];
  });
  const found = pods.flatMap(([{ endpoint }, owned]) =>
    endpoint === undefined ? [] : [marked(endpoint, owned, target)],
  );
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const portProblem = missingPort(found, port, `${target.kind} "${target.name}"`);
  const notice = owners.problem() ?? othersInWords(coloured.length - pods.length, target);
  return {
    synced: true,
    endpoints: found.map((endpoint) => withAskedPort(endpoint, port)),
    replicas: pods.filter(([{ phase }]) => phase !== 'terminating').length,
    // The HPA asks for the selector's pods and for nothing about their owners.
    readyReplicas: coloured.filter(({ isReady }) => isReady).length,
    problem: portProblem ?? doubt,
    invalid: portProblem !== undefined,
    ...(notice !== undefined && { notice }),
  };
}

/** Whether pods of another colour are ready to serve, as before and after a promotion. */
export function hasOtherColour(all: ReadonlyMap<string, PodFacts>, hash: string | undefined): boolean {
  if (hash === undefined) return false;
  for (const { templateHash, phase } of all.values()) {
    if (phase === 'ready' && templateHash !== undefined && templateHash !== hash) return true;
  }
  return false;
}

function isColour(templateHash: string | undefined, hash: string | undefined): boolean {
  return hash === undefined || templateHash === hash;
}

function replicaSetsToAsk(pods: readonly PodFacts[], target: ScaleTargetRef): readonly Controller[] {
  const byUid = new Map<string, Controller>();
  for (const pod of pods) {
    if (ownershipOf(pod, target) === 'ask') byUid.set(pod.controller!.uid, pod.controller!);
  }
  return [...byUid.values()];
}

function ownedBy(pod: PodFacts, target: ScaleTargetRef, owners: ReplicaSetOwners): Owned {
  const ownership = ownershipOf(pod, target);
  return ownership === 'ask' ? owners.of(pod.controller!) : ownership;
}

function marked(endpoint: Endpoint, owned: Owned, { kind, name }: ScaleTargetRef): Endpoint {
  if (owned === 'unknown') return { ...endpoint, isOwnerUnknown: true };
  return kind === 'StatefulSet' ? { ...endpoint, ofStatefulSet: name } : endpoint;
}

function othersInWords(others: number, { kind, name }: ScaleTargetRef): string | undefined {
  if (others === 0) return undefined;
  const pods = others === 1 ? '1 pod has' : `${others} pods have`;
  return `${pods} the labels of ${kind} "${name}" and another owner, so not counted`;
}
