import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from './bench-row.ts';
import { median, progress, shown } from './figures.ts';
import { startKedaClient } from './keda-client.ts';
import { startPageServer } from './page-server.ts';
import { measureAxios } from './scrape.ts';
import type { ServiceProcess, Vitals } from './service-process.ts';
import { startServiceProcess } from './service-process.ts';
import { triggersOver } from './triggers.ts';

const endpoints = 2000;
const triggers = 200;
/** A rate that plain axios holds on one core. */
const axiosEndpoints = 500;
const warmUpMs = 20_000;
const windowMs = 2000;
const windowCount = 20;
const goalMicros = 150;
const goalMegabytes = 200;

/** What the whole service costs: CPU time of one scrape with all that follows from it, and memory after a minute. */
export async function benchServiceCost(): Promise<BenchRow[]> {
  const pages = await startPageServer({ endpoints, minPageBytes: 50_000, maxPageBytes: 80_000 });
  const keda = startKedaClient();
  const service = await startServiceProcess();
  try {
    const idle = await service.vitals();
    progress(`the service, ${triggers} triggers, ${endpoints} endpoints once a second: a minute`);
    await keda.use(service.grpcAddress, triggersOver(pages.urls, triggers));
    await keda.firstQuestions(50);
    await sleep(warmUpMs);
    const vitals = await watch(service, keda);
    await service.stop();
    progress('plain axios for comparison');
    const axios = await measureAxios(pages.urls.slice(0, axiosEndpoints));
    return [cpuRow(vitals, axios.cpuMicros), memoryRow(vitals, idle)];
  } finally {
    await Promise.all([service.stop(), keda.stop(), pages.stop()]);
  }
}

/** Looks at the service again and again while KEDA asks about each trigger every ten seconds. */
async function watch(service: ServiceProcess, keda: ReturnType<typeof startKedaClient>): Promise<Vitals[]> {
  const asking = keda.ask({ durationMs: windowCount * windowMs, steadyPerSecond: triggers / 10, burst: 0 });
  const vitals = [await service.vitals()];
  for (let nth = 0; nth < windowCount; nth++) {
    await sleep(windowMs);
    vitals.push(await service.vitals());
  }
  await asking;
  return vitals;
}

function cpuRow(vitals: readonly Vitals[], axiosMicros: number): BenchRow {
  const perScrape = vitals.slice(1).map((now, nth) => {
    const before = vitals[nth]!;
    return ((now.cpuSeconds - before.cpuSeconds) * 1e6) / (now.scrapes - before.scrapes);
  });
  const [first, last] = [vitals[0]!, vitals.at(-1)!];
  const rate = (last.scrapes - first.scrapes) / ((windowCount * windowMs) / 1000);
  const failed = last.scrapeFailures - first.scrapeFailures;
  const micros = median(perScrape);
  return {
    figure: `CPU per scrape, whole service: fetch, parse, window, answers (${endpoints} endpoints, ${triggers} triggers)`,
    value: `${micros.toFixed(0)} µs at ${rate.toFixed(0)}/s, ${failed} failed`,
    goal: `≤ ${goalMicros} µs at ${endpoints}/s`,
    holds: micros <= goalMicros && rate >= endpoints * 0.95,
    baseline: `axios + split/regex, fetch and parse only: ${shown(axiosMicros)} µs (${(axiosMicros / micros).toFixed(1)}×)`,
  };
}

function memoryRow(vitals: readonly Vitals[], idle: Vitals): BenchRow {
  const most = Math.max(...vitals.map(({ rssBytes }) => rssBytes)) / 1e6;
  const idleMegabytes = idle.rssBytes / 1e6;
  return {
    figure: `memory (RSS), ${endpoints} endpoints, ${triggers} triggers, a minute`,
    value: `${most.toFixed(0)} MB`,
    goal: `≤ ${goalMegabytes} MB`,
    holds: most <= goalMegabytes,
    baseline: `the same service without triggers: ${idleMegabytes.toFixed(0)} MB (${(most / idleMegabytes).toFixed(1)}×)`,
  };
}
