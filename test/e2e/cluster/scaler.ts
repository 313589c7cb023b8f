import { join } from 'node:path';
import { answers } from './answers.ts';
import { apiServerAddress } from './control-plane.ts';
import type { Kube } from './kube.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { serviceOfApiServer } from './plans.ts';
import type { ProcessPlan } from './process.ts';
import type { Account } from './scaler-account.ts';
import { accountObjects, scalerNamespace } from './scaler-account.ts';

export interface ScalerAddresses {
  readonly name: string;
  readonly host: string;
  readonly adminPort: number;
  /** More than where it listens and how it reaches the API. */
  readonly flags?: readonly string[];
}

export const scalerPort = 6000;

/** The scaler that every scenario asks unless it starts its own. */
export const mainScaler: ScalerAddresses = { name: 'scaler', host: '127.0.0.1', adminPort: 8090 };

interface AccountPlan extends Account {
  readonly caFile: string;
  readonly stateFolder: string;
}

/** Makes an account with its rules, and returns a kubeconfig that holds only its token. */
export async function makeAccount(kube: Kube, { caFile, stateFolder, ...account }: AccountPlan): Promise<string> {
  for (const [path, object] of accountObjects(account)) await kube.apply(path, object);
  const { name } = account;
  const path = `/api/v1/namespaces/${scalerNamespace}/serviceaccounts/${name}`;
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } };
  const { status } = await kube.post(`${path}/token`, asked);
  const token = status?.token;
  if (typeof token !== 'string') throw new Error(`the API server gave no token for ${name}`);
  return writeKubeconfig(join(stateFolder, `${name}.kubeconfig`), apiServerAddress, caFile, { token });
}

/** The scaler as a user runs it. */
export function scalerPlan({ name, host, adminPort, flags = [] }: ScalerAddresses, kubeconfig: string): ProcessPlan {
  const main = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');
  const addresses = [`--grpc-address=${host}:${scalerPort}`, `--admin-address=${host}:${adminPort}`];
  return {
    name,
    command: process.execPath,
    args: [main, 'serve', `--kubeconfig=${kubeconfig}`, '--kubernetes=on', ...addresses, ...flags],
    // Every pod of a cluster is told so.
    env: { KUBERNETES_SERVICE_HOST: serviceOfApiServer },
    isReady: () => answers(`http://${host}:${adminPort}/readyz`),
  };
}
