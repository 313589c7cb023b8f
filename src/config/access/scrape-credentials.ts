import { z } from 'zod';
import { nearestName } from '../nearest-name.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { quoted } from '../quoted.ts';
import type { HostPattern } from './host-pattern.ts';
import { parseHostPattern } from './host-pattern.ts';
import { parseHostName, parseKubernetesName } from './network-name.ts';

/** What the operator lets the scaler show, or accept, on some pages, and for whom. */
export interface AccessRule {
  /** Whose triggers it serves. Empty: nobody's. */
  readonly namespaces: '*' | readonly string[];
  /** Whether it serves the pages of GPU exporters, which are read for the operator and not for a trigger. */
  readonly gpuExporters: boolean;
  readonly hosts: readonly HostPattern[];
  /** `undefined`: every port. */
  readonly ports: readonly number[] | undefined;
  /** Whether the credential may go over `http` too. */
  readonly allowPlainHttp: boolean;
  readonly credential: CredentialFiles | undefined;
  /** Authorities (PEM) that sign the hosts' certificates; `undefined`: those that Node knows. */
  readonly caFile: string | undefined;
  /** The name that certificates must carry; `undefined`: the host as it is dialled. */
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
}

/** Paths of files that hold one secret each. */
export type CredentialFiles =
  | { readonly kind: 'bearer'; readonly tokenFile: string }
  | { readonly kind: 'basic'; readonly usernameFile: string; readonly passwordFile: string };

const mostRules = 1000;

const path = z.string(saying('the absolute path of a file')).refine(isPath, 'must be the absolute path of a file');
const ruleSchema = z.strictObject(
  {
    namespaces: z
      .array(textOf(parseNamespace), saying('a list of namespaces'))
      .min(1, 'lists none')
      .refine((names) => names.length === 1 || !names.includes('*'), '"*" stands alone')
      .optional(),
    gpuExporters: flag(),
    hosts: z.array(textOf(parseHostPattern), saying('a list of host names and networks')).min(1, 'lists none'),
    ports: z
      .array(z.int(saying('a port')).min(1, 'must be 1 to 65535').max(65_535, 'must be 1 to 65535'), saying('a list'))
      .min(1, 'lists none')
      .optional(),
    bearerTokenFile: path.optional(),
    basic: z.strictObject({ usernameFile: path, passwordFile: path }, saying('an object')).optional(),
    allowPlainHttp: flag(),
    caFile: path.optional(),
    serverName: textOf(parseServerName).optional(),
    insecureSkipVerify: flag(),
  },
  saying('an object'),
);
type WrittenRule = z.output<typeof ruleSchema>;
/** The keys a rule may have. */
export const ruleKeys = Object.keys(ruleSchema.shape);

/**
 * Reads the file of `--scrape-credentials-file`: a JSON list of rules, the first that fits a page counting. Everything
 * that is wrong is listed, one sentence a fault, and nothing of the text is repeated but hosts, namespaces and keys.
 */
export function parseScrapeCredentials(text: string): Parsed<readonly AccessRule[]> {
  const list = parseList(text);
  if (!list.ok) return list;
  const rules: AccessRule[] = [];
  const faults: string[] = [];
  for (const [place, item] of list.value.entries()) {
    const parsed = ruleSchema.safeParse(item);
    const found = parsed.success ? contradictions(parsed.data) : parsed.error.issues.flatMap(wordsOf);
    faults.push(...found.map((words) => `rule ${place + 1}: ${words}`));
    if (parsed.success) rules.push(ruleOf(parsed.data));
  }
  return faults.length > 0 ? refuse(...faults) : read(rules);
}

function parseList(text: string): Parsed<readonly unknown[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The whole message may quote the file, and with it a secret that does not belong there.
    const [, where] = /(\(line \d+ column \d+\))$/.exec(String(error)) ?? [];
    return refuse(`expected JSON, found something else${where === undefined ? '' : ` ${where}`}`);
  }
  if (!Array.isArray(value)) return refuse('expected a JSON list of rules, found something else');
  if (value.length > mostRules) return refuse(`expected at most ${mostRules} rules, found ${value.length}`);
  return read(value);
}

function contradictions(rule: WrittenRule): string[] {
  const { bearerTokenFile, basic, caFile, serverName, insecureSkipVerify: unverified } = rule;
  const hasCredential = bearerTokenFile !== undefined || basic !== undefined;
  const saysNothing = !hasCredential && caFile === undefined && serverName === undefined && !unverified;
  const isForNobody = rule.namespaces === undefined && !rule.gpuExporters;
  const faults: [isFault: boolean, words: string][] = [
    [isForNobody, 'says for nobody: give "namespaces", or "gpuExporters": true'],
    [bearerTokenFile !== undefined && basic !== undefined, '"bearerTokenFile" and "basic" contradict each other'],
    [caFile !== undefined && unverified, '"caFile" and "insecureSkipVerify" contradict each other'],
    [saysNothing, 'gives nothing: add "bearerTokenFile", "basic", "caFile", "serverName" or "insecureSkipVerify"'],
    [rule.allowPlainHttp && !hasCredential, '"allowPlainHttp" needs a credential to allow it for'],
  ];
  return faults.filter(([isFault]) => isFault).map(([, words]) => words);
}

function ruleOf({ namespaces, bearerTokenFile, basic, ...written }: WrittenRule): AccessRule {
  return {
    namespaces: namespaces?.includes('*') ? '*' : (namespaces ?? []),
    gpuExporters: written.gpuExporters,
    hosts: written.hosts,
    ports: written.ports,
    allowPlainHttp: written.allowPlainHttp,
    credential: credentialOf(bearerTokenFile, basic),
    caFile: written.caFile,
    serverName: written.serverName,
    insecureSkipVerify: written.insecureSkipVerify,
  };
}

function credentialOf(tokenFile: string | undefined, basic: WrittenRule['basic']): CredentialFiles | undefined {
  if (tokenFile !== undefined) return { kind: 'bearer', tokenFile };
  return basic && { kind: 'basic', ...basic };
}

function wordsOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  if (issue.code !== 'unrecognized_keys') return [at === '' ? issue.message : `"${at.slice(1)}" ${issue.message}`];
  return issue.keys.map((key) => {
    const near = nearestName(key, [...ruleKeys, 'usernameFile', 'passwordFile']);
    return `${quoted(key)} is not a key${near === undefined ? '' : `; did you mean "${near}"?`}`;
  });
}

function saying(form: string) {
  return {
    error: ({ code, input }: { readonly code?: string; readonly input?: unknown }) => {
      if (code === 'unrecognized_keys') return undefined;
      return input === undefined ? `is missing: give ${form}` : `must be ${form}`;
    },
  };
}

function flag() {
  return z.boolean(saying('true or false')).default(false);
}

function textOf<Value>(reader: (text: string) => Parsed<Value>) {
  return z.string(saying('a text')).transform((text, context): Value => {
    const parsed = reader(text);
    if (parsed.ok) return parsed.value;
    for (const message of parsed.faults) context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });
}

function parseNamespace(text: string): Parsed<string> {
  return text === '*' ? read(text) : parseKubernetesName(text);
}

function parseServerName(text: string): Parsed<string> {
  if (parseHostName(text).ok) return read(text);
  return refuse('must be a host name; leave it out to verify the host or address as it is dialled');
}

function isPath(text: string): boolean {
  return text.startsWith('/') && !text.includes('\0');
}
