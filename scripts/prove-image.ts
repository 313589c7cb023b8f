import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BuiltStage } from './image/build-steps.ts';
import { buildStage } from './image/build-steps.ts';
import type { Stage } from './image/dockerfile.ts';
import { execForm, lastOf, stagesOf } from './image/dockerfile.ts';

/**
 * Proves the Dockerfile where there is no container engine: runs its very steps in an empty folder, starts the result
 * the way a kubelet would, under its numeric user on files that user can't write, asks for health on both ports, sends
 * SIGTERM and reports sizes and times. Exits 1 at the first promise that is not kept.
 */
const startWithinMs = 20_000;
const endWithinMs = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'image-'));
chmodSync(folder, 0o755);
let service: ChildProcess | undefined;
try {
  const stages = stagesOf(readFileSync('Dockerfile', 'utf8'));
  const built = new Map<string, BuiltStage>();
  for (const stage of stages) {
    console.log(`${stage.name}:`);
    built.set(stage.name, buildStage(stage, folder, built));
  }
  const final = stages.at(-1)!;
  await prove(final, built.get(final.name)!);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  service?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

async function prove(stage: Stage, { root, workdir, environment }: BuiltStage): Promise<void> {
  const app = join(root, workdir);
  const startedMs = performance.now();
  service = start(stage, { root, workdir, environment });
  const { address, endpoint } = await servingLine(service);
  const ready = await fetch(`http://${endpoint}/readyz`);
  if (ready.status !== 200) throw new Error(`/readyz answers ${ready.status}: ${await ready.text()}`);
  const startMs = performance.now() - startedMs;
  await askHealth(address);
  const residentMb = residentBytes(service.pid!) / 1e6;

  const endedMs = performance.now();
  const ending = new Promise<number | null>((resolve) => service!.once('exit', resolve));
  service.kill('SIGTERM');
  const code = await within(endWithinMs, ending, 'still there after SIGTERM');
  if (code !== 0) throw new Error(`expected exit status 0 after SIGTERM, found ${code}`);
  const endMs = performance.now() - endedMs;

  const parts = readdirSync(app).map((name) => [name, bytesUnder(join(app, name))] as const);
  console.log('\nshipped, without the base image:');
  for (const [name, bytes] of parts) console.log(`  ${name.padEnd(16)} ${(bytes / 1e6).toFixed(2).padStart(7)} MB`);
  const total = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(`  ${'in all'.padEnd(16)} ${(total / 1e6).toFixed(2).padStart(7)} MB`);
  console.log(
    `start to ready ${startMs.toFixed(0)} ms, resident ${residentMb.toFixed(0)} MB, SIGTERM to end ${endMs.toFixed(0)} ms`,
  );
}

/** The image's own command. Only root can take the image's user; anybody else stays who they are. */
function start(stage: Stage, { root, workdir, environment }: BuiltStage): ChildProcess {
  const words = [...execForm(stage, 'ENTRYPOINT'), ...execForm(stage, 'CMD')];
  const [, ...argv] = words.map((word) => (word.startsWith(workdir) ? join(root, word) : word));
  const [uid, gid] = (lastOf(stage, 'USER') ?? '').split(':').map(Number);
  const identity = process.getuid?.() === 0 ? { uid: uid!, gid: gid! } : {};
  const home = join(root, 'home');
  mkdirSync(home);
  console.log(`\nstarting ${words.join(' ')}${'uid' in identity ? ` as ${uid}:${gid}` : ''}`);
  return spawn(process.execPath, argv, {
    cwd: join(root, workdir),
    env: { ...environment, HOME: home, GRPC_ADDRESS: '127.0.0.1:0', ADMIN_ADDRESS: '127.0.0.1:0', KUBERNETES: 'off' },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...identity,
  });
}

/** The addresses in the line by which the service says that it serves. */
function servingLine(child: ChildProcess): Promise<{ readonly address: string; readonly endpoint: string }> {
  const line = new Promise<{ address: string; endpoint: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with status ${code} before it served`)));
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const entry = JSON.parse(text);
      if (entry.message === 'serving') resolve(entry);
    });
  });
  return within(startWithinMs, line, 'not serving');
}

/** With the chart's own test, which thereby is proved as well. */
async function askHealth(address: string): Promise<void> {
  const script = readFileSync('deploy/chart/files/connection-test.mjs', 'utf8');
  const argv = ['--input-type=module', '-e', script, `http://${address}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 15_000 });
  if (status !== 0) throw new Error(`gRPC health: ${stdout}${stderr}`);
  console.log(`gRPC health: ${stdout.trim()}`);
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function bytesUnder(path: string): number {
  const seen = lstatSync(path);
  if (!seen.isDirectory()) return seen.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesUnder(join(path, name)), 0);
}

async function within<Value>(ms: number, wanted: Promise<Value>, words: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${words} within ${ms} ms`)), ms);
  });
  return await Promise.race([wanted, late]).finally(() => clearTimeout(timer));
}
