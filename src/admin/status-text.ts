import { nearestName } from '../config/nearest-name.ts';
import { quoted } from '../config/quoted.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';

/** What can be said of the process itself. */
export interface ProcessStatus {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly ready: boolean;
  /** Why not; `undefined` when ready. */
  readonly why: string | undefined;
}

/** Every trigger, as JSON. */
export function renderStatus(process: ProcessStatus, triggers: readonly TriggerStatus[]): string {
  return json({ ...process, triggers: triggers.map(triggerView) });
}

/** The triggers of one ScaledObject as a JSON array, or `undefined` when there is none. */
export function renderScaledObject(
  triggers: readonly TriggerStatus[],
  namespace: string,
  name: string,
): string | undefined {
  const own = triggers.filter((trigger) => trigger.namespace === namespace && trigger.scaledObject === name);
  return own.length === 0 ? undefined : json(own.map(triggerView));
}

/** Words for somebody who asked for a ScaledObject that is not followed. */
export function renderUnknown(triggers: readonly TriggerStatus[], namespace: string, name: string): string {
  return json({
    error: `KEDA has not asked about ScaledObject ${quoted(name)} in namespace ${quoted(namespace)} lately`,
    nearest: nearestObjects(triggers, namespace, name).map((object) => `${object.namespace}/${object.name}`),
    hint: 'a trigger appears with its first question, and goes 10 minutes after its last one; /status lists all',
  });
}

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** At most this many names are offered. */
const mostNames = 5;

/** Followed ScaledObjects that may have been meant: the one spelled most alike, and those of the same name elsewhere. */
export function nearestObjects(
  triggers: readonly TriggerStatus[],
  namespace: string,
  name: string,
): readonly ObjectName[] {
  const known = new Map<string, ObjectName>();
  for (const trigger of triggers) {
    known.set(`${trigger.namespace}/${trigger.scaledObject}`, {
      namespace: trigger.namespace,
      name: trigger.scaledObject,
    });
  }
  const alike = nearestName(`${namespace}/${name}`.slice(0, 320), [...known.keys()]);
  const first = alike === undefined ? [] : [known.get(alike)!];
  const sameName = [...known.values()].filter((object) => object.name === name);
  return [...new Set([...first, ...sameName])].slice(0, mostNames);
}

/** What explains the number comes first, the long lists last. */
function triggerView(trigger: TriggerStatus): object {
  const { why, problem, namespace, scaledObject, metric, metricName, decision, holdReason, ...numbers } = trigger;
  const { metricValue, targetValue, replicas, desiredReplicas, active, activeReason, ...rest } = numbers;
  const { changes, gateway, endpoints, ...details } = rest;
  return {
    why,
    problem,
    namespace,
    scaledObject,
    metric,
    metricName,
    decision,
    holdReason,
    metricValue,
    targetValue,
    replicas,
    desiredReplicas,
    active,
    activeReason,
    ...details,
    changes,
    gateway,
    endpoints,
  };
}

/** Names come from tenants: what a terminal or a page might obey is written as an escape. */
const unsafeCharacters = /[<>&\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Unknown is `null`, never left out and never 0. */
function json(value: unknown): string {
  const text = JSON.stringify(value, (_key, field: unknown) => (field === undefined ? null : field), 2);
  const escaped = text.replace(unsafeCharacters, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `${escaped}\n`;
}
