import type { Comparison, PolicyRow } from './comparison.ts';

const columns: readonly (readonly [string, (row: PolicyRow) => string | number | null])[] = [
  ['policy', ({ name }) => name],
  ['attainment', ({ attainment }) => attainment],
  ['gpu_hours', ({ gpuHours }) => gpuHours],
  ['times_oracle', ({ timesOracle }) => timesOracle],
  ['ttft_p50_s', ({ ttftSeconds }) => ttftSeconds.p50],
  ['ttft_p95_s', ({ ttftSeconds }) => ttftSeconds.p95],
  ['ttft_p99_s', ({ ttftSeconds }) => ttftSeconds.p99],
  ['tpot_p50_s', ({ tpotSeconds }) => tpotSeconds.p50],
  ['tpot_p95_s', ({ tpotSeconds }) => tpotSeconds.p95],
  ['tpot_p99_s', ({ tpotSeconds }) => tpotSeconds.p99],
  ['scale_events', ({ scaleEvents }) => scaleEvents],
  ['peak_replicas', ({ peakReplicas }) => peakReplicas],
  ['requests', ({ requests }) => requests],
  ['served', ({ served }) => served],
  ['timed_out', ({ timedOut }) => timedOut],
  ['given_up', ({ givenUp }) => givenUp],
  ['lost', ({ lost }) => lost],
  ['unfinished', ({ unfinished }) => unfinished],
];

/** The comparison's rows with a heading, as RFC 4180 has it. */
export function renderCsv({ policies }: Comparison): string {
  const rows = policies.map((row) => columns.map(([, of]) => field(of(row))).join(','));
  return `${[columns.map(([name]) => name).join(','), ...rows].join('\n')}\n`;
}

function field(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
