import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from './bench-row.ts';
import { startClusterAtZero } from './cluster-at-zero.ts';
import { median, progress, quantile, shown } from './figures.ts';
import type { Raised } from './keda-client.ts';
import { startKedaClient } from './keda-client.ts';
import { startServiceProcess } from './service-process.ts';
import { refOf } from './triggers.ts';

const triggers = 1000;
const raising = { perSecond: 40, pollEach: 20, pollEveryMs: 1000 };
const goalMs = 100;
const warmUpMs = 3000;

/** From a request that a gateway holds, for a workload at zero replicas, to `true` on KEDA's stream. */
export async function benchPush(): Promise<BenchRow[]> {
  const cluster = await startClusterAtZero(names);
  const keda = startKedaClient();
  try {
    const service = await startServiceProcess(cluster.flags);
    try {
      const queueUrl = await keda.serveQueue(names.map((name) => `models/${name}`));
      const refs = names.map((name) => refOf(name, { gatewayEndpoints: queueUrl }));
      progress(`push: ${triggers} triggers at zero behind one gateway`);
      await keda.use(service.grpcAddress, refs);
      const before = await untilAllAnswer(keda);
      if (before > 0) progress(`${before} triggers were told to ask again before their first answer`);
      await keda.openStreams();
      await sleep(warmUpMs);
      progress(`push: ${triggers} requests, one for each trigger, ${raising.perSecond} a second`);
      return [pushRow(await keda.raise(raising))];
    } finally {
      await service.stop();
    }
  } finally {
    await Promise.all([keda.stop(), cluster.stop()]);
  }
}

const names = Array.from({ length: triggers }, (_, at) => `model-${at}`);

/** Asks until each trigger has answered. Returns how often one could not yet. */
export async function untilAllAnswer(keda: ReturnType<typeof startKedaClient>): Promise<number> {
  let refusedBefore = 0;
  for (let nth = 0; nth < 30; nth++) {
    const { refused } = await keda.firstQuestions(20);
    if (refused === 0) return refusedBefore;
    refusedBefore += refused;
    await sleep(500);
  }
  throw new Error('some triggers at zero never answered');
}

function pushRow({ pushedMs, polledMs }: Raised): BenchRow {
  const p99 = quantile(pushedMs, 0.99);
  const polledP99 = quantile(polledMs, 0.99);
  return {
    figure: `a request is held at the gateway → \`true\` on the stream (${triggers} triggers at zero, one page for all)`,
    value: `p50 ${shown(median(pushedMs))} ms, p99 ${shown(p99)} ms`,
    goal: `p99 ≤ ${goalMs} ms`,
    holds: p99 <= goalMs,
    baseline: `\`IsActive\` asked every second: p99 ${shown(polledP99)} ms (${(polledP99 / p99).toFixed(1)}×)`,
  };
}
