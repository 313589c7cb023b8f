import { isIPv4 } from 'node:net';
import type { Endpoint, EndpointPhase, EndpointPort } from '../endpoint.ts';
import type { KubeMetadata, KubeObject } from '../kube/kube-api.ts';
import type { OwnedPod } from './pod-owner.ts';
import { controllerOf } from './pod-owner.ts';
import { rolloutsHashLabel } from './pod-selector.ts';

/** What is kept of a pod: a replica the HPA counts unless it is terminating, and an endpoint once it has an address. */
export interface PodFacts extends OwnedPod {
  readonly phase: EndpointPhase;
  /** Ready to the HPA, for which a pod that is ending is as good as another while it says so. */
  readonly isReady: boolean;
  readonly endpoint: Endpoint | undefined;
}

interface Container {
  readonly name?: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly { name?: string; containerPort?: number; protocol?: string }[];
}

interface Pod {
  readonly metadata: KubeMetadata;
  readonly spec?: { nodeName?: string; containers?: readonly Container[]; initContainers?: readonly Container[] };
  readonly status?: {
    phase?: string;
    podIP?: string;
    podIPs?: readonly { ip?: string }[];
    conditions?: readonly { type?: string; status?: string }[];
  };
}

/** Projects a pod; a finished one (succeeded, failed, evicted) is left out. */
export function podFactsOf(object: KubeObject): PodFacts | undefined {
  const { metadata, spec, status }: Pod = object;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  const phase = phaseOfPod(object);
  const isReady = saysReady(status) && status?.phase === 'Running';
  const address = podAddress(status);
  const templateHash = metadata.labels?.[rolloutsHashLabel] ?? metadata.labels?.['pod-template-hash'];
  const owner = { controller: controllerOf(metadata), templateHash };
  if (address === undefined) return { phase, isReady, endpoint: undefined, ...owner };
  const endpoint: Endpoint = {
    ...(metadata.uid !== undefined && { uid: metadata.uid }),
    name: metadata.name,
    address,
    ports: containerPorts(spec),
    phase,
    namespace: metadata.namespace,
    node: spec?.nodeName,
    url: undefined,
  };
  return { phase, isReady, endpoint, ...owner };
}

function phaseOfPod({ metadata, status }: Pod): EndpointPhase {
  if (metadata.deletionTimestamp) return 'terminating';
  return saysReady(status) ? 'ready' : 'starting';
}

function saysReady(status: Pod['status']): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/** One address a pod, so that a dual-stack pod is not counted twice: the IPv4 one where there is one. */
function podAddress(status: Pod['status']): string | undefined {
  const addresses = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)].filter(Boolean);
  return addresses.find((ip) => isIPv4(ip!)) ?? addresses[0];
}

/** TCP ports of the containers that run beside each other: init containers that stay (native sidecars) are among them. */
function containerPorts(spec: Pod['spec']): EndpointPort[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars]
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
    .flatMap(({ name, containerPort }) => (containerPort === undefined ? [] : [{ name, number: containerPort }]));
}
