import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaulted, optional, required } from '../../../src/config/field.ts';
import { wholeNumberWithin } from '../../../src/config/quantity.ts';
import { asksForHelp, flagOf, parseFlags, switchFlag, variableOf } from '../../../src/config/settings/flags.ts';
import { renderHelp } from '../../../src/config/settings/help.ts';
import { anyText } from '../../../src/config/settings/settings-readers.ts';

const fields = {
  inputFile: required(anyText, { form: 'FILE', meaning: 'What to read.' }),
  maxLines: defaulted(wholeNumberWithin(1, 99), '10', { form: 'NUMBER', meaning: 'Lines of `FILE` at most.' }),
  title: optional(anyText, { form: 'TEXT', meaning: 'A heading.' }),
  json: switchFlag('Print JSON.'),
};

type Env = Record<string, string | undefined>;
const base = { inputFile: 'a', maxLines: 10, title: undefined, json: false };

const accepted: readonly [name: string, argv: readonly string[], env: Env, want: object][] = [
  ['a flag and its value', ['--input-file', 'a'], {}, {}],
  ['a flag with =', ['--input-file=a', '--title=x=y'], {}, { title: 'x=y' }],
  ['a value that begins with a dash', ['--input-file', '-'], {}, { inputFile: '-' }],
  ['a value that begins with two, after =', ['--input-file=--a'], {}, { inputFile: '--a' }],
  ['a switch', ['--json', '--input-file', 'a'], {}, { json: true }],
  ['a switch that says no', ['--json=false', '--input-file', 'a'], {}, {}],
  ['the environment', [], { INPUT_FILE: 'a', MAX_LINES: '7', JSON: 'true' }, { maxLines: 7, json: true }],
  ['a flag before the environment', ['--max-lines=3'], { INPUT_FILE: 'a', MAX_LINES: 'x' }, { maxLines: 3 }],
  ['an empty variable as not set', ['--input-file=a'], { MAX_LINES: '' }, {}],
  ['foreign variables', ['--input-file=a'], { PATH: '/bin', max_lines: '3', HOME: undefined }, {}],
];
it.each(accepted)('reads %s', (_name, argv, env, want) => {
  expect(parseFlags(fields, argv, env)).toStrictEqual({ ok: true, value: { ...base, ...want } });
});

const refused: readonly [name: string, argv: readonly string[], env: Env, faults: readonly string[]][] = [
  ['a missing flag', [], {}, ['missing --input-file: What to read (FILE)']],
  [
    'a misspelt flag, and takes its value with it',
    ['--inputfile', 'a', '--input-file=a'],
    {},
    ['"--inputfile" is not a flag; did you mean "--input-file"?'],
  ],
  [
    'a flag like none',
    ['--zzzzz', '--input-file=a'],
    {},
    ['"--zzzzz" is not a flag; the flags are --input-file, --max-lines, --title, --json'],
  ],
  [
    'a short flag',
    ['-v', '--input-file=a'],
    {},
    ['"-v" is not a flag; the flags are --input-file, --max-lines, --title, --json'],
  ],
  ['a stray word', ['--input-file=a', 'b'], {}, ['unexpected argument "b": every setting is a --flag']],
  [
    'a word after a switch',
    ['--input-file=a', '--json', 'no'],
    {},
    ['unexpected argument "no": every setting is a --flag'],
  ],
  [
    'a switch with another value',
    ['--input-file=a', '--json=1'],
    {},
    ['--json value "1" takes no value, or true or false'],
  ],
  ['a flag without value', ['--input-file=a', '--title'], {}, ['--title has no value: write --title VALUE']],
  [
    'a flag where a value should be',
    ['--input-file=a', '--title', '--json'],
    {},
    ['--title has no value: write --title VALUE'],
  ],
  ['an empty value', ['--input-file='], {}, ['--input-file value "" is empty: give it a value or leave it out']],
  ['a flag given twice', ['--input-file=a', '--input-file=b'], {}, ['--input-file is given twice: keep one']],
  [
    'a wrong variable, by its own name',
    ['--input-file=a'],
    { MAX_LINES: '100' },
    ['MAX_LINES value "100" must be a whole number from 1 to 99'],
  ],
  [
    'everything at once',
    ['--max-lines', '0', '--nope'],
    { TITLE: ' ' },
    [
      '"--nope" is not a flag; the flags are --input-file, --max-lines, --title, --json',
      'missing --input-file: What to read (FILE)',
      '--max-lines value "0" must be a whole number from 1 to 99',
      'TITLE value " " is empty: give it a value or leave it out',
    ],
  ],
];
it.each(refused)('refuses %s', (_name, argv, env, faults) => {
  expect(parseFlags(fields, argv, env)).toEqual({ ok: false, faults });
});

it('never throws, whatever the command line', () => {
  const word = fc.oneof(
    fc.constantFrom('--input-file', '--json', '--title=', '--', '---', '=', '--=', '--__proto__', '--constructor'),
    fc.string({ unit: 'binary' }),
  );
  let refusals = 0;
  const property = fc.property(fc.array(word), fc.dictionary(fc.string(), fc.string()), (argv, env) => {
    if (!parseFlags(fields, argv, env).ok) refusals++;
  });
  fc.assert(property, { numRuns: 500 });
  expect(refusals).toBeGreaterThan(100);
});

it('names a flag and its variable after the setting', () => {
  expect(flagOf('maxTriggersPerNamespace')).toBe('--max-triggers-per-namespace');
  expect(variableOf('maxTriggersPerNamespace')).toBe('MAX_TRIGGERS_PER_NAMESPACE');
});

it.each([
  [['--help'], true],
  [['--json', '-h'], true],
  [['--json'], false],
  [[], false],
])('%j asks for help: %s', (argv, asks) => expect(asksForHelp(argv)).toBe(asks));

it('renders help from the schema', () => {
  const long = 'Words that go on and on until the line is full and another one has to be begun for the rest of them.';
  const wide = { ...fields, note: optional(anyText, { form: 'TEXT', meaning: long }) };
  const help = renderHelp({ usage: 'tool read', summary: 'Reads.', fields: wide, readsEnvironment: true });
  expect(help).toBe(`Usage: tool read [flags]

Reads.

Flags:
  --input-file FILE
      What to read. (required; environment INPUT_FILE)
  --max-lines NUMBER
      Lines of FILE at most. (default 10; environment MAX_LINES)
  --title TEXT
      A heading. (environment TITLE)
  --json
      Print JSON. (environment JSON)
  --note TEXT
      Words that go on and on until the line is full and another one has to be begun for the rest of
      them. (environment NOTE)
  --help
      Print this text.
`);
});

it('leaves the environment out of the help of a command that does not read it', () => {
  expect(renderHelp({ usage: 'tool', summary: 'Reads.', fields, readsEnvironment: false })).not.toContain(
    'environment',
  );
});
