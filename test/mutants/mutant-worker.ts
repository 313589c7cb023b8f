import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVitest } from 'vitest/node';
import type { Mutant } from './mutant.ts';

/** What the worker is sent, and answers with whether a test failed. */
export interface MutantTask extends Mutant {
  readonly tests: readonly string[];
}

const root = process.argv[2]!;
const vitest = await createVitest('test', {
  root,
  config: join(root, 'vitest.config.ts'),
  project: ['pure', 'outside'],
  watch: false,
  bail: 1,
  reporters: [{ onInit() {} }],
});
await vitest.standalone();

process.on('message', (task: MutantTask) => void answer(task));
process.send?.('ready');

async function answer({ file, find, replace, tests }: MutantTask): Promise<void> {
  const path = join(root, file);
  const whole = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    whole.replace(find, () => replace),
  );
  try {
    process.send?.({ noticed: await failsOf(path, tests) });
  } finally {
    writeFileSync(path, whole);
    vitest.invalidateFile(path);
  }
}

async function failsOf(path: string, tests: readonly string[]): Promise<boolean> {
  vitest.invalidateFile(path);
  const specifications = await vitest.globTestSpecifications([...tests]);
  if (specifications.length === 0) throw new Error(`no tests in ${tests.join(' ')}`);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  return unhandledErrors.length > 0 || testModules.some((module) => !module.ok());
}
