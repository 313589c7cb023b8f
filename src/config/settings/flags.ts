import { z } from 'zod';
import type { FieldDoc, FieldSchemas, FieldValues, ReadFields } from '../field.ts';
import { complete, readFields } from '../field.ts';
import { nearestName } from '../nearest-name.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quoted } from '../quoted.ts';

/** The name of a flag on the command line: `grpcAddress` is `--grpc-address`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The environment variable of the same name: `grpcAddress` is `GRPC_ADDRESS`. */
export function variableOf(name: string): string {
  return flagOf(name).slice(2).replaceAll('-', '_').toUpperCase();
}

/** A flag that is given without a value. `--json=false` says no. */
export function switchFlag(meaning: string) {
  const schema = z.enum(['true', 'false'], { error: 'takes no value, or true or false' });
  return schema
    .prefault('false')
    .transform((text) => text === 'true')
    .meta({ form: '', meaning } satisfies FieldDoc);
}

/** Marks a flag that takes a list: given several times, its lists are joined. */
export function repeatable<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ ...schema.meta(), repeats: true });
}

function repeats(schema: z.ZodType): boolean {
  return schema.meta()?.repeats === true;
}

export function isSwitch(schema: z.ZodType): boolean {
  return (schema.meta() as unknown as FieldDoc).form === '';
}

/** True when a command line asks for help, wherever it does. */
export function asksForHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

/** True when a command line gives this flag, with a value in it or after it. */
export function isAsked(argv: readonly string[], flag: string): boolean {
  return argv.some((argument) => argument === flag || argument.startsWith(`${flag}=`));
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface GivenFlags {
  readonly texts: ReadonlyMap<string, string>;
  readonly faults: readonly string[];
}

/**
 * Reads a command's flags, `--name value` or `--name=value`, and after them the environment variables of the same
 * names; flags win, and an empty variable counts as not set. Pass `{}` where the environment has no say. Everything
 * that is wrong is listed, one sentence a fault. Never throws.
 */
export function parseFlags<Fields extends FieldSchemas>(
  fields: Fields,
  argv: readonly string[],
  env: Environment,
): Parsed<FieldValues<Fields>> {
  const flags = readFlags(fields, argv, env);
  const values = complete(flags);
  return values === undefined ? refuse(...flags.faults) : read(values);
}

/** The same, with what could be read where something could not, so that a command can check its flags' relations too. */
export function readFlags<Fields extends FieldSchemas>(
  fields: Fields,
  argv: readonly string[],
  env: Environment,
): ReadFields<Fields> {
  const flags = givenFlags(fields, argv);
  const fromEnvironment = Object.keys(fields).flatMap((name): [string, string][] => {
    const text = Object.hasOwn(env, variableOf(name)) ? env[variableOf(name)] : undefined;
    return text === undefined || text === '' ? [] : [[name, text]];
  });
  const sourceOf = (name: string) => (flags.texts.has(name) ? flagOf(name) : variableOf(name));
  const { values, faults } = readFields(fields, new Map([...fromEnvironment, ...flags.texts]), {
    subject: (name, shownValue) => `${sourceOf(name)} value ${shownValue}`,
    missing: (name, { form, meaning }) => `missing ${flagOf(name)}: ${meaning.replace(/\.$/, '')} (${form})`,
  });
  return { values, faults: [...flags.faults, ...faults] };
}

function givenFlags(fields: FieldSchemas, argv: readonly string[]): GivenFlags {
  const nameOfFlag = new Map(Object.keys(fields).map((name) => [flagOf(name), name]));
  const texts = new Map<string, string>();
  const faults: string[] = [];
  for (let place = 0; place < argv.length; place++) {
    const [flag, inlineText] = splitFlag(argv[place]!);
    const name = nameOfFlag.get(flag);
    if (name === undefined) {
      faults.push(strangerFault(argv[place]!, flag, nameOfFlag.keys()));
      // What follows an unknown flag is most likely its value and no fault of its own.
      if (flag.startsWith('--') && inlineText === undefined && isValue(argv[place + 1])) place++;
      continue;
    }
    const takesNext = inlineText === undefined && !isSwitch(fields[name]!);
    const text = takesNext ? argv[place + 1] : (inlineText ?? 'true');
    if (takesNext && isValue(text)) place++;
    const before = texts.get(name);
    const joins = before !== undefined && repeats(fields[name]!);
    if (before !== undefined && !joins) faults.push(`${flag} is given twice: keep one`);
    if (!isValue(text) && takesNext) faults.push(`${flag} has no value: write ${flag} VALUE`);
    else texts.set(name, joins ? `${before},${text}` : text!);
  }
  return { texts, faults };
}

function splitFlag(argument: string): readonly [flag: string, text: string | undefined] {
  const [, flag, text] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
  return flag === undefined ? [argument, undefined] : [flag, text];
}

function isValue(argument: string | undefined): boolean {
  return argument !== undefined && !argument.startsWith('--');
}

function strangerFault(argument: string, flag: string, flags: Iterable<string>): string {
  if (!argument.startsWith('-')) return `unexpected argument ${quoted(argument)}: every setting is a --flag`;
  const all = [...flags];
  const near = nearestName(flag, all);
  if (near !== undefined) return `${quoted(flag)} is not a flag; did you mean "${near}"?`;
  return `${quoted(flag)} is not a flag; the flags are ${all.join(', ')}`;
}
