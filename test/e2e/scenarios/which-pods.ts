import { lifeAnnotations } from '../cluster/kwok-stages.ts';
import { modelDeployment } from '../cluster/objects.ts';
import { eventually, steadily } from '../eventually.ts';
import { enginePort, podMarks } from '../models/protocol.ts';
import type { Scenario } from '../scenario.ts';
import { check, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { statusOf } from '../stage.ts';

const trigger = { targetValue: '8', ...shortSpans };
const spec = { minReplicaCount: 1 };
/** Several looks of the autoscaler at its real pace, and its stabilisation. */
const severalSyncsMs = 50_000;

export const recreateUnderLoad: Scenario = {
  name: 'recreate-under-load',
  title: 'strategy Recreate under load: all replicas go at once and load for 40 s, and the size stays',
  hpaPace: 'real',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 4 });
    const path = `/apis/apps/v1/namespaces/${stage.namespace}/deployments/llama`;
    await stage.world.kube.patch(path, { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } });
    await stage.keepOpen('llama', 26);
    await stage.scale({ name: 'llama', triggers: [trigger], spec });
    await stage.status('llama', '26 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 26);
    await stage.stays('llama', 4, 17_000);
    stage.timeline.note('all replicas are replaced at once');
    const annotations = { 'e2e.test/edition': '2', [lifeAnnotations.readyDelay]: '40s' };
    await stage.world.kube.patch(path, { spec: { template: { metadata: { annotations } } } });
    await Promise.all([
      stage.stays('llama', 4, 40_000 + severalSyncsMs),
      stage.status('llama', 'what is lost', ({ why }) => why.includes('not back yet')),
    ]);
    check(stage.now('llama')?.ready === 4, 'not all replicas are back');
    return '4 throughout';
  },
};

export const oneLabelTwoDeployments: Scenario = {
  name: 'one-label-two-deployments',
  title: "another Deployment's pods have the same labels and twice the load: they count for nothing",
  hpaPace: 'real',
  async run(stage) {
    await stage.model({ name: 'llama', replicas: 3 });
    const other = modelDeployment(stage.namespace, { name: 'canary', replicas: 3 }) as SelectedDeployment;
    other.spec.selector.matchLabels.app = 'llama';
    other.spec.template.metadata.labels.app = 'llama';
    await stage.world.kube.apply(`/apis/apps/v1/namespaces/${stage.namespace}/deployments/canary`, other);
    await stage.ready('canary', 3, 30_000);
    await stage.keepOpen('llama', 20);
    await stage.keepOpen('canary', 45);
    await stage.scale({ name: 'llama', triggers: [trigger], spec });
    const others = '3 pods have the labels of Deployment "llama" and another owner, so not counted';
    await stage.status('llama', '20 requests, and whose pods are left out', ({ metricValue, why }) => {
      return Math.round(metricValue ?? 0) === 20 && why.includes(others);
    });
    await stage.stays('llama', 3, severalSyncsMs);
    await stage.keepOpen('canary', 0);
    return 'one counts its own 20 of 65 requests: 3 throughout';
  },
};

interface SelectedDeployment {
  readonly spec: {
    readonly selector: { readonly matchLabels: { app: string } };
    readonly template: { readonly metadata: { readonly labels: { app: string } } };
  };
}

const colours = ['blue', 'green'] as const;
type Colour = (typeof colours)[number];
const rolloutApi = '/apis/argoproj.io/v1alpha1';

export const promotion: Scenario = {
  name: 'blue-green-promotion',
  title: 'a blue-green Rollout is promoted, and back: its load is followed to the other colour within two seconds',
  hpaPace: 'real',
  async run(stage) {
    await defineRollouts(stage);
    const uid = await makeRollout(stage, 3);
    for (const colour of colours) await makeColour(stage, colour, uid);
    await promote(stage, 'blue');
    await stage.keepOpen('blue', 20);
    const scaleTargetRef = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'llama' };
    await stage.scale({ name: 'llama', triggers: [trigger], spec: { ...spec, scaleTargetRef } });
    await stage.status('llama', '20 requests', ({ metricValue }) => Math.round(metricValue ?? 0) === 20);
    await rolloutStays(stage, 3, 17_000);
    for (const [from, to] of [
      ['blue', 'green'],
      ['green', 'blue'],
    ] as const) {
      await promote(stage, to);
      await Promise.all([stage.keepOpen(to, 20), stage.keepOpen(from, 0)]);
      await eventually(`the pods of ${to} are read`, 3_000, async () => {
        const [status] = await statusOf(stage.namespace, 'llama');
        const names = status?.endpoints.map(({ name }) => name) ?? [];
        return (names.length === 3 && names.every((name) => name.includes(to))) || names.join();
      });
      await rolloutStays(stage, 3, severalSyncsMs);
    }
    return '3 throughout two promotions';
  },
};

/** Argo's definition as far as autoscalers and this scaler look at it. */
async function defineRollouts({ world: { kube } }: Stage): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  };
  await kube.apply('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.argoproj.io', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'rollouts.argoproj.io' },
    spec: {
      group: 'argoproj.io',
      names: { kind: 'Rollout', plural: 'rollouts' },
      scope: 'Namespaced',
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema, subresources: { status: {}, scale } }],
    },
  });
  await eventually('Rollouts are served', 20_000, async () => {
    await kube.get(`${rolloutApi}/namespaces/default/rollouts`);
    return true;
  });
}

const rolloutPath = (stage: Stage): string => `${rolloutApi}/namespaces/${stage.namespace}/rollouts/llama`;

async function makeRollout(stage: Stage, replicas: number): Promise<string> {
  const { kube } = stage.world;
  await kube.apply(rolloutPath(stage), {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'llama', namespace: stage.namespace },
    spec: { replicas },
  });
  const { metadata } = await kube.get(rolloutPath(stage));
  return String((metadata as { uid?: string }).uid);
}

/** What Argo's controller writes when a colour becomes the active one. */
async function promote(stage: Stage, colour: Colour): Promise<void> {
  stage.timeline.note(`${colour} is promoted`);
  const selector = `app=llama,rollouts-pod-template-hash=${colour}`;
  await stage.world.kube.patch(`${rolloutPath(stage)}/status`, { status: { replicas: 3, selector } });
}

async function makeColour(stage: Stage, colour: Colour, uid: string): Promise<void> {
  const name = `llama-${colour}`;
  const matchLabels = { app: 'llama', 'rollouts-pod-template-hash': colour };
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'llama', uid, controller: true };
  const labels = { ...matchLabels, [podMarks.role]: 'model', [podMarks.workload]: colour };
  const annotations = {
    [podMarks.engine]: 'vllm',
    [lifeAnnotations.createDelay]: '200ms',
    [lifeAnnotations.readyDelay]: '1s',
    [lifeAnnotations.deleteDelay]: '1s',
  };
  const containers = [{ name: 'server', image: 'model', ports: [{ name: 'http', containerPort: enginePort }] }];
  const path = `/apis/apps/v1/namespaces/${stage.namespace}/replicasets/${name}`;
  await stage.world.kube.apply(path, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: stage.namespace, labels: matchLabels, ownerReferences: [owner] },
    spec: {
      replicas: 3,
      selector: { matchLabels },
      template: {
        metadata: { labels, annotations },
        spec: { nodeName: 'node-a', automountServiceAccountToken: false, containers },
      },
    },
  });
  await eventually(`three pods of ${colour} are ready`, 30_000, async () => {
    const { status } = await stage.world.kube.get(path);
    return status?.readyReplicas === 3 || JSON.stringify(status);
  });
}

async function rolloutStays(stage: Stage, replicas: number, forMs: number): Promise<void> {
  await steadily(`the Rollout is asked to have ${replicas} replicas`, forMs, async () => {
    const { spec: asked } = (await stage.world.kube.get(rolloutPath(stage))) as { spec?: { replicas?: number } };
    return asked?.replicas === replicas || `${asked?.replicas}`;
  });
}
