import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endings } from './endings.ts';
import { Program } from './program.ts';

const OLDEST_PYTHON = [3, 9] as const;
const INSTALL_WITHIN_MS = 400_000;

/** What a virtual environment has, all of it with its version. */
export interface VenvSpec {
  readonly name: string;
  readonly packages: readonly string[];
  /** A file beside this one with versions that pip would have to find by trying. */
  readonly constraints?: string;
  /** Installed as they are, without what they ask for: that is of no use here and weighs gigabytes. */
  readonly withoutDependencies?: readonly string[];
}

/** Something that the machine lacks, in words for the person who sits at it. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool';
}

/**
 * Gives the interpreter of a virtual environment, making it where it is not cached. The cache is keyed by all versions,
 * and an environment that was left half-made is made anew.
 */
export async function installVenv(spec: VenvSpec, cacheDir: string, endings: Endings): Promise<string> {
  const python = process.env.PYTHON ?? 'python3';
  const version = await pythonVersion(python, endings);
  const wanted = JSON.stringify([spec.packages, spec.withoutDependencies ?? []]);
  const key = createHash('sha256').update(wanted).digest('hex').slice(0, 8);
  const dir = join(cacheDir, `${spec.name}-${key}-python-${version}`);
  const finished = join(dir, 'finished');
  const interpreter = join(dir, 'bin', 'python');
  if (existsSync(finished) && (await readFile(finished, 'utf8')) === wanted) return interpreter;
  console.log(`     installing ${spec.name} on Python ${version} into ${dir}`);
  await rm(dir, { recursive: true, force: true });
  await mkdir(cacheDir, { recursive: true });
  await makeEnvironment(python, dir, endings);
  const pins = spec.constraints === undefined ? [] : ['--constraint', join(import.meta.dirname, spec.constraints)];
  await install(interpreter, [...pins, ...spec.packages], endings);
  if (spec.withoutDependencies !== undefined) {
    await install(interpreter, ['--no-deps', ...spec.withoutDependencies], endings);
  }
  await writeFile(finished, wanted);
  return interpreter;
}

async function pythonVersion(python: string, endings: Endings): Promise<string> {
  const { exit, output } = await run(python, ['-c', 'import platform; print(platform.python_version())'], endings);
  if (exit !== 0) {
    throw new MissingTool(
      `expected Python 3 as "${python}", found none (${output}): install python3 and python3-venv, or name one in PYTHON`,
    );
  }
  const [major = 0, minor = 0] = output.split('.').map(Number);
  const isOld = major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1]);
  if (isOld) {
    throw new MissingTool(
      `expected Python ${OLDEST_PYTHON.join('.')} or newer, found ${output}: name a newer one in the variable PYTHON`,
    );
  }
  return output;
}

async function makeEnvironment(python: string, dir: string, endings: Endings): Promise<void> {
  const { exit, output } = await run(python, ['-m', 'venv', dir], endings);
  if (exit === 0) return;
  await rm(dir, { recursive: true, force: true });
  throw new MissingTool(
    `"${python} -m venv" failed; on Debian and Ubuntu, apt-get install python3-venv brings what it needs.\n${output}`,
  );
}

async function install(interpreter: string, packages: readonly string[], endings: Endings): Promise<void> {
  const quiet = ['--disable-pip-version-check', '--progress-bar', 'off', '--prefer-binary'];
  const { exit, output } = await run(interpreter, ['-m', 'pip', 'install', ...quiet, ...packages], endings);
  if (exit !== 0) throw new Error(`pip could not install ${packages.join(' ')} (${exit}):\n${output}`);
}

async function run(command: string, args: readonly string[], endings: Endings) {
  const program = new Program(command, args);
  endings.add(async () => void (await program.end()));
  const tooLong = setTimeout(() => program.signal('SIGKILL'), INSTALL_WITHIN_MS);
  const exit = await program.exit;
  clearTimeout(tooLong);
  return { exit, output: program.output };
}
