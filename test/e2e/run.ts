import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildTools } from './build.ts';
import { killTest } from './kill-test.ts';

/** Programs a Debian or Ubuntu machine has or gets from the package named beside them. */
const needed = [
  ['unshare', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['ip', 'iproute2'],
  ['mount', 'mount'],
  ['openssl', 'openssl'],
  ['nice', 'coreutils'],
] as const;

/**
 * Builds the control plane, then runs the scenarios in namespaces of their own: processes, network and mounts made
 * there end with the first process in them, however that ends, and it ends with this one.
 */
async function main(): Promise<number> {
  const missing = needed.filter(([program]) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length > 0) {
    for (const [program, source] of missing) console.error(`"${program}" is missing (package ${source})`);
    return 2;
  }
  const binaries = await buildTools();
  if (process.argv.includes('--build-only')) return 0;
  if (process.argv.includes('--kill-test')) return killTest(binaries.mountPoint);
  const asOrdinaryUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', 'unshare', ...asOrdinaryUser],
      ...['--net', '--pid', '--mount', '--fork', '--mount-proc', '--kill-child'],
      ...[process.execPath, join(import.meta.dirname, 'inside.ts'), ...process.argv.slice(2)],
    ],
    { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, E2E_BINARIES: JSON.stringify(binaries) } },
  );
  // The end of its input tells the run to stop what it started and go; a second signal does not wait for that.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || child.stdin.end(), 1000).unref();
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked += 1;
      if (asked > 1) child.kill('SIGKILL');
      else child.stdin.end();
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
