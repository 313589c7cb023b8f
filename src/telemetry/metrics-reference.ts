import { activatorEventFamilies, activatorRouteFamilies } from './activator-families.ts';
import type { Family } from './families.ts';
import { eventFamilies, triggerFamilies } from './families.ts';
import { processFamilies } from './metrics.ts';

/** The whole of `docs/metrics.md`. `process` are the families of the system this runs on; Linux has the most. */
export function renderMetricsReference(process: readonly Family[] = processFamilies()): string {
  return `# Metrics

\`/metrics\` on the admin address speaks the Prometheus text format 0.0.4. Units are seconds, bytes and ratios from 0 to 1.
What is unknown has no series: it is never 0. This page is generated from the declarations in \`src/telemetry\`.

## Triggers

Read at the moment of the scrape; a series ends with its trigger. KEDA tells no index, so a trigger is known by
\`namespace\`, \`scaled_object\` and \`metric\`. Where several share all three, the one KEDA asked about last is shown.

${table(Object.values(triggerFamilies))}

## Events and state

${table(Object.values(eventFamilies))}

## Activator

On the admin address of \`keda-llm-scaler activator\`. A series of a route ends with its route.

${table([...Object.values(activatorRouteFamilies), ...ownOfActivator])}

## Process

Added by prom-client, on Linux.

${table(process)}
`;
}

/** Those that no other process of ours has. */
const ownOfActivator = Object.values(activatorEventFamilies).filter(({ name }) => name.includes('_activator_'));

function table(families: readonly Family[]): string {
  const rows = families.map(({ name, type, labels, help }) => {
    const named = labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | ${help} |`;
  });
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
