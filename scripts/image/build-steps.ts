import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Instruction, Stage } from './dockerfile.ts';
import { isIgnored } from './dockerfile.ts';

const stepTimeoutMs = 5 * 60_000;

export interface BuiltStage {
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs a stage's `WORKDIR`, `ENV`, `COPY` and `RUN` lines with folders under `into` in place of file systems. What a
 * base image brings along, Node and npm, comes from this machine. Throws at the first step that fails.
 */
export function buildStage(stage: Stage, into: string, built: ReadonlyMap<string, BuiltStage>): BuiltStage {
  const root = join(into, stage.name);
  const environment: Record<string, string> = {};
  let workdir = '/';
  for (const step of stage.instructions) {
    if (step.name === 'WORKDIR') workdir = step.text;
    mkdirSync(join(root, workdir), { recursive: true });
    if (step.name === 'ENV') Object.assign(environment, pairsOf(step.text));
    if (step.name === 'COPY') copy(step, join(root, workdir), built);
    if (step.name === 'RUN') run(step.text, join(root, workdir));
  }
  return { root, workdir, environment };
}

function pairsOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(/\s+/).map((pair) => pair.split('=', 2) as [string, string]));
}

function copy({ text, flags }: Instruction, workdir: string, built: ReadonlyMap<string, BuiltStage>): void {
  const words = text.split(/\s+/);
  const to = words.pop()!;
  for (const source of words) {
    const from = flags.from === undefined ? inContext(source) : join(stageOf(built, flags.from).root, source);
    const isFolder = statSync(from).isDirectory();
    const target = !isFolder && to.endsWith('/') ? join(workdir, to, basename(source)) : join(workdir, to);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(from, target, { recursive: true });
  }
}

function stageOf(built: ReadonlyMap<string, BuiltStage>, name: string): BuiltStage {
  const stage = built.get(name);
  if (stage === undefined) throw new Error(`COPY --from=${name}: there is no such stage before it`);
  return stage;
}

function inContext(source: string): string {
  if (isIgnored(readFileSync('.dockerignore', 'utf8'), source)) {
    throw new Error(`COPY ${source}: .dockerignore keeps it out of the build`);
  }
  if (!existsSync(source)) throw new Error(`COPY ${source}: not in the repository`);
  return source;
}

function run(command: string, cwd: string): void {
  console.log(`  RUN ${command}`);
  const { status, signal } = spawnSync('/bin/sh', ['-c', command], {
    cwd,
    env: bareEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: stepTimeoutMs,
  });
  if (status !== 0) throw new Error(`the step ended with ${signal ?? `status ${status}`}: ${command}`);
}

/** This machine's environment without what an npm script adds, and with the Node that runs this first on the path. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_(lifecycle|package|command)|NODE_)/.test(name));
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path };
}
