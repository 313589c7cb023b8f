import type { SchemaNote, ValueKey } from './values-file.ts';

type Schema = Record<string, unknown>;

const duration = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$';

/** The JSON Schema (draft-07, the one helm reads) of the values: unknown keys are refused wherever keys are ours. */
export function renderValuesSchema(keys: readonly ValueKey[]): string {
  const root = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of keda-llm-scaler',
    ...schemaBelow([], keys),
  };
  return `${JSON.stringify(root, undefined, 2)}\n`;
}

function schemaBelow(path: readonly string[], keys: readonly ValueKey[]): Schema {
  const children = keys.filter(
    (key) => key.path.length === path.length + 1 && path.every((name, at) => name === key.path[at]),
  );
  const properties = Object.fromEntries(children.map((key) => [key.path.at(-1)!, schemaOf(key, keys)]));
  return { type: 'object', additionalProperties: false, properties };
}

function schemaOf(key: ValueKey, keys: readonly ValueKey[]): Schema {
  const description = key.description === '' ? {} : { description: key.description.replaceAll('`', '') };
  const { note } = key;
  if (key.isGroup) return { ...description, ...schemaBelow(key.path, keys), ...note };
  return { ...description, ...typeOf(key.default, note), ...plainKeywords(note) };
}

function typeOf(value: unknown, note: SchemaNote): Schema {
  if (note.duration) return { type: 'string', pattern: duration };
  if (note.port) return { type: 'integer', minimum: 1, maximum: 65_535 };
  if (note.map === 'string') return { type: 'object', additionalProperties: { type: 'string' } };
  if (note.free) return { type: 'object' };
  if (Array.isArray(value)) return { type: 'array' };
  if (Number.isInteger(value)) return { type: 'integer' };
  return { type: typeof value };
}

function plainKeywords({ duration: _duration, port: _port, map: _map, free: _free, ...keywords }: SchemaNote): Schema {
  return keywords;
}
