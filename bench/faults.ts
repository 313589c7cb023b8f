import { setTimeout as sleep } from 'node:timers/promises';
import type { WireScaledObjectRef } from '../src/simulate/keda/scaler.ts';
import { startAsker } from './asker.ts';
import type { BenchRow } from './bench-row.ts';
import { startClusterAtZero } from './cluster-at-zero.ts';
import { median, progress, quantile, shown } from './figures.ts';
import type { HostileServer } from './hostile-server.ts';
import { startHostileServer } from './hostile-server.ts';
import { crowds, hostileTriggers, restlessTriggers } from './hostile-triggers.ts';
import type { Asked, KedaClient } from './keda-client.ts';
import { startKedaClient } from './keda-client.ts';
import type { PageServer } from './page-server.ts';
import { startPageServer } from './page-server.ts';
import { untilAllAnswer } from './push.ts';
import type { ServiceProcess } from './service-process.ts';
import { startServiceProcess } from './service-process.ts';
import { refOf, triggersOver } from './triggers.ts';

const goodTriggers = 50;
/** Good ones besides, whose workload is at zero behind a gateway. */
const sleepers = 100;
const asking = { durationMs: 5000, steadyPerSecond: 100, burst: 25 };
const periods = 3;
const changes = 4;
const raising = { perSecond: 20, pollEach: 1000, pollEveryMs: 1000 };
const warmUpMs = 5000;
const load = { running: 37, waiting: 5 };
const mostRatio = 2;

/** What stands beside the good triggers. */
interface Company {
  readonly name: string;
  readonly refs: readonly WireScaledObjectRef[];
  readonly restless?: readonly WireScaledObjectRef[];
}

/** How the good triggers fared. */
interface Fared {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly wrong: number;
  readonly refused: number;
  readonly answers: number;
  readonly changedP99Ms: number;
  readonly pushedP99Ms: number;
  readonly cpuRatio: number;
  readonly megabytes: number;
}

interface Stage {
  readonly pages: PageServer;
  readonly keda: KedaClient;
  readonly sleeping: KedaClient;
}

const names = Array.from({ length: sleepers }, (_, at) => `sleeper-${at}`);

/** Whether good triggers are answered as fast and as right beside trouble as they are alone. */
export async function benchFaults(): Promise<BenchRow[]> {
  const page = { minPageBytes: 50_000, maxPageBytes: 80_000 };
  const stage: Stage = {
    pages: await startPageServer({ endpoints: goodTriggers, ...page }),
    keda: startKedaClient(),
    sleeping: startKedaClient(),
  };
  const others = await startPageServer({ endpoints: 2000, ...page });
  const hostile = await startHostileServer();
  try {
    const queueUrl = await stage.sleeping.serveQueue(names.map((name) => `models/${name}`));
    const rows: BenchRow[] = [];
    let alone: Fared | undefined;
    for (const company of companies(others, hostile)) {
      progress(`${goodTriggers} good triggers ${company.name}`);
      const fared = await fare(stage, queueUrl, company, hostile.everywherePort);
      progress(inWords(fared));
      if (alone === undefined) alone = fared;
      else rows.push(row(company.name, fared, alone));
    }
    return rows;
  } finally {
    const all = [stage.keda, stage.sleeping, stage.pages, others, hostile];
    await Promise.all(all.map((each) => each.stop()));
  }
}

function companies(others: PageServer, hostile: HostileServer): Company[] {
  const drips = Array.from({ length: 100 }, (_, at) => hostile.url('drip', at));
  const own = hostileTriggers(hostile);
  const all: Company[] = [
    { name: 'alone', refs: [] },
    { name: 'beside 100 endpoints that drip a byte a second', refs: inNamespace('slow', triggersOver(drips, 10)) },
    { name: 'beside 50 hostile triggers', refs: own, restless: restlessTriggers(hostile) },
    { name: 'beside 1,000 triggers of 1,000 endpoints', refs: inFour(triggersOver(others.urls.slice(0, 1000), 1000)) },
    { name: 'beside 100 triggers of 2,000 endpoints', refs: inNamespace('others', triggersOver(others.urls, 100)) },
    // What differs here from the first is the machine's doing.
    { name: 'alone, once more', refs: [] },
  ];
  const only = process.env.BENCH_FAULTS;
  return only === undefined ? all : all.filter(({ name }) => name.startsWith('alone') || name.includes(only));
}

function inNamespace(namespace: string, refs: readonly WireScaledObjectRef[]): WireScaledObjectRef[] {
  return refs.map((ref) => ({ ...ref, namespace }));
}

function inFour(refs: readonly WireScaledObjectRef[]): WireScaledObjectRef[] {
  return refs.map((ref, at) => ({ ...ref, namespace: `others-${at % 4}` }));
}

async function fare(
  { pages, keda, sleeping }: Stage,
  queueUrl: string,
  { refs, restless }: Company,
  port: number,
): Promise<Fared> {
  const cluster = await startClusterAtZero(names, { services: crowds, endpointsEach: 1200, port });
  const asker = startAsker();
  await pages.setLoad(load);
  const service = await startServiceProcess(cluster.flags, 'default limits');
  try {
    const followed = { window: '1s', burstWindow: '1s' };
    await keda.use(service.grpcAddress, triggersOver(pages.urls, goodTriggers, followed));
    await untilAllAnswer(keda);
    await sleeping.use(
      service.grpcAddress,
      names.map((name) => refOf(name, { gatewayEndpoints: queueUrl })),
    );
    await untilAllAnswer(sleeping);
    await sleeping.openStreams();
    if (refs.length > 0) await asker.ask(service.grpcAddress, refs, restless);
    await sleep(warmUpMs);
    return await measure({ pages, keda, sleeping }, service);
  } finally {
    await sleeping.forget();
    await Promise.all([service.stop(), cluster.stop(), asker.stop()]);
  }
}

async function measure({ pages, keda, sleeping }: Stage, service: ServiceProcess): Promise<Fared> {
  const [before, fromMs] = [await service.vitals(), performance.now()];
  const asked: Asked[] = [];
  const expected = load.running + load.waiting;
  for (let nth = 0; nth < periods; nth++) asked.push(await keda.ask({ ...asking, expected }));
  const after = await service.vitals();
  const cpuRatio = (1000 * (after.cpuSeconds - before.cpuSeconds)) / (performance.now() - fromMs);
  const changedMs = await measureChanges(pages, keda);
  const { pushedMs } = await sleeping.raise(raising);
  const ms = asked.map(({ steadyMs, burstMs }) => [...steadyMs, ...burstMs]);
  return {
    p50Ms: median(ms.map((each) => median(each))),
    p99Ms: median(ms.map((each) => quantile(each, 0.99))),
    wrong: asked.reduce((sum, each) => sum + each.wrong, 0),
    refused: asked.reduce((sum, each) => sum + each.refused, 0),
    answers: ms.flat().length,
    changedP99Ms: quantile(changedMs, 0.99),
    pushedP99Ms: quantile(pushedMs, 0.99),
    cpuRatio,
    megabytes: after.rssBytes / 1e6,
  };
}

/** Milliseconds from a change of all pages to another value of each trigger. */
async function measureChanges(pages: PageServer, keda: KedaClient): Promise<number[]> {
  const places = Array.from({ length: goodTriggers }, (_, place) => place);
  const ms: number[] = [];
  for (let nth = 0; nth < changes; nth++) {
    await sleep(2000 + Math.random() * 1000);
    const changed = keda.watchChange(places);
    await sleep(200);
    const atMs = await pages.setLoad({ running: 50 + nth, waiting: nth });
    ms.push(...(await changed).map((seenMs) => seenMs - atMs));
  }
  return ms;
}

function inWords({
  p50Ms,
  p99Ms,
  wrong,
  refused,
  answers,
  changedP99Ms,
  pushedP99Ms,
  cpuRatio,
  megabytes,
}: Fared): string {
  const faults =
    wrong + refused === 0 ? `all ${answers} values right` : `of ${answers} values ${wrong} wrong, ${refused} refused`;
  return (
    `\`GetMetrics\` p50 ${shown(p50Ms)} ms, p99 ${shown(p99Ms)} ms, ${faults}; page changes → value p99 ` +
    `${shown(changedP99Ms)} ms; held → \`true\` p99 ${shown(pushedP99Ms)} ms; ${shown(cpuRatio)} cores, ${shown(megabytes)} MB`
  );
}

function row(name: string, fared: Fared, alone: Fared): BenchRow {
  const ratio = (part: 'p99Ms' | 'changedP99Ms' | 'pushedP99Ms'): string => (fared[part] / alone[part]).toFixed(1);
  return {
    figure: `${goodTriggers} good triggers ${name}`,
    value: inWords(fared),
    goal: `p99 ≤ ${mostRatio}× alone, every value right`,
    holds: fared.p99Ms <= mostRatio * alone.p99Ms && fared.wrong === 0 && fared.refused === 0,
    baseline: `alone: ${inWords(alone)} (${ratio('p99Ms')}×, changes ${ratio('changedP99Ms')}×, pushes ${ratio('pushedP99Ms')}×)`,
  };
}
