import { nearestName } from '../../config/nearest-name.ts';
import type { Finding } from '../finding.ts';
import type { ScaledObjectSource } from '../scaled-object-source.ts';
import { findingOn, specNumber, specSpan } from '../scaled-object-source.ts';
import { child, entriesOf, itemsOf, shown, textOf } from '../source-node.ts';

/** Fields of a ScaledObject's spec. */
const specKeys = [
  'scaleTargetRef',
  'pollingInterval',
  'initialCooldownPeriod',
  'cooldownPeriod',
  'idleReplicaCount',
  'minReplicaCount',
  'maxReplicaCount',
  'advanced',
  'triggers',
  'fallback',
];

const wholeNumbers: Readonly<Record<string, number>> = {
  pollingInterval: 1,
  initialCooldownPeriod: 0,
  cooldownPeriod: 0,
  idleReplicaCount: 0,
  minReplicaCount: 0,
  maxReplicaCount: 1,
};

/** What other tools call the same thing. */
const otherWords: Readonly<Record<string, string>> = {
  minReplicas: 'minReplicaCount',
  maxReplicas: 'maxReplicaCount',
  behavior: 'advanced.horizontalPodAutoscalerConfig.behavior',
  scaleDown: 'advanced.horizontalPodAutoscalerConfig.behavior.scaleDown',
  scaleUp: 'advanced.horizontalPodAutoscalerConfig.behavior.scaleUp',
};

/** Fields that the API server drops without a word. */
export function specKeyRule(object: ScaledObjectSource): Finding[] {
  return [...entriesOf(object.spec)].flatMap(([name, { key: span }]) => {
    if (specKeys.includes(name)) return [];
    const meant = otherWords[name] ?? nearestName(name, specKeys);
    const advice = meant === undefined ? `the fields are ${specKeys.join(', ')}` : `did you mean "${meant}"?`;
    const isPlain = meant !== undefined && !meant.includes('.') && !entriesOf(object.spec).has(meant);
    const told = {
      rule: 'unknown-field',
      severity: 'error',
      key: `spec.${name}`,
      span,
      words: `"${name}" is no field of a ScaledObject's spec; ${advice}`,
      why: 'the API server drops it without a word, and the default counts',
    } as const;
    return [findingOn(object, isPlain ? { ...told, edits: [{ ...span, text: meant }] } : told)];
  });
}

/** Counts and spans are whole numbers. */
export function wholeNumberRule(object: ScaledObjectSource): Finding[] {
  return Object.entries(wholeNumbers).flatMap(([name, least]) => {
    const node = child(object.spec, name);
    if (node === undefined) return [];
    const isWhole = node.kind === 'scalar' && Number.isInteger(node.value) && Number(node.value) >= least;
    if (isWhole) return [];
    const words = `expected "${name}" as a whole number, at least ${least}, found ${shown(node)}`;
    return [
      findingOn(object, { rule: 'whole-number', severity: 'error', key: `spec.${name}`, span: node.span, words }),
    ];
  });
}

/** Without a name there is nothing to scale. */
export function scaleTargetRule(object: ScaledObjectSource): Finding[] {
  if (textOf(child(object.spec, 'scaleTargetRef', 'name')) !== undefined) return [];
  const words = 'expected "scaleTargetRef.name", the workload to scale, found none';
  const span = specSpan(object, 'scaleTargetRef');
  return [findingOn(object, { rule: 'scale-target', severity: 'error', key: 'spec.scaleTargetRef', span, words })];
}

/** What contradicts itself among the counts. */
export function countRule(object: ScaledObjectSource): Finding[] {
  const most = specNumber(object, 'maxReplicaCount');
  const least = specNumber(object, 'minReplicaCount') ?? 0;
  const idle = specNumber(object, 'idleReplicaCount');
  const findings: Finding[] = [];
  if (most !== undefined && most < least) {
    const words = `"minReplicaCount" (${least}) is above "maxReplicaCount" (${most}): change one`;
    const span = specSpan(object, 'maxReplicaCount');
    findings.push(findingOn(object, { rule: 'counts', severity: 'error', key: 'spec.maxReplicaCount', span, words }));
  }
  if (idle !== undefined && (idle !== 0 || least === 0)) {
    const words =
      idle === 0
        ? '"idleReplicaCount: 0" expects "minReplicaCount" above 0: leave it out, for "minReplicaCount: 0" says it already'
        : `"idleReplicaCount" expects 0, found ${idle}: write how many to keep as "minReplicaCount"`;
    const why = 'KEDA takes 0 alone, below "minReplicaCount"';
    const span = specSpan(object, 'idleReplicaCount');
    findings.push(
      findingOn(object, {
        rule: 'idle-replica-count',
        severity: 'error',
        key: 'spec.idleReplicaCount',
        span,
        words,
        why,
      }),
    );
  }
  return findings;
}

/** Fallback speaks after errors alone. */
export function fallbackRule(object: ScaledObjectSource): Finding[] {
  const fallback = child(object.spec, 'fallback');
  if (fallback === undefined) return [];
  const span = specSpan(object, 'fallback');
  const key = 'spec.fallback';
  const valueTriggers = object.ours.filter(({ metricType }) => metricType === 'Value');
  const findings = valueTriggers.map(({ at }) => {
    const words = `"fallback" and trigger ${at} with "metricType: Value" contradict each other: leave one out`;
    const why = 'KEDA works out a Value from the ready pods, and fails where none is: just then fallback is needed';
    return findingOn(object, { rule: 'fallback', severity: 'warning', key, span, words, why });
  });
  const neverFail = object.triggers.filter(({ type }) => type === 'cpu' || type === 'memory' || type === 'cron');
  if (neverFail.length === 0) return findings;
  const names = [...new Set(neverFail.map(({ type }) => type))].join(', ');
  const words = `"fallback" is not asked for triggers of type ${names}, which never answer with an error`;
  return [...findings, findingOn(object, { rule: 'fallback', severity: 'warning', key, span, words })];
}

/** What KEDA pauses for good. */
export function pausedRule(object: ScaledObjectSource): Finding[] {
  const annotations = entriesOf(child(object.root, 'metadata', 'annotations'));
  return [...annotations].flatMap(([name, { key: span, value }]) => {
    if (!name.startsWith('autoscaling.keda.sh/paused')) return [];
    if (textOf(value) === 'false') return [];
    const words = `the annotation "${name}" keeps KEDA from scaling: take it off when you are done`;
    const key = `metadata.annotations["${name}"]`;
    return [findingOn(object, { rule: 'paused', severity: 'warning', key, span, words })];
  });
}

/** How many triggers there are at all. */
export function noTriggerRule(object: ScaledObjectSource): Finding[] {
  if (itemsOf(child(object.spec, 'triggers')).length > 0) return [];
  const span = specSpan(object, 'triggers');
  const words = 'expected a list of "triggers", found none';
  return [findingOn(object, { rule: 'no-trigger', severity: 'error', key: 'spec.triggers', span, words })];
}
