import type { MetadataFault } from '../config/metadata/metadata-fault.ts';
import { parseTriggerMetadata, triggerMetadataFaults } from '../config/metadata/parse-trigger-metadata.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import { nearestName } from '../config/nearest-name.ts';
import type { Edit, Finding, Severity } from './finding.ts';
import type { Entry, MapNode, SourceNode, Span } from './source-node.ts';
import { child, entriesOf, itemsOf, numberOf, textOf } from './source-node.ts';

/** One trigger of a ScaledObject, as it is written. */
export interface TriggerSource {
  /** Its place in `spec.triggers`, from 0. */
  readonly at: number;
  readonly node: SourceNode;
  readonly type: string | undefined;
  /** True where this scaler answers it. */
  readonly isOurs: boolean;
  readonly metadata: ReadonlyMap<string, Entry>;
  readonly metricType: string | undefined;
  /** With its defaults; `undefined`: it is refused, for `faults`, or is no trigger of ours. */
  readonly parsed: TriggerMetadata | undefined;
  /** What the service would refuse; none where the trigger is not ours. */
  readonly faults: readonly MetadataFault[];
}

/** A ScaledObject, as it is written. */
export interface ScaledObjectSource {
  readonly root: MapNode;
  /** `undefined`: the manifest leaves it to whoever applies it. */
  readonly namespace: string | undefined;
  readonly name: string;
  /** `namespace/name`, or the name alone. */
  readonly title: string;
  readonly spec: SourceNode | undefined;
  readonly triggers: readonly TriggerSource[];
  /** Triggers that this scaler answers. */
  readonly ours: readonly TriggerSource[];
}

/** How the addresses of this scaler are known. */
export interface ScalerNames {
  /** `host:port`, as the ScaledObjects name it; `undefined`: whatever has `llm-scaler` in its host's name. */
  readonly scalerAddress: string | undefined;
}

/** Looks at an object as a ScaledObject. */
export function scaledObjectOf(root: MapNode, names: ScalerNames): ScaledObjectSource {
  const namespace = textOf(child(root, 'metadata', 'namespace'));
  const name = textOf(child(root, 'metadata', 'name')) ?? '(no name)';
  const spec = child(root, 'spec');
  const triggers = itemsOf(child(spec, 'triggers')).map((node, at) => triggerOf(node, at, names));
  const ours = triggers.filter((trigger) => trigger.isOurs);
  return {
    root,
    namespace,
    name,
    title: namespace === undefined ? name : `${namespace}/${name}`,
    spec,
    triggers,
    ours,
  };
}

function triggerOf(node: SourceNode, at: number, names: ScalerNames): TriggerSource {
  const type = textOf(child(node, 'type'));
  const metricType = textOf(child(node, 'metricType'));
  const metadata = entriesOf(child(node, 'metadata'));
  const isOurs = isAnsweredByUs(type, textOf(metadata.get('scalerAddress')?.value), names);
  const faults = isOurs ? triggerMetadataFaults(rawMetadataOf(metadata)) : [];
  const parsed = isOurs && faults.length === 0 ? parseTriggerMetadata(rawMetadataOf(metadata)) : undefined;
  return { at, node, type, metadata, metricType, isOurs, faults, parsed: parsed?.ok ? parsed.value : undefined };
}

/** What KEDA would hand over: numbers and switches as their texts, so that one fault is not told twice. */
function rawMetadataOf(metadata: ReadonlyMap<string, Entry>): Record<string, string> {
  const texts = [...metadata].flatMap(([key, { value }]): [string, string][] => {
    return value.kind === 'scalar' && value.value !== null ? [[key, String(value.value)]] : [];
  });
  return Object.fromEntries(texts);
}

/** Other external scalers have metadata of their own, so a trigger is ours by its address alone. */
function isAnsweredByUs(type: string | undefined, address: string | undefined, names: ScalerNames): boolean {
  if (type === undefined || address === undefined || !isExternal(type)) return false;
  return address === names.scalerAddress || /llm-scaler/.test(address.split(':')[0]!);
}

/** Also where it is misspelled: KEDA knows `external` and `external-push` alone. */
function isExternal(type: string): boolean {
  return type.startsWith('external') || nearestName(type, ['external', 'external-push']) !== undefined;
}

/** A trigger's value, where it is a text. */
export function metadataText({ metadata }: TriggerSource, key: string): string | undefined {
  return textOf(metadata.get(key)?.value);
}

/** The value of a number of the spec; `undefined`: not given, or no number. */
export function specNumber({ spec }: ScaledObjectSource, key: string): number | undefined {
  return numberOf(child(spec, key));
}

/** Where a key of the spec stands, else where the spec does. */
export function specSpan({ root, spec }: ScaledObjectSource, key: string): Span {
  return entriesOf(spec).get(key)?.key ?? root.entries.get('spec')?.key ?? root.span;
}

/** Where a key of a trigger's metadata stands, else where its metadata or the trigger does. */
export function metadataSpan({ node, metadata }: TriggerSource, key: string | undefined): Span {
  const entry = key === undefined ? undefined : metadata.get(key);
  return entry?.key ?? entriesOf(node).get('metadata')?.key ?? node.span;
}

/** The path of a key of a trigger's metadata. */
export function metadataKey({ at }: TriggerSource, key: string | undefined): string {
  return `spec.triggers[${at}].metadata${key === undefined ? '' : `.${key}`}`;
}

interface Told {
  readonly rule: string;
  readonly severity: Severity;
  readonly key: string;
  readonly span: Span;
  readonly words: string;
  readonly why?: string;
  readonly mend?: string;
  readonly edits?: readonly Edit[];
}

/** A finding on this object. */
export function findingOn({ title }: ScaledObjectSource, { why, mend, edits = [], ...told }: Told): Finding {
  return { ...told, object: title, why, mend, edits };
}
