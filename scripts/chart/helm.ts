import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where `npm run helm:get` puts the binary. */
export const fetchedHelm = join('.cache', 'helm', 'helm');

/** The helm to use: `$HELM`, the fetched one, or one on the path; `undefined` where there is none. */
export function findHelm(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'helm'));
  return [process.env.HELM, fetchedHelm, ...onPath].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  );
}

export interface HelmResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs helm, which for what we ask needs neither a cluster nor the network. */
export function runHelm(helm: string, argv: readonly string[], input = ''): HelmResult {
  const env = { ...process.env, KUBECONFIG: '/dev/null', HELM_PLUGINS: '/nonexistent' };
  const { status, stdout, stderr, error } = spawnSync(helm, argv, {
    input,
    env,
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 2 ** 26,
  });
  if (error !== undefined) throw error;
  return { ok: status === 0, stdout, stderr };
}
