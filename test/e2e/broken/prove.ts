import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scenarios } from '../scenarios/all.ts';
import type { BrokenRule, Edit } from './broken-rules.ts';
import { brokenRules } from './broken-rules.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** A copy of the package's tracked files, so that nothing is ever broken in place. */
function copyOfPackage(): string {
  const { stdout } = spawnSync('git', ['ls-files', 'src', 'proto', 'test', 'deploy', 'package.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const folder = mkdtempSync(join(tmpdir(), 'broken-rules-'));
  for (const file of stdout.trim().split('\n')) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function apply(folder: string, { file, find, replace }: Edit): void {
  const path = join(folder, file);
  const parts = readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times what was to be broken: ${find}`);
  writeFileSync(path, parts.join(replace));
}

/** Runs the scenarios in the copy; resolves with the lines that say how each of them ended. */
async function run(folder: string, names: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [join(folder, 'test', 'e2e', 'run.ts'), ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const chunk of child.stdout.setEncoding('utf8')) lines.push(...String(chunk).split('\n'));
  return lines.filter((line) => /^(ok|FAIL) /.test(line));
}

/** Breaks one rule and resolves with the scenarios that did not notice. */
async function prove({ rule, edits, scenarios: names }: BrokenRule): Promise<string[]> {
  const folder = copyOfPackage();
  try {
    for (const edit of edits) apply(folder, edit);
    const lines = await run(folder, names);
    console.log(`broken: ${rule}`);
    for (const line of lines) console.log(`  ${line.slice(0, 220)}`);
    return names.filter((name) => !lines.some((line) => line.startsWith(`FAIL  ${name} `)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const asked = process.argv.slice(2);
const strangers = asked.filter((word) => !scenarios.some(({ name }) => name.includes(word)));
if (strangers.length > 0) {
  console.error(`expected (parts of) names of scenarios, found ${strangers.join(', ')}`);
  process.exit(2);
}
const covered = new Set(brokenRules.flatMap(({ scenarios: names }) => names));
const uncovered = scenarios.map(({ name }) => name).filter((name) => !covered.has(name));
let unnoticed: string[] = [];
for (const broken of brokenRules) {
  const names = broken.scenarios.filter((name) => asked.length === 0 || asked.some((word) => name.includes(word)));
  if (names.length > 0) unnoticed = [...unnoticed, ...(await prove({ ...broken, scenarios: names }))];
}
if (uncovered.length > 0) console.log(`no rule is broken for: ${uncovered.join(', ')}`);
console.log(unnoticed.length === 0 ? 'every scenario noticed' : `did not notice: ${unnoticed.join(', ')}`);
process.exitCode = unnoticed.length + uncovered.length === 0 ? 0 : 1;
