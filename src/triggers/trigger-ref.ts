import { parseTriggerMetadata } from '../config/metadata/parse-trigger-metadata.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Parsed } from '../config/parsed.ts';
import { ScalerError } from './scaler-error.ts';

/** KEDA's ScaledObjectRef: which ScaledObject asks, and its trigger's metadata as written. */
export interface TriggerRef {
  readonly namespace: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What tells triggers apart: the ScaledObject and the whole metadata, in any order. */
export function keyOf({ namespace, name, metadata }: TriggerRef): string {
  return JSON.stringify([namespace, name, sorted(metadata)]);
}

/** The metadata alone; `discovery/scaling.ts` writes the same of what the ScaledObject says. */
export function metadataKeyOf({ metadata }: TriggerRef): string {
  return JSON.stringify(sorted(metadata));
}

function sorted(metadata: TriggerRef['metadata']): [key: string, value: string][] {
  return Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Throws `invalid-trigger-metadata` with all faults in words. */
export function metadataOf(ref: TriggerRef): TriggerMetadata {
  const parsed: Parsed<TriggerMetadata> = parseTriggerMetadata(ref.metadata);
  if (parsed.ok) return parsed.value;
  throw new ScalerError('invalid-trigger-metadata', parsed.faults.join('; '));
}
