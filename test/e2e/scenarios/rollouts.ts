import { lifeAnnotations } from '../cluster/kwok-stages.ts';
import { eventually } from '../eventually.ts';
import type { Scenario } from '../scenario.ts';
import { check, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const trigger = { targetValue: '8', ...shortSpans };
/** The autoscaler looks at least three times in it. */
const severalSyncsMs = 50_000;

/** Workloads beside each other, one with a value for its size and a surge, one for which only an error is right. */
const workloads = [
  { name: 'small', replicas: 12, requests: 94, spec: { maxReplicaCount: 60 } },
  { name: 'large', replicas: 40, requests: 316, spec: { maxReplicaCount: 60, minReplicaCount: 1 } },
] as const;

async function underLoad(stage: Stage): Promise<void> {
  for (const { name, replicas } of workloads) await stage.applyModel({ name, replicas, maxSurge: 1 });
  for (const { name, replicas } of workloads) await stage.ready(name, replicas, 60_000);
  for (const { name, requests, spec } of workloads) {
    await stage.keepOpen(name, requests);
    await stage.scale({ name, triggers: [trigger], spec });
  }
  for (const { name, requests } of workloads) {
    await stage.status(name, `${requests} requests`, ({ metricValue }) => Math.round(metricValue ?? 0) === requests);
  }
}

/** Begins a rolling update whose first new replica takes longer to load than the scenario lasts. */
async function rollOut(stage: Stage): Promise<void> {
  for (const { name, replicas } of workloads) {
    stage.timeline.note(`a rolling update of ${name}`);
    const annotations = { 'e2e.test/edition': '2', [lifeAnnotations.readyDelay]: '600s' };
    const path = `/apis/apps/v1/namespaces/${stage.namespace}/deployments/${name}`;
    await stage.world.kube.patch(path, { spec: { template: { metadata: { annotations } } } });
    await eventually(`${name} has a replica of surge`, 10_000, () => {
      return stage.now(name)?.current === replicas + 1 || `${stage.now(name)?.current} replicas`;
    });
  }
}

async function allStay(stage: Stage, forMs: number): Promise<void> {
  await Promise.all(workloads.map(({ name, replicas }) => stage.stays(name, replicas, forMs)));
}

export const surgeUnderSteadyLoad: Scenario = {
  name: 'surge-under-steady-load',
  title: 'a rolling update of 12 and of 40 replicas under steady load: its surge buys none',
  hpaPace: 'real',
  async run(stage) {
    await underLoad(stage);
    await allStay(stage, 17_000);
    await rollOut(stage);
    await allStay(stage, severalSyncsMs);
    return '12 and 40 throughout';
  },
};

export const surgeUnderOutage: Scenario = {
  name: 'surge-under-outage',
  title: 'the same while no page can be read',
  hpaPace: 'real',
  async run(stage) {
    await underLoad(stage);
    for (const { name } of workloads) await stage.fault(name, 'refuse');
    for (const { name, replicas } of workloads) {
      await stage.status(name, 'nothing can be read', ({ unreadable }) => unreadable === replicas);
    }
    await rollOut(stage);
    await allStay(stage, severalSyncsMs);
    return '12 and 40 throughout';
  },
};

export const valueWhileLoading: Scenario = {
  name: 'value-while-loading',
  title: 'metricType Value: four replicas of which one is ready, at twice its target, stay four while the others load',
  hpaPace: 'real',
  async run(stage) {
    await stage.applyModel({ name: 'llama', replicas: 4, readyDelay: '600s' });
    await eventually('four replicas load', 10_000, async () => {
      const pods = await stage.podsOf('llama');
      return pods.filter(({ status }) => status?.podIP).length === 4 || `${pods.length}`;
    });
    const [first] = await stage.podsOf('llama');
    const path = `/api/v1/namespaces/${stage.namespace}/pods/${first!.metadata.name}`;
    await stage.world.kube.patch(`${path}/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    await stage.pin('llama', { running: 16, waiting: 0 });
    const triggers = [{ ...trigger, aggregation: 'mean' }];
    await stage.scale({ name: 'llama', triggers, metricType: 'Value', spec: { minReplicaCount: 1 } });
    await stage.status('llama', 'a mean of 16', ({ metricValue }) => metricValue === 16);
    await stage.stays('llama', 4, severalSyncsMs);
    check(stage.now('llama')?.ready === 1, `${stage.now('llama')?.ready} replicas are ready`);
    return '4 throughout, with one ready';
  },
};
