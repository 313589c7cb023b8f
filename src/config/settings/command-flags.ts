import { engineNames, gatewayNames } from '../../presets/catalogue/preset-name.ts';
import type { EngineSelection } from '../../presets/engine-selection.ts';
import { commaList } from '../comma-list.ts';
import { durationWithin } from '../duration.ts';
import type { FieldSchemas, FieldValues, ReadFields } from '../field.ts';
import { complete, defaulted, oneOf, optional, referenceOf } from '../field.ts';
import { parseCustomFamily } from '../metadata/custom-family.ts';
import { parseUrl } from '../metadata/endpoint-urls.ts';
import { engineSelectionOf } from '../metadata/engine-selection.ts';
import { triggerFields } from '../metadata/trigger-fields.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quantityFrom, wholeNumberWithin } from '../quantity.ts';
import { flagOf, isAsked, readFlags, switchFlag } from './flags.ts';
import { anyText } from './settings-readers.ts';

const longestTraceMs = 10_000 * 3_600_000;

const familyNames = ['runningMetric', 'waitingMetric', 'requestsMetric'] as const;

/** A family of `engine: custom`, as the trigger's key of that name says it, in a command line's words. */
function familyFlag(name: (typeof familyNames)[number]) {
  const { meaning } = referenceOf(triggerFields[name]);
  const inFlags = meaning.replace('engine: custom', '--engine custom').replace('`runningMetric`', '`--running-metric`');
  return optional(parseCustomFamily, { form: 'FAMILY[{LABEL="VALUE"}]', meaning: inFlags });
}

/** Flags of `probe`. The environment has no say in them. */
export const probeFields = {
  url: optional(parseUrl, { form: 'URL', meaning: 'The page to read. Without a path, the known ones are tried.' }),
  file: optional(anyText, { form: 'FILE', meaning: 'A saved page to read instead.' }),
  contentType: optional(anyText, {
    form: 'TYPE',
    meaning: 'The Content-Type that came with the saved page. Without it: found by looking.',
  }),
  engine: defaulted(oneOf(['auto', 'custom', ...engineNames, ...gatewayNames]), 'auto', {
    form: 'auto|PRESET|custom',
    meaning: 'Whose metric names the page has.',
  }),
  runningMetric: familyFlag('runningMetric'),
  waitingMetric: familyFlag('waitingMetric'),
  requestsMetric: familyFlag('requestsMetric'),
  model: optional(commaList, { form: 'NAME,…', meaning: "Count only these models' series." }),
  watch: optional(durationWithin(2_000, 600_000), {
    form: 'DURATION',
    meaning: 'Read the page once a second for this long, and say what its latency sums grew by.',
  }),
  bearerTokenFile: optional(anyText, { form: 'FILE', meaning: 'Show the token in this file, over plain http too.' }),
  caFile: optional(anyText, { form: 'FILE', meaning: 'Authorities (PEM) that sign the certificate of an https page.' }),
  insecureSkipVerify: switchFlag('Do not verify the certificate of an https page.'),
  json: switchFlag('Print one JSON object.'),
};

/** Flags of `demo`. The environment has no say in them. */
export const demoFields = {
  trace: optional(anyText, {
    form: 'FILE',
    meaning: 'Replay the requests of this trace (CSV) instead of the built-in story.',
  }),
  speed: optional(quantityFrom(0.1), { form: 'NUMBER', meaning: 'How many seconds of the story pass in one second.' }),
  start: optional(durationWithin(0, longestTraceMs), { form: 'DURATION', meaning: 'Where in the trace to begin.' }),
  duration: optional(durationWithin(1000, longestTraceMs), {
    form: 'DURATION',
    meaning: "How much of the trace to replay, in the trace's own time. Without it: to its end.",
  }),
  seed: defaulted(wholeNumberWithin(0, 4_294_967_295), '1', {
    form: 'NUMBER',
    meaning: 'Another seed gives other requests; the same seed, the same ones.',
  }),
};

/** What goes with the request for a page. */
export interface ProbeAccess {
  readonly bearerTokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly insecureSkipVerify: boolean;
}

export interface ProbeFlags {
  readonly page:
    | ({ readonly kind: 'url'; readonly url: string } & ProbeAccess)
    | { readonly kind: 'file'; readonly file: string; readonly contentType: string | undefined };
  readonly engine: EngineSelection;
  readonly models: readonly string[] | undefined;
  /** How long a page is read once a second; `undefined`: it is read once. */
  readonly watchMs: number | undefined;
  readonly json: boolean;
}

export interface DemoFlags {
  readonly trace:
    | { readonly file: string; readonly startMs: number; readonly durationMs: number | undefined }
    | undefined;
  readonly speed: number | undefined;
  readonly seed: number;
}

/** Reads the flags of `probe`, or says everything that is wrong with them at once. */
export function parseProbeFlags(argv: readonly string[]): Parsed<ProbeFlags> {
  const flags = readFlags(probeFields, argv, {});
  const { url, file, contentType, bearerTokenFile, caFile, insecureSkipVerify } = flags.values;
  const hasAccess = bearerTokenFile !== undefined || caFile !== undefined || insecureSkipVerify === true;
  return checked(
    flags,
    [
      [url !== undefined && file !== undefined, '--url and --file contradict each other: keep one'],
      [!isAsked(argv, '--url') && !isAsked(argv, '--file'), 'missing --url or --file: say which page to read'],
      [contentType !== undefined && file === undefined, '--content-type belongs to --file: a URL brings its own'],
      [flags.values.watch !== undefined && file !== undefined, '--watch belongs to --url: a saved page stands still'],
      [hasAccess && file !== undefined, '--bearer-token-file, --ca-file and --insecure-skip-verify belong to --url'],
      [
        caFile !== undefined && insecureSkipVerify === true,
        '--ca-file and --insecure-skip-verify contradict each other: keep one',
      ],
      ...familyFaults(argv, flags.values.engine),
    ],
    (values) => ({
      page:
        values.url === undefined
          ? { kind: 'file', file: values.file!, contentType: values.contentType }
          : { kind: 'url', url: values.url, ...accessOf(values) },
      engine: engineSelectionOf(values),
      models: values.model,
      watchMs: values.watch,
      json: values.json,
    }),
  );
}

/** What a relation between flags says when it does not hold. */
type Relation = readonly [isFault: boolean, words: string];

function familyFaults(
  argv: readonly string[],
  engine: FieldValues<typeof probeFields>['engine'] | undefined,
): Relation[] {
  const all = familyNames.map(flagOf);
  const given = all.filter((flag) => isAsked(argv, flag));
  const isCustom = engine === 'custom';
  return [
    ...given.map((flag): Relation => {
      return [engine !== undefined && !isCustom, `${flag} needs --engine to be custom, but it is ${engine}`];
    }),
    [isCustom && given.length === 0, `--engine custom needs one of ${all.join(', ')}: name a family`],
  ];
}

function accessOf({ bearerTokenFile, caFile, insecureSkipVerify }: FieldValues<typeof probeFields>): ProbeAccess {
  return { bearerTokenFile, caFile, insecureSkipVerify };
}

/** Reads the flags of `demo`, or says everything that is wrong with them at once. */
export function parseDemoFlags(argv: readonly string[]): Parsed<DemoFlags> {
  const flags = readFlags(demoFields, argv, {});
  const { trace, start, duration } = flags.values;
  return checked(
    flags,
    [
      [trace === undefined && start !== undefined, '--start needs --trace: the built-in story begins at its beginning'],
      [
        trace === undefined && duration !== undefined,
        '--duration needs --trace: the built-in story has its own length',
      ],
    ],
    (values) => ({
      trace:
        values.trace === undefined
          ? undefined
          : { file: values.trace, startMs: values.start ?? 0, durationMs: values.duration },
      speed: values.speed,
      seed: values.seed,
    }),
  );
}

function checked<Fields extends FieldSchemas, Flags>(
  flags: ReadFields<Fields>,
  relations: readonly Relation[],
  assemble: (values: FieldValues<Fields>) => Flags,
): Parsed<Flags> {
  const faults = [...flags.faults, ...relations.filter(([isFault]) => isFault).map(([, words]) => words)];
  const values = complete(flags);
  return values === undefined || faults.length > 0 ? refuse(...faults) : read(assemble(values));
}
