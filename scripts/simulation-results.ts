import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coldStart } from '../src/config/settings/simulate-readers.ts';
import { compare } from '../src/replay/compare.ts';
import { traceLoad } from '../src/replay/demand/loads.ts';
import { parsePolicyList, usualPolicies } from '../src/replay/policies/parse-policy.ts';
import type { Comparison } from '../src/replay/report/comparison.ts';
import type { EngineProfile } from '../src/simulate/engine/engine-profiles.ts';
import { profileNamed } from '../src/simulate/engine/engine-profiles.ts';

/** Replays every trace under every policy at three cold starts, and writes the tables into the page about them. */
const folder = process.env.TRACES_DIR ?? '../shared/traces';
const page = fileURLToPath(new URL('../docs/simulation-results.md', import.meta.url));
const hour = 3_600_000;
const starts = ['30s', '120s', '300s'];

interface Case {
  readonly file: string;
  readonly about: string;
  readonly profile: string;
  readonly durationMs: number;
}

const whole = Number.POSITIVE_INFINITY;
const cases: readonly Case[] = [
  {
    file: 'azure-2023-conv.csv',
    about: 'Azure 2023, conversation',
    profile: '8b-l4',
    durationMs: whole,
  },
  {
    file: 'mooncake-conversation.jsonl.gz',
    about: 'Mooncake, conversation with long prompts',
    profile: '70b-4xh100',
    durationMs: whole,
  },
  {
    file: 'servegen-mlarge-3d.csv.gz',
    about: "ServeGen, a large model's pool, the first six hours",
    profile: '8b-l4',
    durationMs: 6 * hour,
  },
  {
    file: 'servegen-msmall-2d.csv.gz',
    about: "ServeGen, a small model's pool, the first six hours",
    profile: '8b-l4',
    durationMs: 6 * hour,
  },
  {
    file: 'servegen-client-mlarge92-14d.csv.gz',
    about: 'ServeGen, one client that sleeps 99 % of the time, three days',
    profile: '8b-l4',
    durationMs: 72 * hour,
  },
  {
    file: 'servegen-client-mmid29-14d.csv.gz',
    about: 'ServeGen, one client in bursts, three days',
    profile: '8b-l4',
    durationMs: 72 * hour,
  },
];

async function comparisonOf({ file, profile, durationMs }: Case, start: string): Promise<Comparison> {
  const setting = coldStart(start);
  const list = parsePolicyList(usualPolicies.join(','));
  if (!setting.ok || !list.ok) throw new Error('a case of this script is wrong');
  return compare(traceLoad(join(folder, file), { startMs: 0, durationMs }), {
    profile: profileNamed(profile) as EngineProfile,
    policies: list.value,
    slo: { timeToFirstTokenMs: 5000, timePerOutputTokenMs: 100 },
    coldStarts: { first: setting.value, later: setting.value },
    minReplicas: 0,
    maxReplicas: 40,
    graceMs: 600_000,
    timeoutMs: Number.POSITIVE_INFINITY,
    patienceMs: Number.POSITIVE_INFINITY,
    attainment: 0.99,
    isOracleSought: true,
    seed: 1,
  });
}

function tableOf(one: Case, comparisons: readonly Comparison[]): string {
  const first = comparisons[0]!;
  const head = starts.map((start) => `in SLO, start ${start} | GPU-hours | × oracle`).join(' | ');
  const rows = first.policies.map(({ name }, row) => {
    const cells = comparisons.map(({ policies }) => {
      const { attainment, gpuHours, timesOracle } = policies[row]!;
      return `${(attainment * 100).toFixed(2)} % | ${hours(gpuHours)} | ${timesOracle?.toFixed(2)}`;
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  const best = comparisons.map(
    ({ oracle }) => `${((oracle?.attainment ?? 0) * 100).toFixed(2)} % | ${hours(oracle?.gpuHours ?? 0)} | 1.00`,
  );
  return [
    `### ${one.about}`,
    '',
    `${first.requests} requests in ${(first.spanSeconds / 3600).toFixed(1)} h on ${first.profile.title}, which carries ${first.targetConcurrency.toFixed(0)} at once; ${Math.round(first.meanTokens.prompt)} tokens in and ${Math.round(first.meanTokens.output)} out in the mean.`,
    '',
    `| policy | ${head} |`,
    `| --- |${' ---: |'.repeat(3 * starts.length)}`,
    ...rows,
    `| **oracle** | ${best.join(' | ')} |`,
  ].join('\n');
}

function hours(value: number): string {
  return value < 100 ? value.toFixed(2) : value.toFixed(0);
}

const tables: string[] = [];
for (const one of cases) {
  const comparisons: Comparison[] = [];
  for (const start of starts) {
    process.stderr.write(`${one.about}, start ${start}\n`);
    comparisons.push(await comparisonOf(one, start));
  }
  tables.push(tableOf(one, comparisons));
}
const text = readFileSync(page, 'utf8');
const marker = '<!-- tables: written by `npm run simulate:results` -->';
writeFileSync(page, `${text.slice(0, text.indexOf(marker))}${marker}\n\n${tables.join('\n\n')}\n`);
