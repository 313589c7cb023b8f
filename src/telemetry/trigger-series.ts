import type { ScalerErrorCode } from '../triggers/scaler-error.ts';
import type { Statuses } from '../triggers/statuses.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';
import type { Family } from './families.ts';
import { triggerFamilies } from './families.ts';
import type { Labels } from './series-text.ts';
import { familyText, label } from './series-text.ts';

const holdReasons: Record<NonNullable<TriggerStatus['holdReason']>, true> = {
  'discovery-not-synced': true,
  'nothing-readable': true,
};
/** Why a trigger is not followed at all; the other codes are of triggers that are. */
const refusalReasons: Record<Exclude<ScalerErrorCode, 'unknown-metric' | 'reading-unavailable'>, true> = {
  'invalid-trigger-metadata': true,
  'denied-by-policy': true,
  'limit-reached': true,
};
const endpointStates: Record<TriggerStatus['endpoints'][number]['state'], true> = {
  read: true,
  stale: true,
  unreadable: true,
  'not-serving': true,
};

/**
 * All series of triggers in the text format, family by family, so that the caller can pause between them. Written here
 * rather than kept in a registry, so that a series ends with its trigger and thousands of triggers cost milliseconds.
 */
export function* triggerSeries({ triggers, refused }: Statuses): Generator<string> {
  // Two triggers may have the same labels: after an edit, the one KEDA asked about last is the one that counts.
  const byAge = [...triggers].sort((a, b) => b.askedAgoMs - a.askedAgoMs);
  const distinct = new Map<Labels, TriggerStatus>();
  for (const trigger of byAge) distinct.set(triggerLabels(trigger), trigger);
  yield familyText(triggerFamilies.triggers, [['', triggers.length]]);
  yield familyText(triggerFamilies.refusedTriggers, refusedByReason(refused));
  yield familyText(triggerFamilies.endpoints, endpointsByState(triggers));
  yield familyText(triggerFamilies.pushStreams, pushStreams(triggers));
  yield familyText(triggerFamilies.holding, holding(distinct));
  for (const [family, read] of perTrigger) yield familyText(family, mapped(distinct, read));
}

const perTrigger: readonly (readonly [Family, (trigger: TriggerStatus) => number | undefined])[] = [
  [triggerFamilies.metricValue, (trigger) => trigger.metricValue],
  [triggerFamilies.targetValue, (trigger) => trigger.targetValue],
  [triggerFamilies.active, ({ active }) => (active === undefined ? undefined : Number(active))],
  [triggerFamilies.replicas, (trigger) => trigger.replicas],
  [triggerFamilies.desiredReplicas, (trigger) => trigger.desiredReplicas],
  [triggerFamilies.dataAge, (trigger) => inSeconds(trigger.dataAgeMs)],
  [triggerFamilies.endpointsFresh, (trigger) => trigger.readable],
  [triggerFamilies.endpointsExpected, (trigger) => trigger.readable + trigger.unreadable],
  [triggerFamilies.endpointsBeyondLimit, (trigger) => trigger.endpointsBeyondLimit],
  [triggerFamilies.gatewayReadable, ({ gateway }) => gateway && Number(gateway.state === 'read')],
  [triggerFamilies.gpuGuard, (trigger) => Number(trigger.activeReason === 'gpu-busy')],
  [triggerFamilies.suspectEndpoints, ({ endpoints }) => endpoints.filter(({ suspect }) => suspect).length],
];

function* mapped(
  triggers: ReadonlyMap<Labels, TriggerStatus>,
  read: (trigger: TriggerStatus) => number | undefined,
): Generator<[Labels, number | undefined]> {
  for (const [labels, trigger] of triggers) yield [labels, read(trigger)];
}

function* holding(triggers: ReadonlyMap<Labels, TriggerStatus>): Generator<[Labels, number]> {
  for (const [labels, { holdReason }] of triggers) {
    for (const reason of Object.keys(holdReasons))
      yield [`${labels},reason="${reason}"`, Number(reason === holdReason)];
  }
}

function refusedByReason(refused: Statuses['refused']): [Labels, number][] {
  const counts = new Map<string, number>(Object.keys(refusalReasons).map((reason) => [reason, 0]));
  for (const { reason } of refused) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => [label('reason', reason), count]);
}

function endpointsByState(triggers: readonly TriggerStatus[]): [Labels, number][] {
  const counts = new Map<string, number>(Object.keys(endpointStates).map((state) => [state, 0]));
  for (const trigger of triggers) {
    for (const { state } of trigger.endpoints) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => [label('state', state), count]);
}

function pushStreams(triggers: readonly TriggerStatus[]): Map<Labels, number> {
  const counts = new Map<Labels, number>();
  for (const trigger of triggers) {
    const labels = scaledObjectLabels(trigger);
    counts.set(labels, (counts.get(labels) ?? 0) + trigger.openPushStreams);
  }
  return counts;
}

function scaledObjectLabels({ namespace, scaledObject }: TriggerStatus): Labels {
  return `${label('namespace', namespace)},${label('scaled_object', scaledObject)}`;
}

function triggerLabels(trigger: TriggerStatus): Labels {
  const scope = trigger.scope === undefined ? '' : `,${label('scope', trigger.scope)}`;
  return `${scaledObjectLabels(trigger)},${label('metric', trigger.metric)}${scope}`;
}

function inSeconds(spanMs: number | undefined): number | undefined {
  return spanMs === undefined ? undefined : spanMs / 1000;
}
