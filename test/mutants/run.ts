import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { brokenPromises } from './broken-promises.ts';
import { harmlessMutants } from './harmless-mutants.ts';
import type { Mutant } from './mutant.ts';
import { testsOf } from './mutant.ts';
import type { Verdict } from './mutant-pool.ts';
import { MutantBench } from './mutant-pool.ts';
import { mutantsIn } from './operators.ts';

const usage = `npm run test:mutants -- [--promises | --slips] [--sample N] [PLACE…]
--promises  the list of broken promises alone; every one of them must be noticed
--slips     slips of the hand alone, in the rooms that decide; nine of ten must be noticed
--sample N  so many slips, evenly from all
PLACE       files or folders below src, in place of those rooms`;

const rooms = [
  'src/decision',
  'src/aggregation',
  'src/triggers',
  'src/discovery',
  'src/config/access',
  'src/scrape/turns',
];
const leastNoticedRatio = 0.9;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    promises: { type: 'boolean', default: false },
    slips: { type: 'boolean', default: false },
    sample: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  const promisesHold = values.slips || (await keepPromises());
  const slipsAreSeen = values.promises || (await seeSlips());
  process.exitCode = promisesHold && slipsAreSeen ? 0 : 1;
}

async function keepPromises(): Promise<boolean> {
  const wanted = brokenPromises.filter(({ file }) => positionals.every((place) => file.startsWith(place)));
  const verdicts = await tryAll(wanted);
  const missed = wanted.filter((mutant) => !isNoticed(verdicts.get(mutant)));
  for (const { promise, file } of missed) console.log(`NOT NOTICED: ${promise} (${file})`);
  console.log(`${wanted.length - missed.length} of ${wanted.length} broken promises are noticed`);
  return missed.length === 0;
}

async function seeSlips(): Promise<boolean> {
  const all = mutantsIn(positionals.length > 0 ? positionals : rooms).filter((mutant) => !isHarmless(mutant));
  const step = values.sample === undefined ? 1 : Math.max(1, all.length / Number(values.sample));
  const chosen = all.filter((_mutant, place) => Math.floor((place + 1) / step) > Math.floor(place / step));
  const verdicts = await tryAll(chosen);
  const missed = chosen.filter((mutant) => !isNoticed(verdicts.get(mutant)));
  for (const { file, find, replace } of missed)
    console.log(`SURVIVES in ${file}\n  ${find.trim()}\n  ${replace.trim()}`);
  const ratio = 1 - missed.length / chosen.length;
  const shown = `${Math.round(ratio * 1000) / 10} %`;
  console.log(
    `${chosen.length - missed.length} of ${chosen.length} slips are noticed: ${shown} (of ${all.length} there are)`,
  );
  return ratio >= leastNoticedRatio;
}

function isHarmless(mutant: Mutant): boolean {
  return harmlessMutants.some(
    ({ file, find, replace }) =>
      file === mutant.file && find === mutant.find.trim() && replace === mutant.replace.trim(),
  );
}

function isNoticed(verdict: Verdict | undefined): boolean {
  return verdict === 'noticed' || verdict === 'endless';
}

async function tryAll<One extends Mutant & { readonly tests?: readonly string[] }>(
  mutants: readonly One[],
): Promise<ReadonlyMap<One, Verdict>> {
  const verdicts = new Map<One, Verdict>();
  // Mutants of one room one after the other: what their tests import is compiled once.
  const queue = [...mutants];
  const benches = Array.from({ length: Math.min(availableParallelism(), queue.length) }, () => new MutantBench());
  try {
    await Promise.all(
      benches.map(async (bench) => {
        for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
          const { file, find, replace, tests = testsOf(mutant) } = mutant;
          const verdict = await bench.try({ file, find, replace, tests });
          verdicts.set(mutant, verdict);
          console.error(`${verdicts.size}/${mutants.length} ${verdict}: ${file}: ${find.trim()}`);
        }
      }),
    );
    return verdicts;
  } finally {
    for (const bench of benches) bench.close();
  }
}
