import { describe, expect, it } from 'vitest';
import { checkManifests } from '../../src/check/check-manifests.ts';
import type { Changes } from './scaled-objects.ts';
import { another, scaledObject } from './scaled-objects.ts';

const settings = { scalerAddress: undefined, coldStartMs: 120_000 };

function found(text: string): string[] {
  const { files } = checkManifests([{ name: 'so.yaml', text }], settings);
  return files[0]!.findings.map(({ severity, rule, key }) => `${severity} ${rule} ${key}`);
}

const t0 = 'spec.triggers[0]';
const m0 = `${t0}.metadata`;
const behavior = 'spec.advanced.horizontalPodAutoscalerConfig.behavior';
const horizontal = (rules: object) => ({ advanced: { horizontalPodAutoscalerConfig: { behavior: rules } } });
const down = { scaleDown: { stabilizationWindowSeconds: 300 } };

const broken: readonly [what: string, changes: Changes, findings: readonly string[]][] = [
  ['a target that is missing', { metadata: { targetValue: undefined } }, [`error metadata ${m0}`]],
  ['a target that is no number', { metadata: { targetValue: 'many' } }, [`error metadata ${m0}.targetValue`]],
  ['a target of nothing', { metadata: { targetValue: '' } }, [`error metadata ${m0}.targetValue`]],
  ['a negative target', { metadata: { targetValue: '-3' } }, [`error metadata ${m0}.targetValue`]],
  ['a target without quotes', { metadata: { targetValue: 32 } }, [`error metadata-not-text ${m0}.targetValue`]],
  ['a switch without quotes', { metadata: { enableTLS: true } }, [`error metadata-not-text ${m0}.enableTLS`]],
  ['a value that is a map', { metadata: { model: { name: 'a' } } }, [`error metadata-not-text ${m0}.model`]],
  ['a value that is a list', { metadata: { model: ['a'] } }, [`error metadata-not-text ${m0}.model`]],
  ['a value left empty', { metadata: { model: null } }, [`error metadata-not-text ${m0}.model`]],
  ['a key in other letters', { metadata: { windoW: '60s' } }, [`error metadata ${m0}.windoW`]],
  ['a misspelled key', { metadata: { gatewayServce: 'epp' } }, [`error metadata ${m0}.gatewayServce`]],
  ['the word of another scaler', { metadata: { threshold: '5' } }, [`error metadata ${m0}.threshold`]],
  ['a key nobody knows', { metadata: { colour: 'red' } }, [`error metadata ${m0}.colour`]],
  [
    'a field of the trigger among the metadata',
    { metadata: { metricType: 'Value' } },
    [`error metadata ${m0}.metricType`],
  ],
  ['a value from the environment', { metadata: { modelFromEnv: 'MODEL' } }, [`error metadata ${m0}.modelFromEnv`]],
  ['a duration without a unit', { metadata: { window: '60' } }, [`error metadata ${m0}.window`]],
  ['a window below a second', { metadata: { window: '10ms' } }, [`error metadata ${m0}.window`]],
  ['a burst longer than the window', { metadata: { burstWindow: '2m' } }, [`error metadata ${m0}.burstWindow`]],
  ['an engine nobody knows', { metadata: { engine: 'vlm' } }, [`error metadata ${m0}.engine`]],
  ['a metric nobody knows', { metadata: { metric: 'qps' } }, [`error metadata ${m0}.metric`]],
  ['two places of the pages', { metadata: { service: 'a', dns: 'a.b.c' } }, [`error metadata ${m0}.dns`]],
  ['a gateway key without a gateway', { metadata: { gatewayPort: '80' } }, [`error metadata ${m0}.gatewayPort`]],
  ['a custom engine without families', { metadata: { engine: 'custom' } }, [`error metadata ${m0}.engine`]],
  [
    'a ratio above one',
    { metadata: { metric: 'kvCache', aggregation: 'max', targetValue: '80' }, trigger: { metricType: 'Value' } },
    [`error metadata ${m0}.targetValue`],
  ],
  ['a scheme nobody knows', { metadata: { scheme: 'ftp' } }, [`error metadata ${m0}.scheme`]],
  ['a path without a slash', { metadata: { path: 'metrics' } }, [`error metadata ${m0}.path`]],
  [
    'an address without a port',
    { metadata: { scalerAddress: 'keda-llm-scaler.keda' } },
    [`error scaler-address ${m0}.scalerAddress`],
  ],
  [
    'an address with a scheme',
    { metadata: { scalerAddress: 'llm-scaler://keda:6000' } },
    [`error scaler-address ${m0}.scalerAddress`],
  ],
  ['external where external-push is meant', { trigger: { type: 'external' } }, [`error trigger-type ${t0}.type`]],
  ['a misspelled type', { trigger: { type: 'externl-push' } }, [`error trigger-type ${t0}.type`]],
  ['a misspelled field of the trigger', { trigger: { metricTyp: 'Value' } }, [`error unknown-field ${t0}.metricTyp`]],
  ['a Value that is a total', { trigger: { metricType: 'Value' } }, [`error metric-type ${t0}.metricType`]],
  ['a mean that is divided', { metadata: { aggregation: 'mean' } }, [`error metric-type ${m0}.aggregation`]],
  ['a maximum that is divided', { metadata: { aggregation: 'max' } }, [`error metric-type ${m0}.aggregation`]],
  ['two triggers of one metric', { more: [another()] }, ['error same-metric spec.triggers[1]']],
  ['two targets for one metric', { more: [another({ targetValue: '8' })] }, ['error same-metric spec.triggers[1]']],
  ['zero with nothing in front', { spec: { minReplicaCount: 0 } }, ['error zero-without-gateway spec.minReplicaCount']],
  [
    'zero by default with nothing in front',
    { spec: { minReplicaCount: undefined } },
    ['error zero-without-gateway spec.minReplicaCount'],
  ],
  [
    'zero with pages at fixed addresses',
    { spec: { minReplicaCount: 0 }, metadata: { endpoints: 'http://10.1.2.3:8000/metrics', gatewayService: 'epp' } },
    ['error zero-with-endpoints spec.triggers[0].metadata.endpoints'],
  ],
  [
    'idleReplicaCount with nothing in front',
    { spec: { idleReplicaCount: 0 } },
    ['error zero-without-gateway spec.minReplicaCount'],
  ],
  [
    'idleReplicaCount that is not zero',
    { spec: { idleReplicaCount: 1, minReplicaCount: 2 } },
    ['error idle-replica-count spec.idleReplicaCount'],
  ],
  [
    'idleReplicaCount beside zero',
    { spec: { idleReplicaCount: 0, minReplicaCount: 0 }, metadata: { gatewayService: 'epp' } },
    ['error idle-replica-count spec.idleReplicaCount'],
  ],
  ['a minimum above the maximum', { spec: { minReplicaCount: 9 } }, ['error counts spec.maxReplicaCount']],
  [
    'a maximum of zero',
    { spec: { maxReplicaCount: 0 } },
    ['error counts spec.maxReplicaCount', 'error whole-number spec.maxReplicaCount'],
  ],
  [
    'a count in quotes',
    { spec: { maxReplicaCount: '8' } },
    [
      'error whole-number spec.maxReplicaCount',
      'warning tolerance spec.maxReplicaCount',
      'warning slow-climb spec.maxReplicaCount',
    ],
  ],
  ['half a replica', { spec: { minReplicaCount: 1.5 } }, ['error whole-number spec.minReplicaCount']],
  [
    'a span with a unit where seconds are meant',
    { spec: { pollingInterval: '5s' } },
    ['error whole-number spec.pollingInterval', 'warning polling-interval spec.pollingInterval'],
  ],
  ["another tool's word for the minimum", { spec: { minReplicas: 1 } }, ['error unknown-field spec.minReplicas']],
  ['a behaviour in the wrong place', { spec: { behavior: {} } }, ['error unknown-field spec.behavior']],
  [
    'a misspelled field of the spec',
    { spec: { coolDownPeriod: 300, cooldownPeriod: undefined } },
    ['error unknown-field spec.coolDownPeriod'],
  ],
  ['no scale target', { spec: { scaleTargetRef: {} } }, ['error scale-target spec.scaleTargetRef']],
  ['no behaviour', { spec: { advanced: undefined } }, [`warning no-behavior ${behavior}`]],
  ['an empty behaviour', { spec: horizontal({}) }, [`warning no-behavior ${behavior}`]],
  [
    'no stabilisation downwards',
    { spec: horizontal({ scaleDown: { stabilizationWindowSeconds: 0 } }) },
    [`warning stabilization ${behavior}.scaleDown.stabilizationWindowSeconds`],
  ],
  [
    'a behaviour that never goes up',
    { spec: horizontal({ ...down, scaleUp: { selectPolicy: 'Disabled' } }) },
    ['warning slow-climb spec.maxReplicaCount'],
  ],
  [
    'many replicas under the default tolerance',
    { spec: { maxReplicaCount: 30 } },
    ['warning tolerance spec.maxReplicaCount'],
  ],
  [
    'no maximum',
    { spec: { maxReplicaCount: undefined } },
    [
      'warning no-max spec.maxReplicaCount',
      'warning tolerance spec.maxReplicaCount',
      'warning slow-climb spec.maxReplicaCount',
    ],
  ],
  ['a slow poll', { spec: { pollingInterval: 30 } }, ['warning polling-interval spec.pollingInterval']],
  ['the default poll', { spec: { pollingInterval: undefined } }, ['warning polling-interval spec.pollingInterval']],
  [
    'a cooldown below a poll',
    { spec: { minReplicaCount: 0, cooldownPeriod: 5 }, metadata: { gatewayService: 'epp' } },
    ['warning cooldown-period spec.cooldownPeriod'],
  ],
  [
    'a cooldown below a cold start',
    { spec: { minReplicaCount: 0, cooldownPeriod: 60 }, metadata: { gatewayService: 'epp' } },
    ['warning cooldown-period spec.cooldownPeriod'],
  ],
  [
    'an idle span below a poll',
    { metadata: { service: 'llama', idleAfter: '1s' } },
    [`warning idle-after ${m0}.idleAfter`],
  ],
  ['cached metrics', { trigger: { useCachedMetrics: true } }, [`warning cached-metrics ${t0}.useCachedMetrics`]],
  [
    "the batch's limit as the target",
    { metadata: { targetValue: '256' } },
    [`warning target-is-batch-limit ${m0}.targetValue`],
  ],
  [
    'an activation above the target',
    { metadata: { activationTargetValue: '32' } },
    [`warning activation-above-target ${m0}.activationTargetValue`],
  ],
  [
    'a fallback beside a Value',
    {
      spec: { fallback: { failureThreshold: 3, replicas: 2 } },
      trigger: { metricType: 'Value' },
      metadata: { aggregation: 'mean' },
    },
    ['warning fallback spec.fallback'],
  ],
  [
    'a fallback beside a schedule',
    {
      spec: { fallback: { failureThreshold: 3, replicas: 2 } },
      more: [
        { type: 'cron', metadata: { timezone: 'UTC', start: '0 8 * * *', end: '0 18 * * *', desiredReplicas: '2' } },
      ],
    },
    ['warning fallback spec.fallback'],
  ],
  [
    'a paused object',
    { object: { annotations: { 'autoscaling.keda.sh/paused-replicas': '0' } } },
    ['warning paused metadata.annotations["autoscaling.keda.sh/paused-replicas"]'],
  ],
];

it('has sixty broken objects and more', () => expect(broken.length).toBeGreaterThanOrEqual(60));

it('says nothing of a good one', () => expect(found(scaledObject())).toEqual([]));

describe('tells', () => {
  it.each(broken)('%s', (_what, changes, findings) =>
    expect(found(scaledObject(changes)).sort()).toEqual([...findings].sort()),
  );
});

it('tells of two objects that scale one workload', () => {
  const text = `${scaledObject()}---\n${scaledObject({ object: { name: 'other' } })}`;
  expect(found(text)).toEqual(['error same-target spec.scaleTargetRef']);
});

it('tells of the same object of two overlays once', () =>
  expect(found(`${scaledObject()}---\n${scaledObject()}`)).toEqual([]));

it('tells of an address that most others do not have', () => {
  const named = (name: string, address: string) =>
    scaledObject({ object: { name }, spec: { scaleTargetRef: { name } }, metadata: { scalerAddress: address } });
  const all = [named('a', 'llm-scaler:6000'), named('b', 'llm-scaler:6000'), named('c', 'llm-scaler.keda:6000')];
  expect(found(all.join('---\n'))).toEqual([`error scaler-address-differs ${m0}.scalerAddress`]);
  expect(found(all.slice(1).join('---\n'))).toEqual([]);
});

it('lets another trigger wake a workload at zero', () => {
  const cron = {
    type: 'cron',
    metadata: { timezone: 'UTC', start: '0 8 * * *', end: '0 18 * * *', desiredReplicas: '1' },
  };
  expect(found(scaledObject({ spec: { minReplicaCount: 0 }, more: [cron] }))).toEqual([]);
});

it('lets a gateway wake a workload at zero', () =>
  expect(found(scaledObject({ spec: { minReplicaCount: 0 }, metadata: { gatewayService: 'epp' } }))).toEqual([]));

it('knows this scaler by the address it is told', () => {
  const text = scaledObject({ metadata: { scalerAddress: 'ours:6000', targetValue: 'x' } });
  const check = (scalerAddress: string | undefined) =>
    checkManifests([{ name: 'so.yaml', text }], { ...settings, scalerAddress }).files[0]!.findings.length;
  expect([check('ours:6000'), check(undefined), check('theirs:6000')]).toEqual([1, 0, 0]);
});
