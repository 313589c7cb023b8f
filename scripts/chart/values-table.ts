import type { ValueKey } from './values-file.ts';

/** The table of all values for the chart's README. */
export function renderValuesTable(keys: readonly ValueKey[]): string {
  const rows = keys
    .filter(({ isGroup }) => !isGroup)
    .map(
      ({ path, description, default: value }) =>
        `| \`${path.join('.')}\` | \`${shown(value)}\` | ${inCell(description)} |`,
    );
  return ['| value | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function shown(value: unknown): string {
  return inCell(JSON.stringify(value));
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
