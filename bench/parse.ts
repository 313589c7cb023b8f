import { pathToFileURL } from 'node:url';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { PageParser } from '../src/exposition/page-parser.ts';
import { wantedNames } from '../src/exposition/wanted-names.ts';
import type { BenchRow } from './bench-row.ts';
import { vllmPage, vllmWantedNames } from './vllm-page.ts';

const goalMicros = 40;
const rounds = 9;
const roundMillis = 60;

/** CPU time of one page in our parser, beside a full-text library and a parser of the usual kind, on the same pages. */
export async function benchParse(): Promise<BenchRow[]> {
  return [50_000, 80_000].flatMap(benchPage);
}

function benchPage(minBytes: number): BenchRow[] {
  const text = vllmPage(minBytes);
  const page = Buffer.from(text);
  const whole = chunksOf(page, 64 * 1024);
  const small = chunksOf(page, 5_800);
  const parser = new PageParser(wantedNames(vllmWantedNames), 'text/plain');
  const wanted = new Set<string>(vllmWantedNames);
  const found = parsePage(parser, whole);
  if (found !== splitAndMatch(text, wanted) || found !== parsePage(parser, small)) throw new Error('parsers disagree');
  const library = cpuMicros(() => parsePrometheusTextFormat(text).length);
  const split = cpuMicros(() => splitAndMatch(text, wanted));
  const size = `${(page.length / 1000).toFixed(0)} kB, ${vllmWantedNames.length} names`;
  return [
    rowOf(
      `parse ${size}, chunks of 64 KiB`,
      cpuMicros(() => parsePage(parser, whole)),
      library,
      split,
    ),
    rowOf(
      `parse ${size}, chunks of 5.8 kB`,
      cpuMicros(() => parsePage(parser, small)),
      library,
      split,
    ),
  ];
}

function rowOf(figure: string, micros: number, library: number, split: number): BenchRow {
  return {
    figure,
    value: `${micros.toFixed(1)} µs CPU`,
    goal: `≤ ${goalMicros} µs`,
    holds: micros <= goalMicros,
    baseline: `${ratio('parse-prometheus-text-format', library, micros)}; ${ratio('split + regex', split, micros)}`,
  };
}

function ratio(name: string, theirs: number, ours: number): string {
  return `${name} ${theirs.toFixed(0)} µs (${(theirs / ours).toFixed(1)}×)`;
}

function parsePage(parser: PageParser, chunks: readonly Buffer[]): number {
  parser.reset('text/plain; version=0.0.4');
  for (const chunk of chunks) parser.push(chunk);
  const outcome = parser.end();
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.page.samples.reduce((sum, sample) => sum + sample.value, 0);
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;

/** What most exporters' readers do: a string, its lines, a regular expression. */
function splitAndMatch(text: string, wanted: ReadonlySet<string>): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, , value] = sampleLine.exec(line) ?? [];
    if (name !== undefined && wanted.has(name)) sum += Number(value);
  }
  return sum;
}

function chunksOf(page: Buffer, bytes: number): Buffer[] {
  const count = Math.ceil(page.length / bytes);
  return Array.from({ length: count }, (_, index) => page.subarray(index * bytes, (index + 1) * bytes));
}

/** CPU time of one call, garbage collection included: the least of several rounds, for other load only adds. */
function cpuMicros(work: () => number): number {
  const spent = Array.from({ length: rounds }, () => cpuMicrosOfRound(work));
  return Math.min(...spent);
}

function cpuMicrosOfRound(work: () => number): number {
  const untilMillis = performance.now() + roundMillis;
  const before = process.cpuUsage();
  let calls = 0;
  while (performance.now() < untilMillis) {
    for (let batch = 0; batch < 10; batch++) work();
    calls += 10;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.table(await benchParse());
