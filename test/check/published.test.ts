import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { scaledObject } from './scaled-objects.ts';

const rulesIn = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, rule]) => rule!));

it('every rule has a row in the docs, and every row a rule', () => {
  const folder = 'src/check/rules';
  const code = [...readdirSync(folder).map((name) => join(folder, name)), 'src/check/read-manifest.ts'];
  const told = new Set(
    code.flatMap((file) => [...rulesIn(readFileSync(file, 'utf8'), /\brule(?::|\s=) '([a-z-]+)'/g)]),
  );
  const rows = readFileSync('docs/check.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const explained = new Set(rows.flatMap((row) => [...rulesIn(row.split(' | ')[0]!, /`([a-z-]+)`/g)]));
  expect(told.size).toBeGreaterThan(20);
  expect([...explained].sort()).toEqual([...told].sort());
});

it('the commit hook runs a command that is there, on files that it reads', () => {
  const [hook] = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'));
  const { bin, scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [name, command] = hook.entry.split(' ');
  expect(bin).toHaveProperty(name);
  expect(command).toBe('check');
  // A hook's environment packs the repository, in which nothing is built.
  expect(scripts.prepack).toBe('node scripts/build.ts');
  expect(['so.yaml', 'so.yml', 'so.json', 'page.md'].filter((file) => new RegExp(hook.files).test(file))).toHaveLength(
    3,
  );
});

it('the step of a workflow annotates what is wrong and fails', () => {
  const { runs, inputs } = parse(readFileSync('action.yml', 'utf8'));
  const { run, env } = runs.steps.at(-1);
  const folder = mkdtempSync(join(tmpdir(), 'action-'));
  try {
    writeFileSync(join(folder, 'so.yaml'), scaledObject({ metadata: { windw: '60s' } }));
    const given = Object.entries<string>(env).map(([variable, text]) => {
      const name = /inputs\.([a-z-]+)/.exec(text)![1]!;
      return [variable, name === 'path' ? folder : inputs[name].default];
    });
    const surroundings = { ...process.env, ...Object.fromEntries(given), GITHUB_ACTION_PATH: resolve('.') };
    const { status, stdout } = spawnSync('bash', ['-e', '-c', run], { env: surroundings, encoding: 'utf8' });
    expect(stdout).toMatch(/^::error file=.*so\.yaml,line=\d+,.*title=keda-llm-scaler metadata::"windw" is not/);
    expect(status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
