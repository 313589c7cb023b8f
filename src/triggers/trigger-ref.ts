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
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, entries]);
}

/** Throws `invalid-trigger-metadata` with all faults in words. */
export function metadataOf(ref: TriggerRef): TriggerMetadata {
  const parsed: Parsed<TriggerMetadata> = parseTriggerMetadata(ref.metadata);
  if (parsed.ok) return parsed.value;
  throw new ScalerError('invalid-trigger-metadata', parsed.faults.join('; '));
}
