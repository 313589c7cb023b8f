import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Trigger } from './trigger.ts';

/** Whether a trigger is another's successor: the same load of the same workload, told to KEDA in another way. */
export function isEdit(before: Trigger, after: Trigger): boolean {
  if (before.name !== after.name || before.namespace !== after.namespace) return false;
  return loadKeys.every((key) => JSON.stringify(before.metadata[key]) === JSON.stringify(after.metadata[key]));
}

/** What must not change for a window and past activity to mean the same. */
const loadKeys = [
  'metric',
  'engine',
  'models',
  'location',
  'port',
  'ports',
  'path',
  'gateway',
  'windowMs',
  'burstWindowMs',
  'aggregation',
] as const satisfies (keyof TriggerMetadata)[];
