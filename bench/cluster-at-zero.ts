import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeApiServer } from '../test/fakes/api-server.ts';

/** A simulated Kubernetes API whose Deployments have no pods, each with its ScaledObject, in the namespace `models`. */
export interface ClusterAtZero {
  /** Flags of the service that make it use this cluster. */
  readonly flags: readonly string[];
  stop(): Promise<void>;
}

/** Services of the namespace `hostile`, `many-0` and so on, each with so many endpoints on addresses of loopback. */
export interface Crowds {
  readonly services: number;
  readonly endpointsEach: number;
  readonly port: number;
}

export async function startClusterAtZero(names: readonly string[], crowds?: Crowds): Promise<ClusterAtZero> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const server = new FakeApiServer();
  for (const name of names) addDeployment(server, name);
  for (let nth = 0; nth < (crowds?.services ?? 0); nth++) addCrowd(server, nth, crowds!);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(await server.start()));
  const stop = async (): Promise<void> => {
    await Promise.all([server.stop(), rm(folder, { recursive: true })]);
  };
  return { flags: ['--kubeconfig', kubeconfig], stop };
}

function addDeployment(server: FakeApiServer, name: string): void {
  const metadata = { name, namespace: 'models', uid: name, generation: 1 };
  server.put('/apis/keda.sh/v1alpha1/namespaces/models/scaledobjects', {
    metadata,
    spec: { scaleTargetRef: { name }, pollingInterval: 5 },
  });
  const status = { replicas: 0, selector: `app=${name}` };
  const scale = { kind: 'Scale', spec: { replicas: 0 }, status };
  server.documents.set(`/apis/apps/v1/namespaces/models/deployments/${name}/scale`, scale);
}

function addCrowd(server: FakeApiServer, nth: number, { endpointsEach, port }: Crowds): void {
  const name = `many-${nth}`;
  const ports = [{ name: 'http', port: 80, targetPort: port }];
  server.put('/api/v1/namespaces/hostile/services', {
    metadata: { name, namespace: 'hostile' },
    spec: { type: 'ClusterIP', selector: { app: name }, ports },
  });
  const endpoints = Array.from({ length: endpointsEach }, (_, at) => ({
    addresses: [`127.${30 + nth}.${Math.floor(at / 250)}.${(at % 250) + 1}`],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: 'Pod', name: `${name}-${at}`, namespace: 'hostile' },
  }));
  const labels = { 'kubernetes.io/service-name': name };
  server.put('/apis/discovery.k8s.io/v1/namespaces/hostile/endpointslices', {
    metadata: { name, namespace: 'hostile', labels },
    addressType: 'IPv4',
    ports: [{ name: 'http', port }],
    endpoints,
  });
}

/** Credentials for a simulated API server that asks for none. */
export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server } }],
    users: [{ name: 'bench', user: { token: 'none' } }],
  });
}
