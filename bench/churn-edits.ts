import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ReadingBatch } from '../src/readings/reading-batch.ts';
import { ReadingMark } from '../src/readings/reading-mark.ts';
import { TargetReaders } from '../src/readings/target-readers.ts';
import type { BenchRow } from './bench-row.ts';
import { progress, shown } from './figures.ts';
import { theilSenSlope } from './theil-sen.ts';

const edits = 10_000;
const sampleEvery = 500;
/** Until what is bounded is full. */
const warmUpEdits = 2000;
const labelSets = 60;
const mostGrowthKb = 0.05;

/**
 * Ten thousand edits by one tenant, each of which names another family on a page of labels made to be remembered:
 * whether what the scrape thread keeps of them stays where it is.
 */
export async function benchChurnEdits(): Promise<BenchRow[]> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const batch = new ReadingBatch();
  const readers = new TargetReaders(4 * 1024 * 1024, batch, new ReadingMark());
  const samples: { readonly x: number; readonly y: number }[] = [];
  for (let nth = 1; nth <= edits; nth++) {
    edit(readers, nth);
    batch.take(undefined);
    if (nth % sampleEvery !== 0) continue;
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    samples.push({ x: nth, y: (heapUsed + arrayBuffers) / 1e6 });
    progress(`${nth} edits: ${shown(samples.at(-1)!.y)} MB`);
  }
  const warm = samples.filter(({ x }) => x >= warmUpEdits);
  const kilobytes = theilSenSlope(warm) * 1000;
  return [
    {
      figure: `memory of the page readers, ${edits} edits of one metric name, ${labelSets} label sets of a kilobyte each`,
      value: `${kilobytes.toFixed(3)} kB an edit`,
      goal: `≤ ${mostGrowthKb} kB an edit`,
      holds: kilobytes <= mostGrowthKb,
      baseline: `after ${warm[0]!.x} edits ${shown(warm[0]!.y)} MB, after ${edits} ${shown(warm.at(-1)!.y)} MB`,
    },
  ];
}

/** The trigger as it is after its nth edit: its page is read once, and then it is edited again. */
function edit(readers: TargetReaders, nth: number): void {
  const family = `jobs_${nth}`;
  const lines = Array.from(
    { length: labelSets },
    (_, at) => `${family}{job="${nth}-${at}",x="${'y'.repeat(900)}"} 1\n`,
  );
  const url = 'http://10.0.0.1:8000/metrics';
  const engine = { kind: 'custom', running: { family, labels: {} }, waiting: undefined, requests: undefined } as const;
  readers.set({
    id: nth,
    owner: { tenant: 'tenant', trigger: 'edited' },
    candidates: [url],
    accessPlaces: undefined,
    intervalMs: 1000,
    timeoutMs: 5000,
    isNamed: false,
    gpu: false,
    interestIds: [nth],
    interests: [{ role: 'replica', engine, models: undefined, route: undefined }],
  });
  const sink = readers.open(nth, url);
  const page = Buffer.from(`# TYPE ${family} gauge\n${lines.join('')}`);
  sink.start('text/plain');
  sink.chunk(page);
  const outcome = { ok: true, contentType: 'text/plain', bodyBytes: page.length } as const;
  const recognised = sink.finish(outcome, { startedAtMs: nth, endedAtMs: nth, lastCandidate: true, restMs: 0 });
  if (recognised !== 'recognised') throw new Error(`edit ${nth}: the page was not read`);
  readers.remove(nth);
}
