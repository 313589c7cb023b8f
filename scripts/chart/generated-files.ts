import { readFileSync } from 'node:fs';
import { withReference } from '../generated-docs.ts';
import { readValuesFile } from './values-file.ts';
import { renderValuesSchema } from './values-schema.ts';
import { renderValuesTable } from './values-table.ts';

export const chartFolder = 'deploy/chart';

export interface GeneratedFile {
  readonly path: string;
  /** What it should say, made from `values.yaml`. */
  readonly render: () => string;
}

export const chartFiles: readonly GeneratedFile[] = [
  { path: `${chartFolder}/values.schema.json`, render: () => renderValuesSchema(keys()) },
  { path: `${chartFolder}/README.md`, render: renderReadme },
];

function keys() {
  return readValuesFile(readFileSync(`${chartFolder}/values.yaml`, 'utf8'));
}

function renderReadme(): string {
  const path = `${chartFolder}/README.md`;
  return withReference(readFileSync(path, 'utf8'), { path, part: 'values', render: () => renderValuesTable(keys()) });
}
