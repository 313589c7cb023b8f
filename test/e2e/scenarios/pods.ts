import type { KubeObject } from '../cluster/kube.ts';
import { lifeAnnotations } from '../cluster/kwok-stages.ts';
import { setUnreachable } from '../cluster/namespaces.ts';
import { eventually } from '../eventually.ts';
import type { Scenario } from '../scenario.ts';
import { check, longerThanEveryWindowMs, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const trigger = { targetValue: '8', ...shortSpans };

async function noneLost(stage: Stage): Promise<void> {
  const load = await stage.load('llama');
  check(load?.lost === 0, `${load?.lost} requests were lost`);
}

export const rollingUpdate: Scenario = {
  name: 'rolling-update',
  title: 'a rolling update under load: every replica is replaced, none is added',
  async run(stage) {
    const plan = { name: 'llama', replicas: 3, deleteDelay: '15s' } as const;
    await stage.model(plan);
    await stage.keepOpen('llama', 23);
    await stage.scale({ name: 'llama', triggers: [trigger] });
    await stage.status('llama', '23 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 23);
    await stage.stays('llama', 3, 6000);
    const before = new Set((await stage.podsOf('llama')).map(({ metadata }) => metadata.name));
    stage.timeline.note('rolling update');
    const path = `/apis/apps/v1/namespaces/${stage.namespace}/deployments/llama`;
    const template = { metadata: { annotations: { 'e2e.test/edition': '2' } } };
    await stage.world.kube.patch(path, { spec: { template } });
    await Promise.all([
      stage.stays('llama', 3, 2 * longerThanEveryWindowMs),
      // The HPA looks every few seconds: a value that is too high for one second is seen by luck alone.
      stage.neverAsksForMore('llama', 3, 8, 2 * longerThanEveryWindowMs),
      eventually('every replica is a new one', 2 * longerThanEveryWindowMs, async () => {
        const names = (await stage.podsOf('llama')).map(({ metadata }) => metadata.name);
        return (names.length === 3 && names.every((name) => !before.has(name))) || names.join(', ');
      }),
    ]);
    await noneLost(stage);
    return '3 → 3, all new, no request lost';
  },
};

export const neverReady: Scenario = {
  name: 'never-ready',
  title: 'replicas that never become ready: what is held in front decides, and counts once',
  async run(stage) {
    await stage.gateway();
    await stage.model({ name: 'llama', neverReady: true });
    await stage.scale({
      name: 'llama',
      triggers: [{ ...trigger, gatewayService: 'gateway' }],
    });
    await stage.status('llama', 'KEDA has opened its push stream', ({ openPushStreams }) => openPushStreams > 0);
    await stage.keepOpen('llama', 20);
    await stage.desired('llama', 3, 40_000);
    await stage.stays('llama', 3, longerThanEveryWindowMs);
    await stage.keepOpen('llama', 0);
    return '20 held: 3, and no more';
  },
};

export const longTermination: Scenario = {
  name: 'long-termination',
  title: 'replicas that take 40 s to end: their requests count once, and are finished',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 4, deleteDelay: '40s' });
    await stage.keepOpen('llama', 30);
    await stage.scale({ name: 'llama', triggers: [trigger] });
    await stage.status('llama', '30 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 30);
    await stage.keepOpen('llama', 15);
    await stage.desired('llama', 2, 60_000);
    await stage.stays('llama', 2, longerThanEveryWindowMs);
    check((await stage.podsOf('llama')).length === 4, 'the replicas that end are gone already');
    await eventually('they are gone', 60_000, async () => {
      const { length } = await stage.podsOf('llama');
      return length === 2 || `${length} pods`;
    });
    await stage.stays('llama', 2, 5000);
    await noneLost(stage);
    return '4 → 2 with two replicas ending for 40 s, no request lost';
  },
};

export const vanishedNode: Scenario = {
  name: 'vanished-node',
  title: 'half of the replicas vanish with their node: the size stays, and they are replaced',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 4 });
    await stage.keepOpen('llama', 26);
    await stage.scale({ name: 'llama', triggers: [trigger] });
    await stage.status('llama', '26 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 26);
    const gone = (await stage.podsOf('llama')).slice(0, 2);
    const addresses = gone.map(({ status }) => String(status?.podIP));
    stage.timeline.note('two replicas vanish');
    for (const address of addresses) setUnreachable(address, true);
    await stage.stays('llama', 4, 12_000);
    stage.timeline.note('their node is found to be lost');
    for (const pod of gone) await becomeUnready(stage, pod);
    await stage.stays('llama', 4, 12_000);
    stage.timeline.note('they are removed');
    for (const { metadata } of gone) {
      const path = `/api/v1/namespaces/${stage.namespace}/pods/${metadata.name}`;
      await stage.world.kube.remove(path, { gracePeriodSeconds: 0 });
    }
    for (const address of addresses) setUnreachable(address, false);
    await stage.ready('llama', 4, 30_000);
    await stage.stays('llama', 4, longerThanEveryWindowMs);
    return '4 throughout';
  },
};

/** What the node controller does to the pods of a node it has lost. */
async function becomeUnready(stage: Stage, { metadata }: KubeObject): Promise<void> {
  const path = `/api/v1/namespaces/${stage.namespace}/pods/${metadata.name}`;
  await stage.world.kube.patch(path, { metadata: { annotations: { [lifeAnnotations.neverReady]: 'true' } } });
  const conditions = [{ type: 'Ready', status: 'False', reason: 'NodeNotReady' }];
  await stage.world.kube.patch(`${path}/status`, { status: { conditions } });
}
