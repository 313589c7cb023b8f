import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { brokenRules } from './e2e/broken/broken-rules.ts';
import { brokenPromises } from './mutants/broken-promises.ts';
import { harmlessMutants } from './mutants/harmless-mutants.ts';

it('finds each line that is broken on purpose exactly once', () => {
  const edits = [...brokenRules.flatMap((rule) => rule.edits), ...brokenPromises, ...harmlessMutants];
  expect(edits.length).toBeGreaterThan(60);
  const lost = edits.filter(({ file, find }) => readFileSync(file, 'utf8').split(find).length !== 2);
  expect(lost).toEqual([]);
});
