import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { Marked } from './marked-processes.ts';
import { foreignNamespaces, hasNamespace, markedProcesses, nameOf, namespacesOf } from './marked-processes.ts';

/** Which process is killed: the one a user starts, the one that started that, or the first inside. */
type Victim = 'run' | 'parent' | 'first inside';

interface Kill {
  readonly moment: string;
  readonly victim: Victim;
  readonly scenario: string;
  /** Whether the moment has come, by the run's output and its processes. */
  isNow(output: string, running: readonly string[]): boolean;
  /** Processes that are there at that moment, at least. */
  readonly least: number;
  readonly goneWithinMs: number;
}

const atOnceMs = 5000;
/** Seconds, but the machine may have other work. */
const startsWithinMs = 120_000;
const isUp = (output: string): boolean => output.includes('the cluster is up');

const kills: readonly Kill[] = [
  {
    ...{ moment: 'as it makes its namespaces', victim: 'run', scenario: 'account' },
    ...{ isNow: (_, running) => running.includes('unshare'), least: 3, goneWithinMs: atOnceMs },
  },
  {
    ...{ moment: 'while the control plane starts', victim: 'run', scenario: 'account' },
    ...{ isNow: (_, running) => running.includes('kube-apiserver'), least: 5, goneWithinMs: atOnceMs },
  },
  {
    ...{ moment: 'while it asks', victim: 'run', scenario: 'only-target-value' },
    ...{ isNow: isUp, least: 10, goneWithinMs: atOnceMs },
  },
  {
    ...{ moment: 'while it asks', victim: 'first inside', scenario: 'only-target-value' },
    ...{ isNow: isUp, least: 10, goneWithinMs: atOnceMs },
  },
  // It stops what it started, and goes.
  {
    ...{ moment: 'while it asks', victim: 'parent', scenario: 'only-target-value' },
    ...{ isNow: isUp, least: 10, goneWithinMs: 20_000 },
  },
  {
    ...{ moment: 'while it stops', victim: 'run', scenario: 'account' },
    ...{ isNow: (output) => output.includes('\nok '), least: 5, goneWithinMs: atOnceMs },
  },
];

/**
 * Starts runs and kills them, and looks each time for what is left: processes, namespaces, mounts, interfaces. Returns
 * the exit code. `mountPoint`: over which runs mount their state.
 */
export async function killTest(mountPoint: string): Promise<number> {
  const startedMs = performance.now();
  let failed = 0;
  for (const kill of kills) {
    const what = `${kill.victim} killed ${kill.moment}`;
    try {
      console.log(`ok    ${what}: ${await nothingIsLeft(kill, mountPoint)}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${what}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(`${kills.length - failed} passed, ${failed} failed in ${seconds} s`);
  return failed === 0 ? 0 : 1;
}

async function nothingIsLeft(kill: Kill, mountPoint: string): Promise<string> {
  const mark = `E2E_KILL_TEST=${randomUUID()}`;
  const artifacts = mkdtempSync(join(tmpdir(), 'e2e-killed-'));
  const before = outside(mountPoint);
  const own = namespacesOf(process.pid);
  try {
    const { parent, output } = start(kill.scenario, mark, artifacts);
    let running: readonly Marked[] = [];
    await eventually(kill.moment, startsWithinMs, () => {
      running = markedProcesses(mark);
      return kill.isNow(output(), running.map(nameOf)) || `${running.length} processes; ${output().slice(-300)}`;
    });
    if (running.length < kill.least) throw new Error(`only ${running.length} processes were there`);
    const namespaces = foreignNamespaces(running, own);
    const killedMs = performance.now();
    process.kill(victimOf(kill.victim, parent, running), 'SIGKILL');
    await eventually('nothing is left', kill.goneWithinMs, () => {
      const left = markedProcesses(mark);
      if (left.length > 0) return `${left.length} processes: ${left.map(nameOf).join(', ')}`;
      const held = [...namespaces].filter(hasNamespace);
      return held.length === 0 || `namespaces ${held.join(', ')}`;
    });
    const goneMs = Math.round(performance.now() - killedMs);
    const after = outside(mountPoint);
    if (after !== before) throw new Error(`outside there was ${before}, there is ${after}`);
    return `${running.length} processes and ${namespaces.size} namespaces gone within ${goneMs} ms`;
  } finally {
    for (const { pid } of markedProcesses(mark)) process.kill(pid, 'SIGKILL');
    rmSync(artifacts, { recursive: true, force: true });
  }
}

/** A run below a shell, as one below npm. */
function start(scenario: string, mark: string, artifacts: string): { parent: number; output: () => string } {
  const [key = '', value] = mark.split('=');
  const run = [process.execPath, join(import.meta.dirname, 'run.ts'), scenario];
  const child = spawn('sh', ['-c', '"$0" "$@"; :', ...run], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [key]: value, E2E_ARTIFACTS: artifacts },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
  }
  if (child.pid === undefined) throw new Error('no shell could be started');
  return { parent: child.pid, output: () => text };
}

function victimOf(victim: Victim, parent: number, running: readonly Marked[]): number {
  if (victim === 'parent') return parent;
  const isVictim = ({ args }: Marked): boolean => {
    return victim === 'run' ? args.includes('run.ts') && args.startsWith(process.execPath) : isInside(args);
  };
  const found = running.find(isVictim);
  if (found === undefined) throw new Error(`there is no process to kill: ${running.map(nameOf).join(', ')}`);
  return found.pid;
}

function isInside(args: string): boolean {
  return args.startsWith(process.execPath) && args.includes('inside.ts');
}

/** What a run could leave in the namespaces it was started in. */
function outside(mountPoint: string): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(mountPoint) || line.includes('nsfs') || line.includes('/etc/hosts'));
  const interfaces = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? []);
  return JSON.stringify({ mounts, interfaces, state: readdirSync(mountPoint) });
}
