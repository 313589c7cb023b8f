import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchAnswers } from './answers.ts';
import type { BenchRow } from './bench-row.ts';
import { benchChurn } from './churn.ts';
import { benchChurnEdits } from './churn-edits.ts';
import { benchFaults } from './faults.ts';
import { progress } from './figures.ts';
import { benchParse } from './parse.ts';
import { benchPrometheus } from './prometheus.ts';
import { benchPush } from './push.ts';
import { benchScrape } from './scrape.ts';
import { benchServiceCost } from './service-cost.ts';
import { benchSimulate } from './simulate.ts';

interface Options {
  /** How long `churn` takes. */
  readonly minutes: number;
}

const benches: Readonly<Record<string, (options: Options) => Promise<BenchRow[]>>> = {
  parse: benchParse,
  scrape: benchScrape,
  service: benchServiceCost,
  answers: benchAnswers,
  push: benchPush,
  faults: benchFaults,
  churn: benchChurn,
  edits: benchChurnEdits,
  prometheus: benchPrometheus,
  simulate: benchSimulate,
};

/** What is measured is what is published: the bundle, not the sources. */
function build(): void {
  const script = fileURLToPath(new URL('../scripts/build.ts', import.meta.url));
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('the build failed');
}

async function run(names: readonly string[], options: Options): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const name of names) {
    progress(`${name} …`);
    rows.push(...(await benches[name]!(options)));
  }
  return rows;
}

function print(rows: readonly BenchRow[]): void {
  const table = rows.map(({ figure, value, goal, holds, baseline }) => {
    return { figure, measured: value, goal, holds: holds === undefined ? '–' : holds ? 'yes' : 'NO', baseline };
  });
  console.log('| figure | measured | goal | holds | beside it, in the same run |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const row of table) console.log(`| ${Object.values(row).join(' | ')} |`);
}

const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '5' } },
});
const minutes = Number(values.minutes);
const unknown = asked.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such figure: ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else if (!(minutes > 0)) {
  console.error(`--minutes must be a number above 0, found ${values.minutes}`);
  process.exitCode = 2;
} else {
  build();
  print(await run(asked.length > 0 ? asked : Object.keys(benches), { minutes }));
}
