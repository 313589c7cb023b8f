import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from './bench-row.ts';
import { median, progress, quantile, shown } from './figures.ts';
import type { Asked, KedaClient } from './keda-client.ts';
import { startKedaClient } from './keda-client.ts';
import type { PageServer } from './page-server.ts';
import { startPageServer } from './page-server.ts';
import { startServiceProcess } from './service-process.ts';
import { refOf, triggersOver } from './triggers.ts';

const triggers = 1000;
const endpoints = 2000;
const asking = { durationMs: 10_000, steadyPerSecond: 275, burst: 25 };
const periods = 3;
const warmUpMs = 8000;
const goals = { p50Ms: 2, p99Ms: 25, firstMs: 1000, changeMs: 1000 + 50 };
/** Triggers whose value is followed while pages change, and how often all pages change. */
const followed = 8;
const changes = 10;

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstP99Ms: number;
  readonly refused: number;
}

/** How fast KEDA is answered by a busy service, and how old a value it reads. */
export async function benchAnswers(): Promise<BenchRow[]> {
  const pages = await startPageServer({ endpoints, minPageBytes: 50_000, maxPageBytes: 80_000 });
  const keda = startKedaClient();
  try {
    progress(`GetMetrics, ${triggers} triggers, hardly any scraping`);
    const quiet = await measureQuiet(pages, keda);
    progress(`the same while scraping ${endpoints} endpoints a second`);
    return await measureBusy(pages, keda, quiet);
  } finally {
    await Promise.all([keda.stop(), pages.stop()]);
  }
}

async function measureQuiet(pages: PageServer, keda: KedaClient): Promise<Latency> {
  const service = await startServiceProcess();
  try {
    const seldom = { scrapeInterval: '60s', staleAfter: '10m' };
    await keda.use(service.grpcAddress, triggersOver(pages.urls, triggers, seldom));
    await keda.firstQuestions(20);
    await sleep(2000);
    return await measureCalls(keda);
  } finally {
    await service.stop();
  }
}

async function measureBusy(pages: PageServer, keda: KedaClient, quiet: Latency): Promise<BenchRow[]> {
  const service = await startServiceProcess();
  try {
    await keda.use(service.grpcAddress, triggersOver(pages.urls, triggers));
    const first = await keda.firstQuestions(20);
    await sleep(warmUpMs);
    const before = await service.vitals();
    const busy = await measureCalls(keda);
    const after = await service.vitals();
    const rate = (after.scrapes - before.scrapes) / ((periods * asking.durationMs) / 1000);
    progress('pages change: until KEDA reads another value');
    const changeMs = await measureChanges(pages, keda, service.grpcAddress);
    return [...callRows(busy, quiet, rate), firstRow(first), changeRow(changeMs)];
  } finally {
    await service.stop();
  }
}

async function measureCalls(keda: KedaClient): Promise<Latency> {
  const asked: Asked[] = [];
  for (let nth = 0; nth < periods; nth++) asked.push(await keda.ask(asking));
  const all = asked.map(({ steadyMs, burstMs }) => [...steadyMs, ...burstMs]);
  const p99s = all.map((ms) => quantile(ms, 0.99));
  return {
    p50Ms: median(all.map((ms) => median(ms))),
    p99Ms: median(p99s),
    worstP99Ms: Math.max(...p99s),
    refused: asked.reduce((sum, { refused }) => sum + refused, 0),
  };
}

/** Triggers of their own with a short window, on pages that others read too, so that a value follows at once. */
async function measureChanges(pages: PageServer, keda: KedaClient, address: string): Promise<number[]> {
  const step = Math.floor(endpoints / followed);
  const refs = Array.from({ length: followed }, (_, at) =>
    refOf(`followed-${at}`, { endpoints: pages.urls[at * step]!, window: '1s', burstWindow: '1s' }),
  );
  await keda.use(address, refs);
  await keda.firstQuestions(followed);
  const ms: number[] = [];
  for (let nth = 0; nth < changes; nth++) {
    // Long enough for the window to have forgotten the change before; its phase differs from the scrapes'.
    await sleep(2500 + Math.random() * 1000);
    const changed = keda.watchChange(refs.map((_, place) => place));
    await sleep(200);
    const atMs = await pages.setLoad({ running: 50 + nth, waiting: nth });
    ms.push(...(await changed).map((seenMs) => seenMs - atMs));
  }
  return ms;
}

function callRows(busy: Latency, quiet: Latency, rate: number): BenchRow[] {
  const { steadyPerSecond, burst } = asking;
  const figure = `GetMetrics, ${triggers} triggers, ${steadyPerSecond}/s and ${burst} at once each second, at ${rate.toFixed(0)} scrapes/s`;
  const row = (name: string, goal: number, ms: number, quietMs: number, more: string): BenchRow => ({
    figure: `${figure}: ${name}`,
    value: `${shown(ms)} ms${more}`,
    goal: `≤ ${goal} ms`,
    holds: ms <= goal && busy.refused === 0,
    baseline: `the same with an interval of a minute: ${shown(quietMs)} ms (${(ms / quietMs).toFixed(1)}×)`,
  });
  const more = ` (worst of ${periods} periods ${shown(busy.worstP99Ms)}; ${busy.refused} refused)`;
  return [row('p50', goals.p50Ms, busy.p50Ms, quiet.p50Ms, ''), row('p99', goals.p99Ms, busy.p99Ms, quiet.p99Ms, more)];
}

function firstRow({ ms, refused }: { readonly ms: readonly number[]; readonly refused: number }): BenchRow {
  const most = Math.max(...ms);
  return {
    figure: `each trigger's first question, ${triggers} new triggers, 20 at a time`,
    value: `p50 ${shown(median(ms))} ms, most ${shown(most)} ms, ${refused} told to ask again`,
    goal: `< ${goals.firstMs} ms`,
    holds: most < goals.firstMs && refused === 0,
    baseline: 'not measured: a first scrape at its own phase instead of at once would take up to 1000 ms',
  };
}

function changeRow(ms: readonly number[]): BenchRow {
  const p99 = quantile(ms, 0.99);
  return {
    figure: `a page changes → KEDA reads another value (${ms.length} changes, interval 1 s)`,
    value: `p50 ${shown(median(ms))} ms, p99 ${shown(p99)} ms`,
    goal: `≤ ${goals.changeMs} ms`,
    holds: p99 <= goals.changeMs,
    baseline: 'not measured: Prometheus at the customary interval of 15 s is up to 15,000 ms behind',
  };
}
