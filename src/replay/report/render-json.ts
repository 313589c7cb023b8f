import type { Comparison, PolicyRow } from './comparison.ts';

/** The comparison for tools: one JSON object, without what only plots need. */
export function renderJson(comparison: Comparison): string {
  const { frontier, load: _load, policies, ...facts } = comparison;
  const rows = policies.map(({ timeline: _timeline, ...row }: PolicyRow) => row);
  return `${JSON.stringify({ ...facts, profile: facts.profile.name, policies: rows, frontier }, null, 2)}\n`;
}
