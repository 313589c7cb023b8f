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

export async function startClusterAtZero(names: readonly string[]): Promise<ClusterAtZero> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const server = new FakeApiServer();
  for (const name of names) addDeployment(server, name);
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
