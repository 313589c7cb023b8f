import { durationWithin } from '../duration.ts';
import type { FieldValues } from '../field.ts';
import { defaulted, oneOf, optional } from '../field.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { parseFlags, switchFlag } from './flags.ts';
import { anyText } from './settings-readers.ts';

const day = 24 * 3_600_000;

/** Flags of `check`. The environment has no say in them. */
export const checkFields = {
  file: optional(anyText, {
    form: 'FILE|DIR|-',
    meaning: 'What to check, also without the flag; may be given again. `-`: standard input.',
  }),
  scalerAddress: optional(anyText, {
    form: 'HOST:PORT',
    meaning: 'The address of this scaler. Without it: every host whose name contains llm-scaler.',
  }),
  coldStart: defaulted(durationWithin(1000, day), '120s', {
    form: 'DURATION',
    meaning: 'How long a replica takes until it serves.',
  }),
  output: defaulted(oneOf(['text', 'json', 'sarif', 'github']), 'text', {
    form: 'text|json|sarif|github',
    meaning: 'For people, as JSON, as SARIF 2.1.0, or as annotations of a GitHub workflow.',
  }),
  json: switchFlag('The same as --output json.'),
  strict: switchFlag('Warnings count as errors.'),
  fix: switchFlag('Write the safe changes into the files.'),
};

/** What `check` is asked for. */
export interface CheckFlags extends Omit<FieldValues<typeof checkFields>, 'file' | 'json'> {
  /** Files, folders, or `-`. */
  readonly places: readonly string[];
}

/** Reads the flags of `check`, or says everything that is wrong with them at once. */
export function parseCheckFlags(argv: readonly string[]): Parsed<CheckFlags> {
  const { places, rest, faults } = placesOf(argv);
  const flags = parseFlags(checkFields, rest, {});
  const all = [...faults, ...(flags.ok ? [] : flags.faults)];
  if (places.length === 0 && faults.length === 0)
    all.push('missing what to check: name files or folders, or - for standard input');
  if (!flags.ok || all.length > 0) return refuse(...all);
  const { file: _, json, ...values } = flags.value;
  if (values.fix && places.includes('-')) return refuse('--fix expects files, found -: there is nothing to write to');
  return read({ ...values, output: json ? 'json' : values.output, places });
}

interface Places {
  readonly places: readonly string[];
  readonly rest: readonly string[];
  readonly faults: readonly string[];
}

/** Files stand alone, as a commit hook names them, or after -f, --file or --filename, as kubectl has them. */
function placesOf(argv: readonly string[]): Places {
  const places: string[] = [];
  const rest: string[] = [];
  const faults: string[] = [];
  let next: 'place' | 'value' | undefined;
  for (const argument of argv) {
    const [, inline] = /^(?:-f|--file|--filename)=(.*)$/s.exec(argument) ?? [];
    const isPlace = next === 'place' || inline !== undefined || argument === '-' || !argument.startsWith('-');
    if (next === 'value' && !argument.startsWith('--')) rest.push(argument);
    else if (['-f', '--file', '--filename'].includes(argument)) {
      next = 'place';
      continue;
    } else if (isPlace) places.push(inline ?? argument);
    else rest.push(argument);
    next = takesValue(argument, next) ? 'value' : undefined;
  }
  if (next === 'place') faults.push('-f has no value: write -f FILE');
  return { places, rest, faults };
}

function takesValue(argument: string, before: 'place' | 'value' | undefined): boolean {
  return before === undefined && ['--scaler-address', '--cold-start', '--output'].includes(argument);
}
