import type { CheckSettings } from './check-settings.ts';
import type { Finding } from './finding.ts';
import { readManifest, yamlInMarkdown } from './read-manifest.ts';
import type { Placed, PlacedFinding } from './rules/across-rules.ts';
import { addressesRule, sameTargetRule } from './rules/across-rules.ts';
import { behaviorRule, climbRule, maxRule, stabilizationRule, targetRule, toleranceRule } from './rules/hpa-rules.ts';
import { cachedMetricsRule, cooldownRule, idleAfterRule, pollingRule } from './rules/pace-rules.ts';
import {
  countRule,
  fallbackRule,
  noTriggerRule,
  pausedRule,
  scaleTargetRule,
  specKeyRule,
  wholeNumberRule,
} from './rules/spec-rules.ts';
import {
  addressRule,
  metadataRule,
  metricTypeRule,
  sameMetricRule,
  triggerKeyRule,
  typeRule,
} from './rules/trigger-rules.ts';
import { fixedEndpointsRule, zeroRule } from './rules/zero-rules.ts';
import type { ScaledObjectSource } from './scaled-object-source.ts';
import { scaledObjectOf } from './scaled-object-source.ts';

/** A file's name, for people, and its text: YAML, JSON, or Markdown with fenced YAML (`.md`). */
export interface CheckedFile {
  readonly name: string;
  readonly text: string;
}

/** What was found in one file, in the order of its lines. */
export interface FileReport extends CheckedFile {
  readonly findings: readonly Finding[];
}

export interface CheckReport {
  /** One for each file, in the order they were given. */
  readonly files: readonly FileReport[];
  /** ScaledObjects with a trigger of this scaler. */
  readonly objects: number;
  /** ScaledObjects without one, and documents of other kinds. */
  readonly passedOver: number;
}

type Rule = (object: ScaledObjectSource, settings: CheckSettings) => readonly Finding[];

/** Every rule on one object. A rule of a kind stands in the file of that kind. */
const rules: readonly Rule[] = [
  noTriggerRule,
  metadataRule,
  typeRule,
  addressRule,
  metricTypeRule,
  sameMetricRule,
  triggerKeyRule,
  specKeyRule,
  wholeNumberRule,
  scaleTargetRule,
  countRule,
  fallbackRule,
  pausedRule,
  zeroRule,
  fixedEndpointsRule,
  pollingRule,
  cooldownRule,
  idleAfterRule,
  cachedMetricsRule,
  behaviorRule,
  stabilizationRule,
  climbRule,
  toleranceRule,
  targetRule,
  maxRule,
];

const acrossRules = [addressesRule, sameTargetRule];

/**
 * Says what is wrong or risky in the ScaledObjects of these files. Objects without a trigger of this scaler are passed
 * over. A function of its arguments alone; never throws, whatever the texts.
 */
export function checkManifests(files: readonly CheckedFile[], settings: CheckSettings): CheckReport {
  const placed: Placed[] = [];
  const found: PlacedFinding[] = [];
  let passedOver = 0;
  for (const { name: file, text } of files) {
    const manifest = readManifest(/\.md$/.test(file) ? yamlInMarkdown(text) : text, 'ScaledObject');
    passedOver += manifest.passedOver;
    found.push(...manifest.faults.map((finding) => ({ file, finding })));
    for (const root of manifest.objects) {
      const object = scaledObjectOf(root, settings);
      if (object.ours.length > 0) placed.push({ file, object });
      else passedOver += 1;
    }
  }
  for (const { file, object } of placed) {
    found.push(...rules.flatMap((rule) => rule(object, settings)).map((finding) => ({ file, finding })));
  }
  found.push(...acrossRules.flatMap((rule) => rule(placed)));
  return { files: files.map((file) => reportOf(file, found)), objects: placed.length, passedOver };
}

function reportOf(file: CheckedFile, found: readonly PlacedFinding[]): FileReport {
  const own = found.filter((each) => each.file === file.name).map(({ finding }) => finding);
  return { ...file, findings: own.sort((one, other) => one.span.start - other.span.start) };
}

/** How many findings there are of each severity. */
export function countsOf({ files }: CheckReport): { readonly errors: number; readonly warnings: number } {
  const all = files.flatMap(({ findings }) => findings);
  const errors = all.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: all.length - errors };
}
