import { complete, readFields } from '../../config/field.ts';
import { nearestName } from '../../config/nearest-name.ts';
import type { Parsed } from '../../config/parsed.ts';
import { read, refuse } from '../../config/parsed.ts';
import { quoted } from '../../config/quoted.ts';
import type { Policy } from '../autoscaler.ts';
import type { Survey } from '../demand/survey.ts';
import { ourPolicy, scaledObjectFields } from './our-policy.ts';
import { policyKinds } from './policy-catalogue.ts';

/** A policy as it is written: a name, and after a colon its settings. */
export interface PolicyText {
  readonly kind: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly text: string;
}

const ours = 'ours';

/** Names that may be asked for. */
export const policyNames: readonly string[] = [ours, ...Object.keys(policyKinds)];

/** What is compared where nothing is named: all but the one that needs a number. */
export const usualPolicies: readonly string[] = policyNames.filter((name) => name !== 'static');

/** Reads `name` or `name:key=value,key=value`. A comma inside a value is written `\,`. */
export function parsePolicyText(text: string): Parsed<PolicyText> {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!policyNames.includes(name)) return refuse(unknownPolicy(name));
  const settings = new Map<string, string>();
  const faults: string[] = [];
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  for (const part of rest === '' ? [] : rest.split(/(?<!\\),/)) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
    if (key === undefined || value === undefined) faults.push(`${quoted(part)} is no setting: write key=value`);
    else if (settings.has(key)) faults.push(`${quoted(key)} is given twice: keep one`);
    else settings.set(key, value.replaceAll('\\,', ','));
  }
  return faults.length > 0 ? refuse(...faults) : read({ kind: name, settings, text });
}

/**
 * Reads policies in a row. A part with an equals sign before any colon belongs to the policy before it, so that
 * `ours:targetValue=8,window=60s,knative` are two.
 */
export function parsePolicyList(text: string): Parsed<readonly PolicyText[]> {
  const texts: string[] = [];
  for (const part of text.split(/(?<!\\),/)) {
    if (/^[^:]*=/.test(part) && texts.length > 0) texts[texts.length - 1] += `,${part}`;
    else texts.push(part.trim());
  }
  const parsed = texts.map(parsePolicyText);
  const faults = parsed.flatMap((policy) => (policy.ok ? [] : policy.faults));
  return faults.length > 0 ? refuse(...faults) : read(parsed.flatMap((policy) => (policy.ok ? [policy.value] : [])));
}

function unknownPolicy(name: string): string {
  const near = nearestName(name, policyNames);
  const hint = near === undefined ? `the policies are ${policyNames.join(', ')}` : `did you mean "${near}"?`;
  return `${quoted(name)} is not a policy; ${hint}`;
}

/** Makes the policy for what is known of the load, or says everything that is wrong with its settings. */
export function makePolicy({ kind, settings, text }: PolicyText, survey: Survey): Parsed<Policy> {
  if (kind === ours) return makeOurs(settings, text, survey);
  const { fields, rule, leastReplicas, build } = policyKinds[kind]!;
  const strangers = [...settings.keys()].filter((key) => !Object.hasOwn(fields, key));
  const readings = readFields(fields, settings, wording);
  const faults = [...strangers.map((key) => unknownSetting(key, Object.keys(fields))), ...readings.faults];
  if (faults.length > 0) return refuse(...faults.map((fault) => `policy ${kind}: ${fault}`));
  const { autoscaler, ...initial } = build(complete(readings) as never, survey);
  return read({ name: text, rule, leastReplicas, create: autoscaler, ...initial });
}

function makeOurs(settings: ReadonlyMap<string, string>, text: string, survey: Survey): Parsed<Policy> {
  const isOfScaledObject = ([key]: readonly [string, string]) => Object.hasOwn(scaledObjectFields, key);
  const readings = readFields(scaledObjectFields, new Map([...settings].filter(isOfScaledObject)), wording);
  const metadata = new Map([...settings].filter((entry) => !isOfScaledObject(entry)));
  const values = complete(readings);
  if (values === undefined) return refuse(...readings.faults.map((fault) => `policy ${ours}: ${fault}`));
  const policy = ourPolicy(text, metadata, values, survey);
  return policy.ok ? policy : refuse(...policy.faults.map((fault) => `policy ${ours}: ${fault}`));
}

const wording = {
  subject: (name: string, shownValue: string) => `${name} value ${shownValue}`,
  missing: (name: string) => `${name} is missing`,
};

function unknownSetting(key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  return `${quoted(key)} is not a setting; ${near === undefined ? `they are ${known.join(', ')}` : `did you mean "${near}"?`}`;
}
