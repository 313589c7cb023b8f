import { isIP } from 'node:net';

/** Where a pod learns the API server's address and its own. */
const variables = ['KUBERNETES_SERVICE_HOST', 'POD_IP'] as const;

/** Addresses that no trigger may make us read: the API server's, which knows us, and our own. */
export function ownNetworks(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return variables
    .map((name) => environment[name] ?? '')
    .filter((address) => isIP(address) !== 0)
    .map((address) => `${address}/${isIP(address) === 4 ? 32 : 128}`);
}
