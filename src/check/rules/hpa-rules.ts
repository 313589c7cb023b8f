import { formatDuration } from '../../config/duration.ts';
import type { HpaBehavior, HpaScalingPolicy, ScaleEvent } from '../../keda/hpa-behavior.ts';
import { rateLimitedReplicas, scaleDownRules, scaleUpRules } from '../../keda/hpa-behavior.ts';
import { kedaDefaults } from '../../keda/scaled-object.ts';
import type { Finding } from '../finding.ts';
import type { ScaledObjectSource } from '../scaled-object-source.ts';
import { findingOn, metadataKey, metadataSpan, specNumber, specSpan } from '../scaled-object-source.ts';
import type { SourceNode } from '../source-node.ts';
import { child, entriesOf, itemsOf, numberOf, textOf } from '../source-node.ts';

const behaviorPath = ['advanced', 'horizontalPodAutoscalerConfig', 'behavior'] as const;
const behaviorKey = `spec.${behaviorPath.join('.')}`;
/** The controller's default sync period. */
const syncMs = 15_000;
/** Longer than this from one replica to the most is told, where nobody chose the pace. */
const slowMs = 60_000;
/** Above this many replicas the default tolerance of 10 % hides two whole ones and more. */
const manyReplicas = 20;
/** What vLLM and its kin batch at most by default: `max_num_seqs`. */
const batchLimits = [256, 512, 1024];

/** Without a behaviour the autoscaler remembers its highest recommendation of five minutes. */
export function behaviorRule(object: ScaledObjectSource): Finding[] {
  if (object.ours.length === 0 || entriesOf(child(object.spec, ...behaviorPath)).size > 0) return [];
  return [
    findingOn(object, {
      rule: 'no-behavior',
      severity: 'warning',
      key: behaviorKey,
      span: specSpan(object, 'advanced'),
      words: 'no "behavior" is given: write at least its "scaleDown"',
      why: 'waking up soon after a high load jumps back towards the old size: the autoscaler takes its highest recommendation of five minutes',
      mend: 'advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 300 } } } }',
    }),
  ];
}

/** A replica that goes takes its cache and its loading time with it. */
export function stabilizationRule(object: ScaledObjectSource): Finding[] {
  const span = child(object.spec, ...behaviorPath, 'scaleDown', 'stabilizationWindowSeconds');
  const seconds = numberOf(span);
  if (object.ours.length === 0 || span === undefined || seconds === undefined || seconds >= 60) return [];
  return [
    findingOn(object, {
      rule: 'stabilization',
      severity: 'warning',
      key: `${behaviorKey}.scaleDown.stabilizationWindowSeconds`,
      span: span.span,
      words: `"stabilizationWindowSeconds" (${seconds}) is below a minute: write 300`,
      why: 'each short lull ends a replica that takes minutes to come back',
      mend: 'stabilizationWindowSeconds: 300',
    }),
  ];
}

/** How long the policies take from one replica to the most. */
export function climbRule(object: ScaledObjectSource): Finding[] {
  if (object.ours.length === 0) return [];
  const most = specNumber(object, 'maxReplicaCount') ?? kedaDefaults.maxReplicaCount;
  const behavior = behaviorOf(child(object.spec, ...behaviorPath));
  const climbMs = climbTimeMs(behavior, most);
  const isChosen = behavior.scaleUp !== undefined;
  if (climbMs !== undefined && (isChosen || climbMs <= slowMs)) return [];
  const times = climbMs === undefined ? 'never' : `only after ${formatDuration(climbMs)}`;
  return [
    findingOn(object, {
      rule: 'slow-climb',
      severity: 'warning',
      key: 'spec.maxReplicaCount',
      span: specSpan(object, 'maxReplicaCount'),
      words: `the autoscaler's policies go from 1 to "maxReplicaCount" (${most}) ${times}: change "behavior.scaleUp"`,
      why: 'a burst that needs them all waits for that and a cold start',
    }),
  ];
}

/** The time by the autoscaler's own arithmetic; `undefined`: an hour is not enough. */
function climbTimeMs(behavior: HpaBehavior, most: number): number | undefined {
  const up = scaleUpRules(behavior);
  const down = scaleDownRules(behavior, 300_000);
  const events: ScaleEvent[] = [];
  let current = 1;
  for (let nowMs = 0; nowMs <= 3_600_000; nowMs += syncMs) {
    if (current >= most) return Math.max(0, nowMs - syncMs) + up.stabilizationWindowSeconds * 1000;
    const input = { nowMs, current, desired: most, minReplicas: 1, maxReplicas: most };
    const next = rateLimitedReplicas(input, { up: events, down: [] }, up, down);
    if (next > current) events.push({ atMs: nowMs, change: next - current });
    current = next;
  }
  return undefined;
}

function behaviorOf(node: SourceNode | undefined): HpaBehavior {
  const up = child(node, 'scaleUp');
  if (up === undefined) return {};
  const policies = itemsOf(child(up, 'policies')).flatMap((policy): HpaScalingPolicy[] => {
    const type = textOf(child(policy, 'type'));
    const value = numberOf(child(policy, 'value'));
    const periodSeconds = numberOf(child(policy, 'periodSeconds'));
    if ((type !== 'Pods' && type !== 'Percent') || value === undefined || periodSeconds === undefined) return [];
    return [{ type, value, periodSeconds }];
  });
  const select = textOf(child(up, 'selectPolicy'));
  const stabilizationWindowSeconds = numberOf(child(up, 'stabilizationWindowSeconds'));
  return {
    scaleUp: {
      ...(policies.length === 0 ? {} : { policies }),
      ...(select === 'Max' || select === 'Min' || select === 'Disabled' ? { selectPolicy: select } : {}),
      ...(stabilizationWindowSeconds === undefined ? {} : { stabilizationWindowSeconds }),
    },
  };
}

/** Inside its tolerance the autoscaler does nothing. */
export function toleranceRule(object: ScaledObjectSource): Finding[] {
  const most = specNumber(object, 'maxReplicaCount') ?? kedaDefaults.maxReplicaCount;
  const hasTolerance = child(object.spec, ...behaviorPath, 'scaleUp', 'tolerance') !== undefined;
  if (object.ours.length === 0 || most <= manyReplicas || hasTolerance) return [];
  return [
    findingOn(object, {
      rule: 'tolerance',
      severity: 'warning',
      key: 'spec.maxReplicaCount',
      span: specSpan(object, 'maxReplicaCount'),
      words: `with up to ${most} replicas a tolerance of 10 % hides ${Math.floor(most / 10)} of them: set "behavior.scaleUp.tolerance" (Kubernetes 1.33 and later), or choose a lower "targetValue"`,
      why: 'load up to a tenth above the target asks for nothing; during a rollout the tolerance keeps its surge',
    }),
  ];
}

/** A target at the batch's limit asks for a second replica when the first is full. */
export function targetRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) => {
    const { parsed: metadata } = trigger;
    if (metadata === undefined || !['concurrency', 'running'].includes(metadata.metric)) return [];
    const { targetValue, activationTargetValue } = metadata;
    const findings: Finding[] = [];
    if (batchLimits.includes(targetValue)) {
      findings.push(
        findingOn(object, {
          rule: 'target-is-batch-limit',
          severity: 'warning',
          key: metadataKey(trigger, 'targetValue'),
          span: metadataSpan(trigger, 'targetValue'),
          words: `"targetValue" ${targetValue} is what an engine batches at most by default: choose what a replica carries within your latency`,
          why: 'engines count sequences and stop at max_num_seqs, so a second replica is asked for only when the first is full and slow',
        }),
      );
    }
    if (activationTargetValue >= targetValue) {
      findings.push(
        findingOn(object, {
          rule: 'activation-above-target',
          severity: 'warning',
          key: metadataKey(trigger, 'activationTargetValue'),
          span: metadataSpan(trigger, 'activationTargetValue'),
          words: `"activationTargetValue" (${activationTargetValue}) is not below "targetValue" (${targetValue}): lower it`,
          why: 'a workload with less demand than one full replica counts as idle, and goes to zero under load',
        }),
      );
    }
    return findings;
  });
}

/** KEDA's default of a hundred replicas is rarely meant where each is a GPU. */
export function maxRule(object: ScaledObjectSource): Finding[] {
  if (object.ours.length === 0 || child(object.spec, 'maxReplicaCount') !== undefined) return [];
  const words = '"maxReplicaCount" is left out, so it is 100: write how many GPUs you would pay for';
  const span = specSpan(object, 'maxReplicaCount');
  return [findingOn(object, { rule: 'no-max', severity: 'warning', key: 'spec.maxReplicaCount', span, words })];
}
