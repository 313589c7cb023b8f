import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FakeApiServer } from '../test/fakes/api-server.ts';
import { carryOut, isChild, startChild } from './child.ts';
import { vllmPage } from './vllm-page.ts';

export interface ClusterSize {
  readonly workloads: number;
  readonly podsEach: number;
}

/** A simulated cluster whose pods are replaced all the time, in a process of its own. */
export interface ChurnCluster {
  /** Of the Kubernetes API. */
  readonly server: string;
  /** Replaces so many pods evenly over the time, each by one of another name and address. */
  replace(count: number, withinMs: number): Promise<void>;
  /** So many were replaced so far. */
  replaced(): Promise<number>;
  stop(): Promise<void>;
}

export async function startChurnCluster(size: ClusterSize): Promise<ChurnCluster> {
  const child = startChild(fileURLToPath(import.meta.url));
  const server = await child.order<string>('start', size);
  return {
    server,
    replace: (count, withinMs) => child.order('replace', { count, withinMs }),
    replaced: () => child.order('replaced'),
    stop: () => child.stop(),
  };
}

const pods = '/api/v1/namespaces/models/pods';
const services = '/api/v1/namespaces/models/services';
const slices = '/apis/discovery.k8s.io/v1/namespaces/models/endpointslices';
const scaledObjects = '/apis/keda.sh/v1alpha1/namespaces/models/scaledobjects';
const pageBytes = 8000;
/** From its being asked to end to its end, and from its start to its being ready. */
const endsAfterMs = 1500;
const readyAfterMs = 1000;

interface Pod {
  readonly name: string;
  readonly app: string;
  readonly address: string;
}

/** The child's side. */
function runCluster(): void {
  const api = new FakeApiServer();
  const body = vllmPage(pageBytes);
  const page = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const sockets = new Map<string, Set<Socket>>();
  const alive: Pod[] = [];
  let port = 0;
  let made = 0;
  let replaced = 0;

  const startPages = async (): Promise<void> => {
    const server = createServer((socket) => {
      const own = sockets.get(socket.localAddress ?? '');
      socket.on('error', () => {});
      if (own === undefined) {
        socket.destroy();
        return;
      }
      own.add(socket);
      socket.on('close', () => own.delete(socket));
      socket.on('data', () => socket.write(page));
    });
    server.listen(0, '0.0.0.0', 512);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const put = ({ name, app, address }: Pod, ready: boolean, ending = false): void => {
    api.put(pods, {
      metadata: {
        name,
        namespace: 'models',
        labels: { app },
        ...(ending && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      },
      spec: { nodeName: 'node-1', containers: [{ name: 'engine', ports: [{ name: 'http', containerPort: port }] }] },
      status: {
        phase: 'Running',
        startTime: '2026-01-01T00:00:00Z',
        podIP: address,
        podIPs: [{ ip: address }],
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      },
    });
  };
  const putSlice = (app: string): void => {
    const endpoints = alive
      .filter((pod) => pod.app === app)
      .map(({ name, address }) => ({
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'node-1',
        targetRef: { kind: 'Pod', name, namespace: 'models' },
      }));
    const labels = { 'kubernetes.io/service-name': app };
    const metadata = { name: `${app}-slice`, namespace: 'models', labels };
    api.put(slices, { metadata, addressType: 'IPv4', ports: [{ name: 'http', port }], endpoints });
  };
  const begin = (app: string): Pod => {
    const nth = made++;
    const address = `127.${10 + (Math.floor(nth / 62_500) % 100)}.${Math.floor(nth / 250) % 250}.${(nth % 250) + 1}`;
    const pod = { name: `${app}-${nth}`, app, address };
    sockets.set(address, new Set());
    return pod;
  };
  const end = (pod: Pod): void => {
    api.delete(pods, pod.name);
    for (const socket of sockets.get(pod.address) ?? []) socket.destroy();
    sockets.delete(pod.address);
  };
  const replaceOne = (): void => {
    const place = Math.floor(Math.random() * alive.length);
    const old = alive[place]!;
    const young = begin(old.app);
    alive[place] = young;
    put(old, false, true);
    put(young, false);
    setTimeout(() => end(old), endsAfterMs);
    setTimeout(() => {
      // It may have been replaced since.
      if (alive.includes(young)) put(young, true);
      if (Math.random() < 0.25) putSlice(old.app);
    }, readyAfterMs);
    replaced++;
  };
  const addWorkload = (name: string, podsEach: number): void => {
    for (let nth = 0; nth < podsEach; nth++) {
      const pod = begin(name);
      alive.push(pod);
      put(pod, true);
    }
    const metadata = { name, namespace: 'models', uid: name, generation: 1 };
    api.put(scaledObjects, { metadata, spec: { scaleTargetRef: { name }, pollingInterval: 5 } });
    const status = { replicas: podsEach, selector: `app=${name}` };
    const scale = { kind: 'Scale', spec: { replicas: podsEach }, status };
    api.documents.set(`/apis/apps/v1/namespaces/models/deployments/${name}/scale`, scale);
    const ports = [{ name: 'http', port: 80, targetPort: port }];
    api.put(services, {
      metadata: { name, namespace: 'models' },
      spec: { type: 'ClusterIP', selector: { app: name }, ports },
    });
    putSlice(name);
  };

  carryOut({
    async start({ workloads, podsEach }: ClusterSize) {
      await startPages();
      for (let nth = 0; nth < workloads; nth++) addWorkload(`model-${nth}`, podsEach);
      return await api.start();
    },
    async replace({ count, withinMs }: { count: number; withinMs: number }) {
      const startedMs = performance.now();
      for (let nth = 0; nth < count; nth++) {
        const waitMs = startedMs + (nth * withinMs) / count - performance.now();
        if (waitMs > 0) await sleep(waitMs);
        replaceOne();
      }
    },
    replaced: () => replaced,
  });
}

if (isChild(fileURLToPath(import.meta.url))) runCluster();
