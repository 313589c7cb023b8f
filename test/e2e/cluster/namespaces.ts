import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { podCidr } from './plans.ts';

/** One name, an address for each of two scalers: what a headless Service resolves to. */
export const headlessScaler = { name: 'keda-llm-scaler-headless', addresses: ['127.0.0.2', '127.0.0.3'] } as const;

/**
 * Makes what is particular to this run's namespaces: a state folder in memory; loopback up, every pod address this
 * machine; a hosts file. Nothing of it is seen outside, and it goes with the last process inside.
 */
export function furnishNamespaces(stateFolder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0700', 'tmpfs', stateFolder]);
  ip('link', 'set', 'lo', 'up');
  ip('route', 'add', 'local', podCidr, 'dev', 'lo');
  const hosts = join(stateFolder, 'hosts');
  const lines = headlessScaler.addresses.map((address) => `${address} ${headlessScaler.name}`);
  writeFileSync(hosts, `${readFileSync('/etc/hosts', 'utf8').trimEnd()}\n127.0.0.1 localhost\n${lines.join('\n')}\n`);
  execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
}

/** From now on connecting to the address fails as to a machine that is gone; `false` brings it back. */
export function setUnreachable(address: string, isUnreachable: boolean): void {
  ip('route', isUnreachable ? 'replace' : 'del', 'unreachable', `${address}/32`, 'table', 'local');
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
