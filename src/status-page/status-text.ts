import { nearestName } from '../config/nearest-name.ts';
import { quoted } from '../config/quoted.ts';
import type { Statuses } from '../triggers/statuses.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';

/** What can be said of the process itself. */
export interface ProcessStatus {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly ready: boolean;
  /** Why not; `undefined` when ready. */
  readonly why: string | undefined;
}

/** Every trigger and every refused question, as JSON. */
export function renderStatus(process: ProcessStatus, { triggers, refused }: Statuses): string {
  return json({ ...process, refused, triggers: triggers.map(triggerView) });
}

/** The triggers of one ScaledObject as a JSON array. */
export function renderScaledObject(own: readonly TriggerStatus[]): string {
  return json(own.map(triggerView));
}

/** Words for somebody who asked for a ScaledObject that is not followed. */
export function renderUnknown({ namespace, name }: ObjectName, { triggers, refused }: Statuses): string {
  const object = `ScaledObject ${quoted(name)} in namespace ${quoted(namespace)}`;
  const own = refused.filter((one) => one.namespace === namespace && one.scaledObject === name);
  if (own.length > 0) return json({ error: `KEDA asks about ${object}, and is refused`, refused: own });
  return json({
    error: `KEDA has not asked about ${object} lately`,
    nearest: nearestObjects(triggers, namespace, name).map((known) => `${known.namespace}/${known.name}`),
    hint: 'a trigger appears with its first question, and goes when KEDA has stopped asking; where this scaler has several replicas KEDA may be asking another one; /status lists all',
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
  const { why, problem, namespace, scaledObject, metric, metricName, scope, decision, holdReason, ...numbers } =
    trigger;
  const { metricValue, told, targetValue, replicas, desiredReplicas, active, activeReason, ...rest } = numbers;
  const { changes, gateway, endpoints, ...details } = rest;
  return {
    why,
    problem,
    namespace,
    scaledObject,
    metric,
    metricName,
    scope,
    decision,
    holdReason,
    metricValue,
    told,
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
