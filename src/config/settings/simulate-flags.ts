import { durationWithin } from '../duration.ts';
import type { FieldValues } from '../field.ts';
import { complete, defaulted, oneOf, optional } from '../field.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quantityFrom, wholeNumberWithin } from '../quantity.ts';
import { isAsked, readFlags, repeatable, switchFlag } from './flags.ts';
import { anyText } from './settings-readers.ts';
import type { ColdStartSetting, RequireSetting, SloSetting } from './simulate-readers.ts';
import { coldStart, requirements, slo } from './simulate-readers.ts';

const longestTraceMs = 10_000 * 3_600_000;
const day = 24 * 3_600_000;

/** A start where nobody says how long one takes. */
export const usualColdStart = '120s';

/** Flags of `simulate`. The environment has no say in them. */
export const simulateFields = {
  trace: optional(anyText, {
    form: 'FILE',
    meaning:
      'The requests to replay: a CSV of Azure, BurstGPT or `t_s,input_tokens,output_tokens[,client]`, or JSON lines of Mooncake or Qwen; `.gz` is unpacked. Without it: a service made up from `--seed`.',
  }),
  recording: optional(anyText, {
    form: 'FILE',
    meaning: 'Replay what a running scaler recorded, as `/status/NAMESPACE/NAME/recording` gives it, instead.',
  }),
  start: optional(durationWithin(0, longestTraceMs), { form: 'DURATION', meaning: 'Where in the trace to begin.' }),
  duration: optional(durationWithin(1000, longestTraceMs), {
    form: 'DURATION',
    meaning: 'How much of the trace to replay. Without it: to its end, or two hours of a made-up service.',
  }),
  scale: defaulted(quantityFrom(0.001), '1', {
    form: 'NUMBER',
    meaning: 'So many times the requests in the same time; each stands for that many.',
  }),
  policy: repeatable(
    optional(anyText, {
      form: 'NAME[:KEY=VALUE,…]',
      meaning:
        'What to compare, the first being what `--require` is about; may be given again. `ours` takes every key of a trigger and of its ScaledObject. Without it: ours and every other one.',
    }),
  ),
  profile: defaulted(anyText, '8b-l4', {
    form: 'NAME|FILE',
    meaning: 'The model and GPU of one replica, or a file that `--calibrate` wrote.',
  }),
  coldStart: defaulted(coldStart, usualColdStart, {
    form: 'DURATION[~SPREAD]|A|B|…',
    meaning:
      'How long a replica takes until it serves: a fixed span, a log-normal one around it (`90s~0.25`), or measured ones to draw from (`80s|95s|140s`). A recording brings its own.',
  }),
  firstColdStart: optional(coldStart, {
    form: 'DURATION[~SPREAD]|A|B|…',
    meaning: 'The same for the first replica, where there was none. Without it: as the others.',
  }),
  slo: defaulted(slo, 'ttft=5s,tpot=100ms', {
    form: 'ttft=DURATION,tpot=DURATION',
    meaning: 'What each request has to keep: time to first token, and time for each further one in its mean.',
  }),
  minReplicas: defaulted(wholeNumberWithin(0, 10_000), '0', { form: 'NUMBER', meaning: 'The least replicas.' }),
  maxReplicas: defaulted(wholeNumberWithin(1, 10_000), '40', { form: 'NUMBER', meaning: 'The most replicas.' }),
  grace: defaulted(durationWithin(0, day), '10m', {
    form: 'DURATION',
    meaning: 'How long a replica that is to go may finish its requests (`terminationGracePeriodSeconds`).',
  }),
  timeout: optional(durationWithin(1, day), {
    form: 'DURATION',
    meaning: 'The longest a request may take in all. Without it: as long as it takes.',
  }),
  patience: optional(durationWithin(1, day), {
    form: 'DURATION',
    meaning: 'How long a client waits for the first token. Without it: as long as it takes.',
  }),
  attainment: defaulted(quantityFrom(0.001), '0.99', {
    form: '0 to 1',
    meaning: 'Share of requests within the SLO that the oracle keeps.',
  }),
  oracle: defaulted(oneOf(['on', 'off']), 'on', {
    form: 'on|off',
    meaning: 'Whether the best possible is looked for, which takes up to ten replays more.',
  }),
  require: optional(requirements, {
    form: 'attainment=SHARE,gpuHours=NUMBER',
    meaning: 'Exit code 1 unless the first policy keeps at least this share and costs at most this much.',
  }),
  json: optional(anyText, {
    form: 'FILE',
    meaning: 'Write the comparison as JSON; `-` prints it instead of the table.',
  }),
  csv: optional(anyText, { form: 'FILE', meaning: 'Write its rows as CSV.' }),
  html: optional(anyText, { form: 'FILE', meaning: 'Write a page with plots, whole in itself.' }),
  calibrate: repeatable(
    optional(anyText, {
      form: 'RUN.jsonl',
      meaning:
        "Fit `--profile` to a real server's per-request times instead of replaying; may be given again for another load.",
    }),
  ),
  output: optional(anyText, { form: 'FILE', meaning: 'Where `--calibrate` writes the fitted profile.' }),
  seed: defaulted(wholeNumberWithin(0, 4_294_967_295), '1', {
    form: 'NUMBER',
    meaning: 'The same seed, the same bytes; another one draws other cold starts and another made-up service.',
  }),
  quiet: switchFlag('No progress on standard error.'),
};

/** What `simulate` is asked for. */
export interface SimulateFlags extends FieldValues<typeof simulateFields> {
  readonly coldStart: ColdStartSetting;
  readonly slo: SloSetting;
  readonly require: RequireSetting | undefined;
}

/** Reads the flags of `simulate`, or says everything that is wrong with them at once. */
export function parseSimulateFlags(argv: readonly string[]): Parsed<SimulateFlags> {
  const flags = readFlags(simulateFields, argv, {});
  const { trace, recording, start, minReplicas, maxReplicas, attainment, calibrate, output } = flags.values;
  const replays = ['--policy', '--require', '--html', '--csv', '--trace', '--recording'];
  const relations: readonly (readonly [boolean, string])[] = [
    [trace !== undefined && recording !== undefined, '--trace and --recording contradict each other: keep one'],
    [trace === undefined && start !== undefined, '--start needs --trace: what is made up begins at its beginning'],
    [
      minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas,
      `--min-replicas ${minReplicas} is above --max-replicas ${maxReplicas}`,
    ],
    [attainment !== undefined && attainment > 1, '--attainment is a share: write 0.99 for 99 %'],
    [output !== undefined && calibrate === undefined, '--output belongs to --calibrate'],
    ...replays.map((flag): readonly [boolean, string] => [
      calibrate !== undefined && isAsked(argv, flag),
      `${flag} and --calibrate contradict each other: --calibrate replays nothing`,
    ]),
  ];
  const faults = [...flags.faults, ...relations.filter(([isFault]) => isFault).map(([, words]) => words)];
  const values = complete(flags);
  return values === undefined || faults.length > 0 ? refuse(...faults) : read(values);
}
