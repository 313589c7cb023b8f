import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from './bench-row.ts';
import { progress } from './figures.ts';
import { startKedaClient } from './keda-client.ts';
import { startPageServer } from './page-server.ts';
import { startServiceProcess } from './service-process.ts';
import { triggersOver } from './triggers.ts';

const endpoints = 1000;
const warmUpMs = 10_000;
const measureMs = 20_000;
const startsWithinMs = 30_000;
const goalRatio = 8;
const keptFamilies = 'vllm:num_requests_running|vllm:num_requests_waiting|vllm:request_success_total';

/** CPU of one scrape beside Prometheus's, on the same pages; only where `PROMETHEUS` names its binary. */
export async function benchPrometheus(): Promise<BenchRow[]> {
  const figure = `CPU per scrape beside Prometheus, ${endpoints} endpoints once a second, three families kept`;
  const goal = `≤ 1/${goalRatio} of Prometheus's`;
  const binary = process.env.PROMETHEUS;
  if (binary === undefined) {
    const baseline = 'not given: set PROMETHEUS to the path of its binary';
    return [{ figure, value: 'not measured', goal, holds: undefined, baseline }];
  }
  const pages = await startPageServer({ endpoints, minPageBytes: 50_000, maxPageBytes: 80_000 });
  try {
    progress('our service');
    const ours = await measureService(pages.urls);
    progress('Prometheus');
    const theirs = await measurePrometheus(binary, pages.urls);
    const ratio = theirs / ours;
    const baseline = `Prometheus ${theirs.toFixed(0)} µs (${ratio.toFixed(1)}×)`;
    return [{ figure, value: `${ours.toFixed(0)} µs`, goal, holds: ratio >= goalRatio, baseline }];
  } finally {
    await pages.stop();
  }
}

async function measureService(urls: readonly string[]): Promise<number> {
  const service = await startServiceProcess();
  const keda = startKedaClient();
  try {
    await keda.use(service.grpcAddress, triggersOver(urls, endpoints / 10));
    await keda.firstQuestions(10);
    await sleep(warmUpMs);
    const before = await service.vitals();
    await sleep(measureMs);
    const after = await service.vitals();
    return ((after.cpuSeconds - before.cpuSeconds) * 1e6) / (after.scrapes - before.scrapes);
  } finally {
    await Promise.all([service.stop(), keda.stop()]);
  }
}

async function measurePrometheus(binary: string, urls: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'prometheus.json');
  await writeFile(config, JSON.stringify(configFor(urls)));
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`];
  const child = spawn(binary, flags, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  try {
    await untilReady(address);
    await sleep(warmUpMs);
    const before = await cpuSecondsOf(address);
    await sleep(measureMs);
    const spent = (await cpuSecondsOf(address)) - before;
    return (spent * 1e6) / (urls.length * (measureMs / 1000));
  } finally {
    child.kill();
    await exited;
    await rm(folder, { recursive: true });
  }
}

/** YAML takes JSON as it is. */
function configFor(urls: readonly string[]): unknown {
  const targets = urls.map((url) => new URL(url).host);
  const keep = { source_labels: ['__name__'], regex: keptFamilies, action: 'keep' };
  return {
    global: { scrape_interval: '1s', scrape_timeout: '800ms' },
    scrape_configs: [{ job_name: 'bench', static_configs: [{ targets }], metric_relabel_configs: [keep] }],
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilReady(address: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < startsWithinMs; waitedMs += 200) {
    const response = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(200);
  }
  throw new Error('Prometheus did not become ready');
}

async function cpuSecondsOf(address: string): Promise<number> {
  const page = await (await fetch(`http://${address}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(page)?.[1]);
}
