import { parseAllDocuments } from 'yaml';
import { findHelm, runHelm } from '../../scripts/chart/helm.ts';
import type { AccessRule } from '../../src/config/access/scrape-credentials.ts';
import { parseScrapeCredentials } from '../../src/config/access/scrape-credentials.ts';

/** `undefined`: the chart's tests can't run; `npm run helm:get` fetches it. */
export const helm = findHelm();

export const chart = 'deploy/chart';

// biome-ignore lint/suspicious/noExplicitAny: rendered objects are looked into in many ways.
export type Fields = any;

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Record<string, string>;
  } & Fields;
  readonly spec: Fields;
  readonly rules: Fields;
  readonly data: Fields;
}

export type Values = Readonly<Record<string, unknown>>;

/** What helm said before to the same question: tests look at one rendering from many sides. */
const rendered = new Map<string, string>();

/** The chart's objects under release `scaler` in namespace `keda`. Throws helm's words where it refuses. */
export function render(values: Values = {}, ...more: readonly string[]): KubeObject[] {
  const argv = ['template', 'scaler', chart, '--namespace', 'keda', '--values', '-', ...more];
  const input = JSON.stringify(values);
  const question = JSON.stringify([argv, input]);
  const known = rendered.get(question);
  if (known !== undefined) return objectsOf(known);
  const { ok, stdout, stderr } = runHelm(helm!, argv, input);
  if (!ok) throw new Error(stderr);
  rendered.set(question, stdout);
  return objectsOf(stdout);
}

export function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

/** The one object of a kind, by name where there are several. */
export function only(objects: readonly KubeObject[], kind: string, name?: string): KubeObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`expected one ${kind} ${name ?? ''}, found ${found.length}`);
  return found[0]!;
}

/** The one container of a Deployment: the scaler's, or another's by its name. */
export function container(objects: readonly KubeObject[], name = 'scaler-keda-llm-scaler'): Fields {
  return only(objects, 'Deployment', name).spec.template.spec.containers[0];
}

/** The rules for protected pages that the objects carry, read as the scaler reads them. */
export function rulesOf(objects: readonly KubeObject[]): readonly AccessRule[] {
  const maps = objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('-scrape'));
  const parsed = parseScrapeCredentials(maps[0]?.data['rules.json'] ?? '[]');
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return parsed.value;
}
