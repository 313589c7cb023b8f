import { metricNameOf } from '../../config/metadata/metric-name.ts';
import { nearestName } from '../../config/nearest-name.ts';
import type { Edit, Finding } from '../finding.ts';
import type { ScaledObjectSource, TriggerSource } from '../scaled-object-source.ts';
import { findingOn, metadataKey, metadataSpan } from '../scaled-object-source.ts';
import type { SourceNode } from '../source-node.ts';
import { entriesOf, shown } from '../source-node.ts';

/** What `GetMetricSpec` would refuse, at the key it is about. */
export function metadataRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) => [
    ...notTextFindings(object, trigger),
    ...trigger.faults.map(({ key, words, meant }) => {
      const span = metadataSpan(trigger, key);
      const value = key === undefined ? undefined : trigger.metadata.get(key)?.value;
      return findingOn(object, {
        ...{ rule: 'metadata', severity: 'error', key: metadataKey(trigger, key), span, words },
        ...(meant !== undefined && value !== undefined
          ? { mend: `${meant}: ${written(value)}`, edits: [{ ...span, text: meant }] }
          : {}),
      });
    }),
  ]);
}

/** The API server takes texts alone, and reads `32` and `true` as something else. */
function notTextFindings(object: ScaledObjectSource, trigger: TriggerSource): Finding[] {
  return [...trigger.metadata].flatMap(([key, { value }]) => {
    if (value.kind === 'scalar' && typeof value.value === 'string') return [];
    const words = `expected the value of "${key}" as a text in quotes, found ${shown(value)}`;
    const why = 'the API server refuses the object: metadata holds texts alone';
    const told = { rule: 'metadata-not-text', severity: 'error', key: metadataKey(trigger, key), why, words } as const;
    if (value.kind !== 'scalar' || value.value === null) return [findingOn(object, { ...told, span: value.span })];
    const mend = `${key}: ${written(value)}`;
    return [findingOn(object, { ...told, span: value.span, mend, edits: [quoteEdit(value)] })];
  });
}

function quoteEdit(value: SourceNode): Edit {
  return { ...value.span, text: written(value) };
}

function written(value: SourceNode): string {
  return value.kind === 'scalar' && value.value !== null ? JSON.stringify(String(value.value)) : '""';
}

/** The type is one of two words; only `external-push` wakes at once. */
export function typeRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) => {
    if (trigger.type === 'external-push') return [];
    const value = entriesOf(trigger.node).get('type')?.value;
    const span = value?.span ?? trigger.node.span;
    const fix = { mend: 'type: external-push', edits: [{ ...span, text: 'external-push' }] };
    const key = `spec.triggers[${trigger.at}].type`;
    if (trigger.type !== 'external') {
      const words = `expected "external-push", found ${JSON.stringify(trigger.type)}`;
      return [findingOn(object, { rule: 'trigger-type', severity: 'error', key, span, words, ...fix })];
    }
    const words = 'expected "external-push", found "external"';
    const why = 'with "external" KEDA opens no stream, so a request at zero replicas waits for the next poll';
    return [findingOn(object, { rule: 'trigger-type', severity: 'error', key, span, words, why, ...fix })];
  });
}

/** A mean or maximum is not a total, and a total is not to be multiplied. */
export function metricTypeRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) => {
    const { parsed: metadata } = trigger;
    if (metadata === undefined) return [];
    const isValue = trigger.metricType === 'Value';
    if (isValue === (metadata.aggregation !== 'sum')) return [];
    const span = entriesOf(trigger.node).get('metricType')?.key ?? metadataSpan(trigger, 'aggregation');
    const rule = 'metric-type';
    if (isValue) {
      const words = '"metricType: Value" expects "aggregation" "mean" or "max", found "sum"';
      const why = 'the autoscaler multiplies a Value by the replicas: a total grows with each replica, and again';
      const mend = 'leave "metricType" out, or write aggregation: "mean"';
      const key = `spec.triggers[${trigger.at}].metricType`;
      return [findingOn(object, { rule, severity: 'error', key, span, words, why, mend })];
    }
    const words = `"aggregation" "${metadata.aggregation}" expects "metricType: Value" beside "metadata"`;
    const why =
      'the autoscaler divides an AverageValue by the target: a mean asks for one or two replicas, whatever the load';
    const key = metadataKey(trigger, 'aggregation');
    return [findingOn(object, { rule, severity: 'error', key, span, words, why, mend: 'metricType: Value' })];
  });
}

/** Two triggers that count the same are one, and the larger target of the two never decides. */
export function sameMetricRule(object: ScaledObjectSource): Finding[] {
  const seen = new Map<string, number>();
  return object.ours.flatMap((trigger) => {
    const { parsed: metadata } = trigger;
    if (metadata === undefined) return [];
    const { targetValue: _, ...counted } = metadata;
    const what = JSON.stringify([metricNameOf(metadata), trigger.metricType, counted]);
    const before = seen.get(what);
    if (before === undefined) {
      seen.set(what, trigger.at);
      return [];
    }
    const words = `trigger ${trigger.at} counts the same "${metadata.metric}" as trigger ${before}: keep the one with the lower "targetValue"`;
    const why = 'the autoscaler takes the larger count, so the trigger with the higher target never decides';
    const key = `spec.triggers[${trigger.at}]`;
    return [findingOn(object, { rule: 'same-metric', severity: 'error', key, span: trigger.node.span, words, why })];
  });
}

/** KEDA dials what is written: `host:port` without a scheme. */
export function addressRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) => {
    const entry = trigger.metadata.get('scalerAddress')!;
    const address = entry.value.kind === 'scalar' ? String(entry.value.value) : '';
    if (/^[^:/\s]+:\d+$/.test(address)) return [];
    const words = `expected "scalerAddress" as HOST:PORT without a scheme, found ${shown(entry.value)}`;
    const why = 'KEDA cannot connect, and then makes no autoscaler';
    const span = entry.value.span;
    const key = metadataKey(trigger, 'scalerAddress');
    return [findingOn(object, { rule: 'scaler-address', severity: 'error', key, span, words, why })];
  });
}

/** Keys that KEDA reads beside a trigger's metadata. */
const triggerKeys = ['type', 'name', 'metadata', 'metricType', 'authenticationRef', 'useCachedMetrics'];

/** Keys beside the metadata that KEDA does not know are dropped without a word. */
export function triggerKeyRule(object: ScaledObjectSource): Finding[] {
  return object.ours.flatMap((trigger) =>
    [...entriesOf(trigger.node)].flatMap(([name, { key: span }]) => {
      if (triggerKeys.includes(name)) return [];
      const near = nearestName(name, triggerKeys);
      const advice = near === undefined ? `KEDA reads ${triggerKeys.join(', ')}` : `did you mean "${near}"?`;
      const words = `"${name}" is no field of a trigger; ${advice}`;
      const fix = near === undefined ? {} : { edits: [{ ...span, text: near }] };
      const key = `spec.triggers[${trigger.at}].${name}`;
      return [findingOn(object, { rule: 'unknown-field', severity: 'error', key, span, words, ...fix })];
    }),
  );
}
