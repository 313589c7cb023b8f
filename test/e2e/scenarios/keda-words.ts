import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import type { Stage } from '../stage.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

interface Event {
  readonly involvedObject: { readonly name?: string };
  readonly message?: string;
}

/** Waits until KEDA says of a ScaledObject that it is not ready; resolves with its words. */
export async function notReady(stage: Stage, name: string): Promise<string> {
  let said = '';
  await eventually(`the ScaledObject ${name} is not ready`, 40_000, async () => {
    const { status } = await stage.world.kube.get(stage.scaledObjectPath(name));
    const conditions = (status?.conditions ?? []) as readonly Condition[];
    const ready = conditions.find(({ type }) => type === 'Ready');
    said = ready?.message ?? '';
    return ready?.status === 'False' || JSON.stringify(conditions);
  });
  return said;
}

/** What events of the namespace say, of all objects or of those of one name, KEDA's HPA included. */
export async function eventsOf(stage: Stage, name?: string): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${stage.namespace}/events`;
  const { items } = await stage.world.kube.get<{ items: readonly Event[] }>(path);
  const wanted = items.filter(({ involvedObject }) => {
    return name === undefined || involvedObject.name === name || involvedObject.name === `keda-hpa-${name}`;
  });
  return wanted.map(({ message }) => message ?? '');
}

/** Lines of KEDA's log that are about one ScaledObject. */
export function operatorLines(stage: Stage, name: string): readonly string[] {
  const log = readFileSync(join(stage.world.artifacts, 'logs', 'keda-operator.log'), 'utf8');
  return log.split('\n').filter((line) => line.includes(`"${stage.namespace}"`) && line.includes(`"${name}"`));
}
