import type { Family } from './families.ts';

/** Labels as a line has them between its braces; empty: none. */
export type Labels = string;

/** Longest name Kubernetes allows; what somebody else sends is cut. */
const longestLabel = 253;

/** One label with its value, escaped. */
export function label(name: string, value: string): Labels {
  const bounded = value.length <= longestLabel ? value : value.slice(0, longestLabel);
  const escaped = bounded
    .toWellFormed()
    .replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
  return `${name}="${escaped}"`;
}

/** A family's whole text. What is unknown has no line. */
export function familyText(
  { name, type, help }: Family,
  series: Iterable<readonly [Labels, number | undefined]>,
): string {
  const lines = [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`];
  for (const [labels, value] of series) {
    if (!Number.isFinite(value)) continue;
    lines.push(labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`);
  }
  return lines.join('');
}
