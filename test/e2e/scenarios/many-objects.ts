import { readFileSync } from 'node:fs';
import type { Kube } from '../cluster/kube.ts';
import { modelDeployment, scaledObject } from '../cluster/objects.ts';
import { mainScaler } from '../cluster/scaler.ts';
import { eventually } from '../eventually.ts';
import { tellModels } from '../models/models-process.ts';
import type { Scenario } from '../scenario.ts';
import { check } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { metricsPage, quantileSince, sumOf } from './metrics-page.ts';

const objects = 200;
const replicasEach = 5;
const measuredForMs = 30_000;
const scalerMetrics = `http://${mainScaler.host}:${mainScaler.adminPort}/metrics`;
const names = Array.from({ length: objects }, (_, index) => `model-${index}`);

export const manyObjects: Scenario = {
  name: 'many-objects',
  title: `${objects} ScaledObjects over ${objects * replicasEach} pods`,
  alone: true,
  async run(stage) {
    await makeAll(stage);
    await eventually('every HPA has a metric of ours', 240_000, () => allHpasServed(stage));
    const before = await figures(stage);
    await new Promise((resolve) => setTimeout(resolve, measuredForMs));
    const after = await figures(stage);
    const cpuShare = (after.cpuSeconds - before.cpuSeconds) / (measuredForMs / 1000);
    check(after.answered - before.answered > objects, 'KEDA did not ask');
    check(after.refused === before.refused, `${after.refused - before.refused} calls were not answered with OK`);
    for (const name of names) {
      const { least, most } = stage.world.history.rangeSince(stage.key(name), 0);
      check(least === replicasEach && most === replicasEach, `${name} went from ${least} to ${most}`);
    }
    const p99Seconds = quantileSince(before.page, after.page, 'keda_llm_scaler_grpc_server_handling_seconds', 0.99);
    return [
      `${Math.round((after.answered - before.answered) / (measuredForMs / 1000))} calls/s`,
      `p99 ≤ ${(p99Seconds * 1000).toFixed(1)} ms`,
      `CPU ${(cpuShare * 100).toFixed(0)} % of a core`,
      `${(after.rssBytes / 1e6).toFixed(0)} MB`,
      `${after.watches} watches at the API server, all clients`,
    ].join(', ');
  },
};

/** Each replica claims 8 running of a target of 8, so nothing is to move. */
async function makeAll(stage: Stage): Promise<void> {
  const { kube } = stage.world;
  const { namespace } = stage;
  const claim = { running: 8, waiting: 0 };
  await tellModels(...names.map((name) => ({ kind: 'pin', workload: stage.key(name), claim }) as const));
  await inTurns(names, (name) => {
    const plan = { name, replicas: replicasEach, readyDelay: '100ms' };
    return kube.apply(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, modelDeployment(namespace, plan));
  });
  await eventually(`${objects * replicasEach} replicas are ready`, 180_000, () => {
    const ready = names.reduce((sum, name) => sum + (stage.now(name)?.ready ?? 0), 0);
    return ready === objects * replicasEach || `${ready} are`;
  });
  await inTurns(names, (name) => {
    const spec = { minReplicaCount: 1, pollingInterval: 10 };
    const plan = { name, triggers: [{ targetValue: '8' }], spec };
    return kube.apply(stage.scaledObjectPath(name), scaledObject(namespace, plan));
  });
}

async function inTurns(all: readonly string[], make: (name: string) => Promise<void>): Promise<void> {
  const queue = [...all];
  const take = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) await make(name);
  };
  await Promise.all(Array.from({ length: 8 }, take));
}

interface Hpa {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly currentMetrics?: readonly { external?: { current?: { averageValue?: string } } }[] | null;
  };
}

async function allHpasServed({ namespace, world }: Stage): Promise<true | string> {
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
  const { items } = await world.kube.get<{ items: readonly Hpa[] }>(path);
  const served = items.filter(({ status }) => status?.currentMetrics?.[0]?.external?.current?.averageValue === '8');
  return served.length === objects || `${served.length} of ${items.length} have it`;
}

async function figures({ world }: Stage) {
  const own = await metricsPage(scalerMetrics);
  const pid = world.scaler.pid;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const ticksPerSecond = 100;
  return {
    answered: sumOf(own, 'keda_llm_scaler_grpc_server_handled_total'),
    refused: sumOf(own, 'keda_llm_scaler_grpc_server_handled_total', (labels) => !labels.includes('code="OK"')),
    page: own,
    cpuSeconds: (Number(stat[11]) + Number(stat[12])) / ticksPerSecond,
    rssBytes: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    watches: await watchCount(world.kube),
  };
}

async function watchCount(kube: Kube): Promise<number> {
  const page = await kube.text('/metrics');
  return sumOf(page, 'apiserver_longrunning_requests', (labels) => labels.includes('verb="WATCH"'));
}
