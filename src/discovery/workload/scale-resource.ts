import type { KubeClient } from '../kube/kube-api.ts';
import { faultOfStatus } from '../kube/kube-api.ts';
import { apiPath } from '../kube/kube-name.ts';
import type { ScaleTargetRef } from './scaled-object-facts.ts';

/** Where the objects of a kind are, or why they can't be scaled. */
export type ScaleResource =
  | { readonly kind: 'found'; readonly path: string; readonly plural: string }
  | { readonly kind: 'none'; readonly problem: string };

/** Finds the resource of a kind; kinds that every cluster knows without asking, others once. */
export interface ScaleResources {
  find(target: ScaleTargetRef, signal: AbortSignal): Promise<ScaleResource>;
  /** The kind is to be asked for again: its CRD may have come or gone. */
  forget(target: ScaleTargetRef): void;
}

const everywhere: Readonly<Record<string, string>> = {
  'apps/v1 Deployment': 'deployments',
  'apps/v1 StatefulSet': 'statefulsets',
  'apps/v1 ReplicaSet': 'replicasets',
};

interface ApiResource {
  readonly name?: string;
  readonly kind?: string;
  readonly namespaced?: boolean;
}

export function scaleResources(kube: KubeClient): ScaleResources {
  const found = new Map<string, ScaleResource>();
  return {
    async find(target, signal) {
      const key = keyOf(target);
      const path = apiPath(target.apiVersion);
      if (path === undefined) return none(`scaleTargetRef.apiVersion "${target.apiVersion}" is no API version`);
      const plural = everywhere[key];
      if (plural !== undefined) return { kind: 'found', path, plural };
      const resource = found.get(key) ?? (await ask(kube, path, { target, signal }));
      if (resource.kind === 'found') found.set(key, resource);
      return resource;
    },
    forget(target) {
      found.delete(keyOf(target));
    },
  };
}

function keyOf({ apiVersion, kind }: ScaleTargetRef): string {
  return `${apiVersion} ${kind}`;
}

/** Reads the discovery document of the API group's version. */
async function ask(
  kube: KubeClient,
  path: string,
  { target, signal }: { target: ScaleTargetRef; signal: AbortSignal },
): Promise<ScaleResource> {
  const { status, body } = await kube.get(path, signal);
  if (status === 404) return none(`the Kubernetes API does not know ${target.apiVersion}`);
  if (status !== 200) throw faultOfStatus(status, `describe ${target.apiVersion}`);
  const { resources = [] } = (body ?? {}) as { resources?: readonly ApiResource[] };
  const resource = resources.find(({ kind, name }) => kind === target.kind && name && !name.includes('/'));
  const what = `${target.kind} (${target.apiVersion})`;
  if (resource?.name === undefined) return none(`the Kubernetes API does not know the kind ${what}`);
  const scalable = resource.namespaced && resources.some(({ name }) => name === `${resource.name}/scale`);
  if (!scalable) return none(`the kind ${what} has no scale subresource, which KEDA needs as well`);
  return { kind: 'found', path, plural: resource.name };
}

function none(problem: string): ScaleResource {
  return { kind: 'none', problem };
}
