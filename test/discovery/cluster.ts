import { Agent } from 'undici';
import type { Discovery } from '../../src/discovery/discovery.ts';
import { createDiscovery } from '../../src/discovery/discovery.ts';
import type { DiscoveryEvents } from '../../src/discovery/discovery-events.ts';
import type { KubeClient } from '../../src/discovery/kube/kube-api.ts';
import type { AnswerLimits } from '../../src/discovery/kube/kube-http.ts';
import { kubeOverHttp } from '../../src/discovery/kube/kube-http.ts';
import type { FakeObject } from '../fakes/api-server.ts';
import { FakeApiServer } from '../fakes/api-server.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';

/** Events as lines. */
export function recordedEvents(): DiscoveryEvents & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    watchOpened: (resource) => lines.push(`opened ${resource}`),
    watchClosed: (resource) => lines.push(`closed ${resource}`),
    listed: (resource, again) => lines.push(`${again ? 'listed again' : 'listed'} ${resource}`),
    failed: (resource, failure) => lines.push(`${failure} ${resource}`),
  };
}

export interface Cluster {
  readonly server: FakeApiServer;
  readonly kube: KubeClient;
  readonly clock: VirtualClock;
  readonly events: ReturnType<typeof recordedEvents>;
  readonly discovery: Discovery;
  stop(): Promise<void>;
}

/** A fake API server, and discovery on it through a real client. */
export async function cluster(limits?: AnswerLimits): Promise<Cluster> {
  const server = new FakeApiServer();
  const url = new URL(await server.start());
  const dispatcher = new Agent({ allowH2: false });
  const access = async () => ({ server: url, headers: {}, dispatcher });
  const kube = kubeOverHttp({ access, close: () => dispatcher.destroy() }, limits);
  const clock = new VirtualClock();
  const events = recordedEvents();
  const lookup = async () => ({ addresses: [], ttlMs: 0 });
  const found = createDiscovery({ kube, lookup, clock, events });
  const stop = async (): Promise<void> => {
    found.close();
    await kube.close();
    await server.stop();
  };
  return { server, kube, clock, events, discovery: found, stop };
}

export const podsPath = '/api/v1/namespaces/models/pods';
export const servicesPath = '/api/v1/namespaces/models/services';
export const slicesPath = '/apis/discovery.k8s.io/v1/namespaces/models/endpointslices';
export const scaledObjectsPath = '/apis/keda.sh/v1alpha1/namespaces/models/scaledobjects';
export const scalePath = '/apis/apps/v1/namespaces/models/deployments/llama/scale';

export interface PodOptions {
  readonly app?: string;
  readonly ready?: boolean;
  readonly terminating?: boolean;
  readonly phase?: string;
  readonly podIPs?: readonly string[];
  readonly ports?: readonly { name?: string; containerPort: number; protocol?: string }[];
  readonly sidecarPorts?: readonly { name?: string; containerPort: number }[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Its controller; that of a Deployment named like the app where left out, none with null. */
  readonly owner?: {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly name: string;
    readonly uid?: string;
  } | null;
}

export function pod(name: string, options: PodOptions = {}): FakeObject {
  const { app = 'llama', ready = true, terminating = false, phase = 'Running', podIPs = ['10.1.0.1'] } = options;
  const { ports = [{ name: 'http', containerPort: 8000 }], sidecarPorts } = options;
  const owner = options.owner === undefined ? { kind: 'ReplicaSet', name: `${app}-h1` } : options.owner;
  const ownerReferences =
    owner === null ? [] : [{ apiVersion: 'apps/v1', uid: owner.name, ...owner, controller: true }];
  const labels = { app, 'pod-template-hash': 'h1', ...options.labels };
  const deletion = terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {};
  return {
    metadata: { name, namespace: 'models', labels, ownerReferences, ...deletion },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'engine', ports }],
      initContainers: [
        { name: 'download', ports: [{ containerPort: 9999 }] },
        ...(sidecarPorts ? [{ name: 'proxy', restartPolicy: 'Always', ports: sidecarPorts }] : []),
      ],
    },
    status: {
      phase,
      startTime: '2026-01-01T00:00:00Z',
      ...(podIPs.length > 0 && { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

export interface ScaledObjectOptions {
  readonly uid?: string;
  readonly generation?: number;
  readonly target?: Readonly<Record<string, string>>;
  readonly pollingInterval?: number;
  readonly fallback?: object;
  /** More of its spec. */
  readonly spec?: object;
}

export function scaledObject(name: string, options: ScaledObjectOptions = {}): FakeObject {
  const { uid = 'u1', generation = 1, target = { name: 'llama' }, pollingInterval, fallback, spec } = options;
  return {
    metadata: { name, namespace: 'models', uid, generation },
    spec: { scaleTargetRef: target, pollingInterval, fallback, ...spec },
  };
}

export function scale(selector: string | undefined, replicas = 1, surge = 0): unknown {
  const status = { replicas: replicas + surge };
  return { kind: 'Scale', spec: { replicas }, status: { ...status, ...(selector !== undefined && { selector }) } };
}

export interface ServiceOptions {
  readonly type?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly { name?: string; port: number; targetPort?: number | string }[];
}

export function service(name: string, options: ServiceOptions = {}): FakeObject {
  const {
    type = 'ClusterIP',
    selector = { app: 'llama' },
    ports = [{ name: 'http', port: 80, targetPort: 8000 }],
  } = options;
  return { metadata: { name, namespace: 'models' }, spec: { type, selector, ports } };
}

export interface SliceAddress {
  readonly pod?: string;
  readonly namespace?: string;
  readonly address?: string;
  readonly conditions?: Readonly<Record<string, boolean>>;
  readonly node?: string;
}

export interface SliceOptions {
  readonly service?: string;
  readonly addressType?: string;
  readonly ports?: readonly { name?: string; port: number }[];
}

export function slice(name: string, addresses: readonly SliceAddress[], options: SliceOptions = {}): FakeObject {
  const { service: owner = 'llama', addressType = 'IPv4', ports = [{ name: 'http', port: 8000 }] } = options;
  const labels = { 'kubernetes.io/service-name': owner };
  const endpoints = addresses.map(({ pod: podName, namespace = 'models', address = '10.1.0.1', conditions, node }) => ({
    addresses: [address],
    conditions: conditions ?? { ready: true, serving: true, terminating: false },
    nodeName: node,
    ...(podName && { targetRef: { kind: 'Pod', name: podName, namespace } }),
  }));
  return { metadata: { name, namespace: 'models', labels }, addressType, ports, endpoints };
}
