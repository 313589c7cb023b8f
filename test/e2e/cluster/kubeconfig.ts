import { writeFileSync } from 'node:fs';

export type KubeUser = { readonly certFile: string; readonly keyFile: string } | { readonly token: string };

/** Writes a kubeconfig file; JSON is YAML. */
export function writeKubeconfig(file: string, server: string, caFile: string, user: KubeUser): string {
  const credentials =
    'token' in user ? { token: user.token } : { 'client-certificate': user.certFile, 'client-key': user.keyFile };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'user', user: credentials }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'user' } }],
    'current-context': 'e2e',
  };
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
  return file;
}
