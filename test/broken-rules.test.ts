import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { brokenRules } from './e2e/broken/broken-rules.ts';

it('finds each line that the end-to-end tests break exactly once', () => {
  const edits = brokenRules.flatMap((rule) => rule.edits);
  expect(edits.length).toBeGreaterThan(10);
  const lost = edits.filter(({ file, find }) => readFileSync(file, 'utf8').split(find).length !== 2);
  expect(lost).toEqual([]);
});
