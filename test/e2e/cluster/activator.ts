import { join } from 'node:path';
import { answers } from './answers.ts';
import { serviceOfApiServer } from './plans.ts';
import type { ProcessPlan } from './process.ts';
import type { Account } from './scaler-account.ts';

/** Where clients ask; the models listen at 8000 of every address. */
export const activatorPort = 8001;
export const activatorAdminPort = 8080;

/** It reads where a Service leads, and nothing else. */
export const activatorAccount: Account = {
  name: 'keda-llm-scaler-activator',
  rules: [
    { apiGroups: [''], resources: ['pods', 'services'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
  ],
};

export interface ActivatorAddresses {
  readonly name: string;
  readonly host: string;
  /** `namespace/name` of the Service whose pods it stands in front of. */
  readonly service: string;
  readonly flags: readonly string[];
}

/** An activator as a user runs it. */
export function activatorPlan({ name, host, service, flags }: ActivatorAddresses, kubeconfig: string): ProcessPlan {
  const main = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');
  const addresses = [`--listen-address=${host}:${activatorPort}`, `--admin-address=${host}:${activatorAdminPort}`];
  return {
    name,
    command: process.execPath,
    args: [main, 'activator', `--kubeconfig=${kubeconfig}`, `--service=${service}`, ...addresses, ...flags],
    env: { KUBERNETES_SERVICE_HOST: serviceOfApiServer },
    isReady: () => answers(`http://${host}:${activatorAdminPort}/readyz`),
  };
}
