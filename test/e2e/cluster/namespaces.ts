import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { podCidr, serviceOfApiServer } from './plans.ts';

/** One name, an address for each of two scalers: what a headless Service resolves to. */
export const headlessScaler = { name: 'keda-llm-scaler-headless', addresses: ['127.0.0.2', '127.0.0.3'] } as const;

/** The name in the certificate of the scaler that is served over TLS. */
export const tlsScaler = { name: 'keda-llm-scaler-tls', address: '127.0.0.4' } as const;

/** Names that lead where no replica is. */
export const tenantNames = {
  metadata: ['metadata.test', '169.254.169.254'],
  loopback: ['loopback.test', '127.0.0.1'],
  mapped: ['mapped.test', '::ffff:127.0.0.1'],
  apiServer: ['api-server.test', serviceOfApiServer],
} as const;

/**
 * Makes what is particular to this run's namespaces: a state folder in memory; loopback up, every pod address this
 * machine; a hosts file. Nothing of it is seen outside, and it goes with the last process inside.
 */
export function furnishNamespaces(stateFolder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0700', 'tmpfs', stateFolder]);
  ip('link', 'set', 'lo', 'up');
  ip('route', 'add', 'local', podCidr, 'dev', 'lo');
  const hosts = join(stateFolder, 'hosts');
  const lines = [
    ['127.0.0.1', 'localhost'],
    ...headlessScaler.addresses.map((address) => [address, headlessScaler.name]),
    [tlsScaler.address, tlsScaler.name],
    ...Object.values(tenantNames).map(([name, address]) => [address, name]),
  ].map((words) => words.join(' '));
  writeFileSync(hosts, `${readFileSync('/etc/hosts', 'utf8').trimEnd()}\n${lines.join('\n')}\n`);
  execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
}

/** From now on connecting to the address fails as to a machine that is gone; `false` brings it back. */
export function setUnreachable(address: string, isUnreachable: boolean): void {
  ip('route', isUnreachable ? 'replace' : 'del', 'unreachable', `${address}/32`, 'table', 'local');
}

/** From now on the name stands for these addresses alone. */
export function setHostName(name: string, ...addresses: readonly string[]): void {
  const others = readFileSync('/etc/hosts', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(` ${name}`));
  const lines = [...others, ...addresses.map((address) => `${address} ${name}`)];
  writeFileSync('/etc/hosts', `${lines.join('\n')}\n`);
}

/** Gives this machine one more address. */
export function addAddress(address: string): void {
  ip('address', 'replace', `${address}/${address.includes(':') ? 128 : 32}`, 'dev', 'lo');
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
