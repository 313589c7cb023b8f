import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from './bench-row.ts';
import type { ChurnCluster } from './churn-cluster.ts';
import { startChurnCluster } from './churn-cluster.ts';
import { startChurnKeda } from './churn-keda.ts';
import { kubeconfigFor } from './cluster-at-zero.ts';
import { progress, shown } from './figures.ts';
import { lineChart } from './line-chart.ts';
import type { ServiceProcess } from './service-process.ts';
import { startServiceProcess } from './service-process.ts';
import { theilSenSlope } from './theil-sen.ts';

const workloads = 20;
const podsEach = 10;
const hours = 24;
/** One replacement of each endpoint in ten minutes. */
const replacements = hours * 6 * workloads * podsEach;
/** Each workload's triggers are edited once an hour, its stream breaks twice, KEDA's connection every half hour. */
const edits = hours * workloads;
const brokenStreams = 2 * hours * workloads;
const newConnections = 2 * hours;
const sampleEveryMs = 2000;
/** Of the time, before memory is judged. */
const warmUpRatio = 1 / 2;
const mostGrowth = 1;
/** The heap grows and is collected; what stays is the least of so many hours. */
const valleyHours = 2;
const picture = 'artifacts/churn.svg';

interface Sample {
  /** Hours of the day that is played. */
  readonly hour: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly series: number;
  readonly sockets: number;
  readonly triggers: number;
  readonly replaced: number;
}

/** A day of pods that come and go, edits and broken streams, in minutes: whether memory stays where it is. */
export async function benchChurn({ minutes }: { readonly minutes: number }): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cluster = await startChurnCluster({ workloads, podsEach });
  const keda = startChurnKeda();
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigFor(cluster.server));
    const service = await startServiceProcess(['--kubeconfig', kubeconfig, '--trigger-idle-timeout', '1m']);
    try {
      const withinMs = minutes * 60_000;
      progress(`a day in ${minutes} minutes: ${replacements} replacements of ${workloads * podsEach} endpoints`);
      const restless = keda.run(service.grpcAddress, { workloads, edits, brokenStreams, newConnections, withinMs });
      const replacing = cluster.replace(replacements, withinMs);
      const samples = await watch(service, cluster, withinMs);
      await replacing;
      const { answers, refused, ...done } = await restless;
      progress(`${done.edits} edits, ${done.brokenStreams} broken streams, ${answers} answers, ${refused} refused`);
      await draw(samples);
      return rows(samples, answers, refused);
    } finally {
      await service.stop();
    }
  } finally {
    await Promise.all([keda.stop(), cluster.stop(), rm(folder, { recursive: true })]);
  }
}

async function watch(service: ServiceProcess, cluster: ChurnCluster, withinMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startedMs = performance.now();
  let told = 0;
  for (;;) {
    await sleep(sampleEveryMs);
    const sinceMs = performance.now() - startedMs;
    if (sinceMs >= withinMs) return samples;
    const sample = await sampleOf(service, (hours * sinceMs) / withinMs, await cluster.replaced());
    samples.push(sample);
    if (sample.hour < told) continue;
    told += 2;
    progress(inWords(sample));
  }
}

async function sampleOf(service: ServiceProcess, hour: number, replaced: number): Promise<Sample> {
  const page = await (await fetch(`http://${service.adminAddress}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'm').exec(page)?.[1]);
  return {
    hour,
    replaced,
    rss: value('process_resident_memory_bytes') / 1e6,
    heapUsed: value('nodejs_heap_size_used_bytes') / 1e6,
    external: value('nodejs_external_memory_bytes') / 1e6,
    series: page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    sockets: value('process_open_fds'),
    triggers: value('keda_llm_scaler_triggers'),
  };
}

function inWords({ hour, rss, heapUsed, external, series, sockets, triggers, replaced }: Sample): string {
  return (
    `hour ${hour.toFixed(0)}: ${replaced} replaced, RSS ${rss.toFixed(0)} MB, heap ${heapUsed.toFixed(1)} MB, ` +
    `external ${external.toFixed(1)} MB, ${series} series, ${sockets} descriptors, ${triggers} triggers`
  );
}

async function draw(samples: readonly Sample[]): Promise<void> {
  const line = (name: string, colour: string, read: (sample: Sample) => number) => {
    return { name, colour, points: samples.map((sample) => ({ x: sample.hour, y: read(sample) })) };
  };
  const lines = [
    line('RSS', '#1b6ac9', ({ rss }) => rss),
    line('heap used', '#c9501b', ({ heapUsed }) => heapUsed),
    line('external', '#3a8f3a', ({ external }) => external),
  ];
  await mkdir('artifacts', { recursive: true });
  await writeFile(picture, lineChart('A day of churn: memory of the service', { x: 'hours', y: 'MB' }, lines));
  await writeFile(picture.replace(/svg$/, 'json'), `${JSON.stringify(samples)}\n`);
  progress(`drawn in ${picture}`);
}

/** What the heap holds after collections, which come minutes apart. */
function valleyRow(warm: readonly Sample[]): BenchRow {
  const valleys = new Map<number, number>();
  for (const { hour, heapUsed } of warm) {
    const bucket = Math.floor(hour / valleyHours);
    valleys.set(bucket, Math.min(heapUsed, valleys.get(bucket) ?? heapUsed));
  }
  const points = [...valleys].map(([bucket, y]) => ({ x: (bucket + 0.5) * valleyHours, y }));
  const slope = theilSenSlope(points);
  return {
    figure: `heap used, the least of each ${valleyHours} hours`,
    value: `${slope.toFixed(3)} MB an hour`,
    goal: '–',
    holds: undefined,
    baseline: `lowest of all ${shown(Math.min(...valleys.values()))} MB, last ${shown(points.at(-1)!.y)} MB`,
  };
}

function rows(samples: readonly Sample[], answers: number, refused: number): BenchRow[] {
  const warm = samples.filter(({ hour }) => hour >= hours * warmUpRatio);
  const slope = (read: (sample: Sample) => number): number =>
    theilSenSlope(warm.map((sample) => ({ x: sample.hour, y: read(sample) })));
  const [first, last] = [warm[0]!, warm.at(-1)!];
  const row = (name: string, unit: string, read: (sample: Sample) => number, goal?: number): BenchRow => ({
    figure: `${name}, a day with ${last.replaced} replaced pods of ${workloads * podsEach}, ${edits} edits, ${brokenStreams} broken streams`,
    value: `${slope(read).toFixed(3)} ${unit} an hour`,
    goal: goal === undefined ? '–' : `≤ ${goal} ${unit} an hour`,
    holds: goal === undefined ? undefined : slope(read) <= goal,
    baseline: `at hour ${first.hour.toFixed(0)}: ${shown(read(first))} ${unit}, at hour ${last.hour.toFixed(0)}: ${shown(read(last))} ${unit}`,
  });
  return [
    row('memory (RSS)', 'MB', ({ rss }) => rss, mostGrowth),
    valleyRow(warm),
    row('external memory', 'MB', ({ external }) => external),
    row('series on /metrics', 'series', ({ series }) => series),
    row(`open descriptors (${answers} answers, ${refused} refused)`, 'descriptors', ({ sockets }) => sockets),
  ];
}
