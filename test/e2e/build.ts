import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';

/** What the module's `tool` lines are built into, the cheapest first so that what is missing shows early. */
const tools = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  kwok: 'sigs.k8s.io/kwok/cmd/kwok',
  'keda-adapter': 'github.com/kedacore/keda/v2/cmd/adapter',
  'keda-operator': 'github.com/kedacore/keda/v2/cmd/operator',
  /** Not tools: the tests that use KEDA's client, and those that run the HPA's controller without a cluster. */
  'keda-client.test': './client',
  'hpa-controller.test': './hpa',
} as const;

export type ToolName = keyof typeof tools;

/** Where the binaries are. */
export interface Binaries {
  readonly path: Readonly<Record<ToolName, string>>;
  /** The folder of KEDA's custom resource definitions. */
  readonly kedaCrds: string;
  /** An empty folder, over which each run mounts its own state. */
  readonly mountPoint: string;
}

/** What a run on the control plane needs. */
const forClusters = (Object.keys(tools) as ToolName[]).filter((name) => name !== 'hpa-controller.test');

const moduleFolder = import.meta.dirname;
const kubernetesVersion = 'v1.36.3';
/** Without these an API server calls itself v0.0.0. */
const versionFlags = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
  .map((packagePath) => `-X ${packagePath}.gitVersion=${kubernetesVersion}`)
  .join(' ');

/**
 * Builds what is not in the cache yet, which is outside the repository and keyed by everything that decides what the
 * binaries are. Rejects, in words, where there is no Go or a build fails.
 */
export async function buildTools(): Promise<Binaries> {
  const cache = cacheFolder(goVersion());
  await buildMissing(forClusters, cache);
  const path = Object.fromEntries((Object.keys(tools) as ToolName[]).map((name) => [name, join(cache, fileOf(name))]));
  const mountPoint = join(cache, 'state');
  mkdirSync(mountPoint, { recursive: true });
  return { path: path as Record<ToolName, string>, kedaCrds: kedaCrdFolder(cache), mountPoint };
}

/** Builds one of them alone; resolves with its path. */
export async function buildTool(name: ToolName): Promise<string> {
  const cache = cacheFolder(goVersion());
  await buildMissing([name], cache);
  return join(cache, fileOf(name));
}

async function buildMissing(wanted: readonly ToolName[], cache: string): Promise<void> {
  const missing = wanted.filter((name) => !existsSync(join(cache, fileOf(name))));
  if (missing.length > 0) await buildAll(missing, cache);
}

function goVersion(): string {
  const asked = spawnSync('go', ['version'], { encoding: 'utf8', cwd: moduleFolder });
  if (asked.status === 0) return asked.stdout.trim();
  const wanted = /^go (\S+)$/m.exec(readFileSync(join(moduleFolder, 'go.mod'), 'utf8'))?.[1];
  throw new Error(
    `The end-to-end tests build a Kubernetes control plane from Go modules, and there is no "go" on the PATH. ` +
      `Install Go ${wanted} or newer (https://go.dev/dl) and run them again; "npm test" needs no Go.`,
  );
}

function cacheFolder(version: string): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(moduleFolder, file)));
  hash.update(`${version} ${versionFlags}`);
  const root = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(root, 'keda-llm-scaler', 'e2e', hash.digest('hex').slice(0, 16));
}

/** The tests change more often than what they need is built. */
function fileOf(name: ToolName): string {
  if (!name.endsWith('.test')) return name;
  const folder = join(moduleFolder, tools[name]);
  const hash = createHash('sha256');
  const sources = readdirSync(folder).filter((file) => file.endsWith('.go'));
  for (const file of sources.sort()) hash.update(readFileSync(join(folder, file)));
  return `${name.replace(/\.test$/, '')}-${hash.digest('hex').slice(0, 16)}.test`;
}

async function buildAll(missing: readonly ToolName[], cache: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const cores = availableParallelism();
  const span = missing.length > 2 ? '11 to 17 minutes on 2 cores' : 'some minutes';
  console.log(`building ${missing.join(', ')} into ${cache}: ${span}, once (${cores} cores here)`);
  const startedMs = performance.now();
  for (const [index, name] of missing.entries()) {
    console.log(`  [${index + 1}/${missing.length}] ${name} …`);
    const seconds = await build(name, cache);
    console.log(`  [${index + 1}/${missing.length}] ${name} built in ${seconds} s`);
  }
  console.log(`built in ${secondsSince(startedMs)} s`);
}

/** Politely: other work on the machine goes first. A binary gets its name only when it is whole. */
async function build(name: ToolName, cache: string): Promise<number> {
  const startedMs = performance.now();
  const unfinished = join(cache, `.${name}.${process.pid}`);
  const verb = name.endsWith('.test') ? ['test', '-c'] : ['build'];
  const flags = ['-trimpath', '-ldflags', `-s -w ${versionFlags}`, '-o', unfinished, tools[name]];
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false' };
  const alive = setInterval(() => console.log(`      ${name}: ${secondsSince(startedMs)} s so far`), 30_000);
  try {
    await run('nice', ['-n', '19', 'go', ...verb, ...flags], env);
  } finally {
    clearInterval(alive);
  }
  renameSync(unfinished, join(cache, fileOf(name)));
  return secondsSince(startedMs);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: moduleFolder, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`"${args.slice(2, 4).join(' ')} … ${args.at(-1)}" failed (exit code ${code}); see above`));
    });
  });
}

/** The definitions are in KEDA's module; where that is, is kept beside the binaries because asking Go takes a while. */
function kedaCrdFolder(cache: string): string {
  const note = join(cache, 'keda-module');
  const known = existsSync(note) ? readFileSync(note, 'utf8') : '';
  if (known !== '' && existsSync(known)) return join(known, 'config', 'crd', 'bases');
  const ask = ['mod', 'download', '-json', 'github.com/kedacore/keda/v2'];
  const asked = spawnSync('go', ask, { encoding: 'utf8', cwd: moduleFolder });
  if (asked.status !== 0) throw new Error(`KEDA's module cannot be found: ${asked.stderr.trim()}`);
  const { Dir: folder } = JSON.parse(asked.stdout) as { Dir: string };
  writeFileSync(note, folder);
  return join(folder, 'config', 'crd', 'bases');
}

function secondsSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) / 1000);
}
