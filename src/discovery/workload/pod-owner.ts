import type { KubeMetadata } from '../kube/kube-api.ts';
import type { ScaleTargetRef } from './scaled-object-facts.ts';

/** The controller of an object: who made it and counts it as its own. */
export interface Controller {
  /** API group without version; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** `ask`: only its controller's own controller can tell. */
export type Ownership = 'own' | 'other' | 'ask';

export function controllerOf({ ownerReferences }: KubeMetadata): Controller | undefined {
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind === undefined || owner.name === undefined) return undefined;
  return { group: groupOf(owner.apiVersion ?? ''), kind: owner.kind, name: owner.name, uid: owner.uid ?? '' };
}

/** What of a pod tells whose it is. */
export interface OwnedPod {
  readonly controller: Controller | undefined;
  /** The hash of the template its ReplicaSet was made from, as the controller that made it labels it. */
  readonly templateHash: string | undefined;
}

/**
 * Whether a pod that has a scale target's labels is one of the replicas its controller counts. Deployments and
 * Rollouts name a ReplicaSet after themselves and its template's hash, so that nobody has to be asked; one that is
 * named otherwise may still have been adopted. A LeaderWorkerSet owns a StatefulSet of its own name, whose pods lead,
 * and one of each leader's name. Kinds not listed here are taken at the word of their scale's selector.
 */
export function ownershipOf({ controller, templateHash }: OwnedPod, target: ScaleTargetRef): Ownership {
  const made = controller?.kind === 'ReplicaSet' ? `${target.name}-${templateHash}` : undefined;
  switch (`${groupOf(target.apiVersion)}/${target.kind}`) {
    case 'apps/Deployment':
    case 'argoproj.io/Rollout':
      if (made === undefined) return 'other';
      return controller?.name === made ? 'own' : 'ask';
    case 'apps/StatefulSet':
    case 'apps/ReplicaSet':
      return isTarget(controller, target) ? 'own' : 'other';
    case 'leaderworkerset.x-k8s.io/LeaderWorkerSet':
      return isOfLeaderWorkerSet(controller, target.name) ? 'own' : 'other';
    default:
      return 'own';
  }
}

export function isTarget(controller: Controller | undefined, { apiVersion, kind, name }: ScaleTargetRef): boolean {
  return controller?.kind === kind && controller.name === name && controller.group === groupOf(apiVersion);
}

function isOfLeaderWorkerSet(controller: Controller | undefined, name: string): boolean {
  if (controller?.kind !== 'StatefulSet' || !controller.name.startsWith(name)) return false;
  return /^(-\d+)?$/.test(controller.name.slice(name.length));
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
