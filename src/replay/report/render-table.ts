import type { Comparison, PolicyRow } from './comparison.ts';

const columns: readonly (readonly [heading: string, cell: (row: PolicyRow) => string])[] = [
  ['policy', ({ name }) => name],
  ['in SLO', ({ attainment }) => percent(attainment)],
  ['GPU-hours', ({ gpuHours }) => gpuHours.toFixed(gpuHours < 100 ? 2 : 1)],
  ['× oracle', ({ timesOracle }) => timesOracle?.toFixed(2) ?? '–'],
  ['TTFT p50', ({ ttftSeconds }) => seconds(ttftSeconds.p50)],
  ['p95', ({ ttftSeconds }) => seconds(ttftSeconds.p95)],
  ['p99', ({ ttftSeconds }) => seconds(ttftSeconds.p99)],
  ['TPOT p50', ({ tpotSeconds }) => milliseconds(tpotSeconds.p50)],
  ['p95', ({ tpotSeconds }) => milliseconds(tpotSeconds.p95)],
  ['p99', ({ tpotSeconds }) => milliseconds(tpotSeconds.p99)],
  ['resizes', ({ scaleEvents }) => String(scaleEvents)],
  ['peak', ({ peakReplicas }) => String(peakReplicas)],
  ['not served', ({ timedOut, givenUp, lost, unfinished }) => String(timedOut + givenUp + lost + unfinished)],
];

/** The comparison for people: what was replayed, one line a policy, and the oracle's. */
export function renderTable(comparison: Comparison): string {
  const { policies, oracle } = comparison;
  const cells = [columns.map(([heading]) => heading), ...policies.map((row) => columns.map(([, cell]) => cell(row)))];
  if (oracle !== undefined) cells.push(oracleLine(oracle));
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  const lines = cells.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const notes = oracle === undefined ? [] : ['', noteOf(oracle.isReached, comparison.wanted)];
  return [...headOf(comparison), '', ...lines.map((line) => line.trimEnd()), ...notes].join('\n');
}

function noteOf(isReached: boolean, wanted: number): string {
  return isReached
    ? `oracle: the cheapest sizes with all of the future known that keep ${percent(wanted)}, proven by replay.`
    : `oracle: no plan keeps ${percent(wanted)}: bursts are shorter than a start, or requests too long for the SLO. This one comes nearest.`;
}

function oracleLine(oracle: NonNullable<Comparison['oracle']>): string[] {
  const known = ['oracle', percent(oracle.attainment), oracle.gpuHours.toFixed(oracle.gpuHours < 100 ? 2 : 1), '1.00'];
  return [...known, ...Array<string>(columns.length - known.length).fill('')];
}

/** What was replayed, on what, and what a policy has to keep. */
export function headOf(comparison: Comparison): string[] {
  const { title, requests, tooLarge, skipped, profile, slo, coldStart, bounds, meanTokens, seed } = comparison;
  const hours = (comparison.spanSeconds / 3600).toFixed(1);
  const left = [
    tooLarge > 0 ? `${tooLarge} requests are larger than a replica's KV cache and left out` : '',
    skipped > 0 ? `${skipped} lines of the trace are no request and left out` : '',
  ].filter((words) => words !== '');
  return [
    `${title}: ${requests} requests in ${hours} h, ${Math.round(meanTokens.prompt)} tokens in and ${Math.round(meanTokens.output)} out in the mean.`,
    ...left.map((words) => `Note: ${words}.`),
    `Replica: ${profile.title}; carries ${comparison.targetConcurrency.toFixed(1)} requests at once within the SLO. ` +
      `Cold start ${coldStart}; ${bounds.minReplicas} to ${bounds.maxReplicas} replicas; seed ${seed}.`,
    `SLO of each request: first token within ${slo.ttftSeconds} s and ${Math.round(slo.tpotSeconds * 1000)} ms a token after it.`,
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function seconds(value: number | null): string {
  if (value === null) return '–';
  return value < 10 ? `${value.toFixed(2)} s` : `${value.toFixed(0)} s`;
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${(value * 1000).toFixed(0)} ms`;
}
