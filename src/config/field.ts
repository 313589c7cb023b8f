import { z } from 'zod';
import { nearestName } from './nearest-name.ts';
import type { Parsed } from './parsed.ts';
import { quoted } from './quoted.ts';

/** How a field is described to people. */
export interface FieldDoc {
  /** What may be written, in a few words: `duration, 1s to 1h`. */
  readonly form: string;
  /** What it means, its unit and what happens without it. One sentence or two. */
  readonly meaning: string;
}

/** A field's description with what its schema knows. */
export interface FieldReference extends FieldDoc {
  readonly required: boolean;
  /** As it would be written; `undefined`: none. */
  readonly defaultText: string | undefined;
}

export type FieldSchemas = Readonly<Record<string, z.ZodType>>;
export type FieldValues<Fields extends FieldSchemas> = { readonly [Name in keyof Fields]: z.output<Fields[Name]> };

/** Reads one text; its faults are predicates that follow the field's name and value: `must be …`, `has no …`. */
export type TextReader<Value> = (text: string) => Parsed<Value>;

/** A field that must be given. */
export function required<Value>(reader: TextReader<Value>, doc: FieldDoc) {
  return schemaOf(reader).meta({ ...doc });
}

/** A field that reads as `undefined` where it is not given. */
export function optional<Value>(reader: TextReader<Value>, doc: FieldDoc) {
  return schemaOf(reader)
    .optional()
    .meta({ ...doc });
}

/** A field that, where it is not given, reads as if `defaultText` had been. */
export function defaulted<Value>(reader: TextReader<Value>, defaultText: string, doc: FieldDoc) {
  return schemaOf(reader)
    .prefault(defaultText)
    .meta({ ...doc });
}

/** Reads one of `values`. */
export function oneOf<const Value extends string>(values: readonly Value[]): TextReader<Value> {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value !== undefined) return { ok: true, value };
    const near = nearestName(text, values);
    const suggestion = near === undefined ? '' : `; did you mean "${near}"?`;
    return { ok: false, faults: [`must be one of [${values.join(' ')}]${suggestion}`] };
  };
}

function schemaOf<Value>(reader: TextReader<Value>) {
  return z.string().transform((text, context): Value => {
    const trimmed = text.trim();
    const parsed: Parsed<Value> = trimmed === '' ? { ok: false, faults: [emptyFault] } : reader(trimmed);
    if (parsed.ok) return parsed.value;
    for (const message of parsed.faults) context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });
}

const emptyFault = 'is empty: give it a value or leave it out';

export function referenceOf(schema: z.ZodType): FieldReference {
  const { form, meaning } = schema.meta() as unknown as FieldDoc;
  const defaultText = schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : undefined;
  return { form, meaning, defaultText, required: !schema.safeParse(undefined).success };
}

/** How the faults of one source are worded. */
export interface FieldWording {
  /** The field and its value, for example `parameter "window" value "60"`. */
  readonly subject: (name: string, shownValue: string) => string;
  readonly missing: (name: string, reference: FieldReference) => string;
}

/** One thing that is wrong with a field. */
export interface FieldFault {
  /** The field's name. */
  readonly name: string;
  /** One sentence on one line. */
  readonly words: string;
}

/** What could be read: a field that is missing here has a fault. */
export interface ReadFields<Fields extends FieldSchemas> {
  readonly values: Partial<FieldValues<Fields>>;
  /** Sentences, in the order of the fields. */
  readonly faults: readonly string[];
}

/** The same, where it matters which field a fault is about. */
export interface ReadFieldsByName<Fields extends FieldSchemas> extends ReadFields<Fields> {
  /** `faults`, each with the field it is about, in the same order. */
  readonly fieldFaults: readonly FieldFault[];
}

/** Reads each field from its text, going on after a fault so that all are found. */
export function readFields<Fields extends FieldSchemas>(
  fields: Fields,
  texts: ReadonlyMap<string, string>,
  wording: FieldWording,
): ReadFieldsByName<Fields> {
  const fieldFaults: FieldFault[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(fields)) {
    const text = texts.get(name);
    const parsed = schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else if (text === undefined) fieldFaults.push({ name, words: wording.missing(name, referenceOf(schema)) });
    else {
      const subject = wording.subject(name, quoted(text));
      fieldFaults.push(...parsed.error.issues.map(({ message }) => ({ name, words: `${subject} ${message}` })));
    }
  }
  const faults = fieldFaults.map(({ words }) => words);
  return { values: values as Partial<FieldValues<Fields>>, faults, fieldFaults };
}

/** All values, once no field had a fault. */
export function complete<Fields extends FieldSchemas>(read: ReadFields<Fields>): FieldValues<Fields> | undefined {
  return read.faults.length === 0 ? (read.values as FieldValues<Fields>) : undefined;
}
