import { isIPv4 } from 'node:net';
import type { Endpoint, EndpointPhase, EndpointPort } from '../endpoint.ts';
import type { KubeMetadata, KubeObject } from '../kube/kube-api.ts';

export interface ServicePort {
  readonly name: string | undefined;
  readonly number: number;
}

/** What is kept of a Service. */
export interface ServiceFacts {
  /** Changes where it is made anew, or selects other pods. */
  readonly identity: string;
  readonly externalName: boolean;
  readonly hasSelector: boolean;
  readonly ports: readonly ServicePort[];
}

interface Service {
  readonly metadata: KubeMetadata;
  readonly spec?: {
    type?: string;
    selector?: Record<string, string>;
    ports?: readonly { name?: string; port?: number; protocol?: string }[];
  };
}

export function serviceFactsOf(object: KubeObject): ServiceFacts {
  const { metadata, spec }: Service = object;
  return {
    identity: JSON.stringify([metadata.uid, Object.entries(spec?.selector ?? {}).sort()]),
    externalName: spec?.type === 'ExternalName',
    hasSelector: Object.keys(spec?.selector ?? {}).length > 0,
    ports: (spec?.ports ?? [])
      .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
      .flatMap(({ name, port }) => (port === undefined ? [] : [{ name: name || undefined, number: port }])),
  };
}

/** What is kept of an EndpointSlice. */
export interface SliceFacts {
  /** Ports carry the Service port's name and the number that the pods listen on. */
  readonly endpoints: readonly Endpoint[];
  /** Addresses that belong to no pod of the namespace, and are left out. */
  readonly foreign: number;
}

interface EndpointSlice {
  readonly metadata: KubeMetadata;
  readonly addressType?: string;
  readonly ports?: readonly { name?: string; port?: number; protocol?: string }[] | null;
  readonly endpoints?: readonly SliceEndpoint[] | null;
}

interface SliceEndpoint {
  readonly addresses?: readonly string[];
  readonly nodeName?: string;
  readonly conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  readonly targetRef?: { kind?: string; name?: string; namespace?: string; uid?: string };
}

/**
 * Projects an EndpointSlice. Only addresses of pods of its own namespace are kept: a slice written by hand may name any
 * address, and its author must not choose what we connect to.
 */
export function sliceFactsOf(object: KubeObject): SliceFacts {
  const { metadata, addressType, ports, endpoints }: EndpointSlice = object;
  const all = endpoints ?? [];
  const known: EndpointPort[] = (ports ?? [])
    .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
    .flatMap(({ name, port }) => (port === undefined ? [] : [{ name: name || undefined, number: port }]));
  const kept = addressType === 'FQDN' ? [] : all.flatMap((each) => endpointOf(each, metadata.namespace, known));
  return { endpoints: kept, foreign: all.length - kept.length };
}

function endpointOf(
  { addresses, nodeName, conditions, targetRef }: SliceEndpoint,
  namespace: string | undefined,
  ports: readonly EndpointPort[],
): Endpoint[] {
  const address = addresses?.[0];
  const isPod = targetRef?.kind === 'Pod' && targetRef.name && targetRef.namespace === namespace;
  if (!isPod || address === undefined) return [];
  const phase = phaseOfSlice(conditions);
  return [
    {
      ...(targetRef.uid !== undefined && { uid: targetRef.uid }),
      name: targetRef.name!,
      address,
      ports,
      phase,
      namespace,
      node: nodeName,
      url: undefined,
    },
  ];
}

/** `serving` is the pod's readiness even where the Service publishes addresses that are not ready. */
function phaseOfSlice(conditions: SliceEndpoint['conditions']): EndpointPhase {
  if (conditions?.terminating) return 'terminating';
  return (conditions?.serving ?? conditions?.ready ?? true) ? 'ready' : 'starting';
}

/**
 * One endpoint a pod, out of all slices of a Service. A pod is in several of them where the Service is dual-stack
 * (IPv4 is taken) and while the controller moves it from one slice to another (the readier one is taken).
 */
export function mergeSlices(slices: Iterable<SliceFacts>): Endpoint[] {
  const byPod = new Map<string, Endpoint>();
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints) {
      const known = byPod.get(endpoint.name);
      if (known === undefined || rank(endpoint) > rank(known)) byPod.set(endpoint.name, endpoint);
    }
  }
  return [...byPod.values()];
}

const rankOfPhase: Record<EndpointPhase, number> = { ready: 2, starting: 1, terminating: 0 };

function rank({ address, phase }: Endpoint): number {
  return (isIPv4(address) ? 3 : 0) + rankOfPhase[phase];
}
