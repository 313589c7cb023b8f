import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endings } from './endings.ts';
import { Program } from './program.ts';

export const BENTOML_VERSION = '1.4.39';
const OLDEST_PYTHON = [3, 9] as const;
const INSTALL_WITHIN_MS = 240_000;

/** Something that the machine lacks, in words for the person who sits at it. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool';
}

/**
 * Gives the interpreter of a virtual environment that has BentoML, making it where it is not cached. The cache is
 * keyed by both versions, and one that was left half-made is made anew.
 */
export async function installBentoml(cacheDir: string, endings: Endings): Promise<string> {
  const python = process.env.PYTHON ?? 'python3';
  const version = await pythonVersion(python, endings);
  const dir = join(cacheDir, `bentoml-${BENTOML_VERSION}-python-${version}`);
  const interpreter = join(dir, 'bin', 'python');
  const finished = join(dir, 'finished');
  if (existsSync(finished) && (await installedVersion(interpreter, endings)) === BENTOML_VERSION) {
    console.log(`     BentoML ${BENTOML_VERSION} on Python ${version}, cached in ${dir}`);
    return interpreter;
  }
  console.log(`     installing BentoML ${BENTOML_VERSION} on Python ${version} into ${dir}`);
  await rm(dir, { recursive: true, force: true });
  await mkdir(cacheDir, { recursive: true });
  await makeEnvironment(python, dir, endings);
  await install(interpreter, endings);
  await writeFile(finished, '');
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

async function installedVersion(interpreter: string, endings: Endings): Promise<string | undefined> {
  const code = 'from importlib.metadata import version; print(version("bentoml"))';
  const { exit, output } = await run(interpreter, ['-c', code], endings);
  return exit === 0 ? output : undefined;
}

async function makeEnvironment(python: string, dir: string, endings: Endings): Promise<void> {
  const { exit, output } = await run(python, ['-m', 'venv', dir], endings);
  if (exit === 0) return;
  await rm(dir, { recursive: true, force: true });
  throw new MissingTool(
    `"${python} -m venv" failed; on Debian and Ubuntu, apt-get install python3-venv brings what it needs.\n${output}`,
  );
}

async function install(interpreter: string, endings: Endings): Promise<void> {
  const constraints = join(import.meta.dirname, 'constraints.txt');
  const packages = ['--prefer-binary', '--constraint', constraints, `bentoml==${BENTOML_VERSION}`];
  const args = ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', ...packages];
  const { exit, output } = await run(interpreter, args, endings, progress());
  if (exit !== 0) throw new Error(`pip could not install BentoML ${BENTOML_VERSION} (${exit}):\n${output}`);
}

/** Shows what pip is at, each package once. */
function progress(): (line: string) => void {
  const shown = new Set<string>();
  return (line) => {
    const step = /^(Collecting [\w.-]+|(Building|Installing|Successfully) \w+)/.exec(line)?.[0];
    if (step === undefined || shown.has(step)) return;
    shown.add(step);
    console.log(`     ${step}`);
  };
}

async function run(command: string, args: readonly string[], endings: Endings, onLine?: (line: string) => void) {
  const program = new Program(command, args, onLine && { onLine });
  endings.add(async () => void (await program.end()));
  const tooLong = setTimeout(() => program.signal('SIGKILL'), INSTALL_WITHIN_MS);
  const exit = await program.exit;
  clearTimeout(tooLong);
  return { exit, output: program.output };
}
