import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runHelm } from '../../scripts/chart/helm.ts';
import type { ValueKey } from '../../scripts/chart/values-file.ts';
import { readValuesFile } from '../../scripts/chart/values-file.ts';
import type { Values } from './render-chart.ts';
import { chart, helm, render } from './render-chart.ts';

const keys = readValuesFile(readFileSync(join(chart, 'values.yaml'), 'utf8')).filter(({ isGroup }) => !isGroup);

/** Most options on, so that what belongs to one of them can show. */
const most: Values = {
  certificates: { certManager: { enabled: true } },
  networkPolicy: { enabled: true },
  prometheus: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
  dashboard: { enabled: true },
};

/** Where another surrounding is needed for a value to mean anything. */
const surroundings: Readonly<Record<string, Values>> = {
  'rbac.namespaces': { rbac: { scope: 'namespaced', namespaces: ['models'] } },
  'certificates.certManager.issuer.name': {
    certificates: { certManager: { issuer: { generate: false, name: 'own' } } },
  },
  'certificates.certManager.issuer.kind': {
    certificates: { certManager: { issuer: { generate: false, name: 'own' } } },
  },
  'certificates.certManager.issuer.group': {
    certificates: { certManager: { issuer: { generate: false, name: 'own' } } },
  },
  'certificates.certManager.issuer.generate': { certificates: { certManager: { issuer: { name: 'own' } } } },
  ...Object.fromEntries(
    keys
      .map(({ path }) => path.join('.'))
      .filter((name) => name.startsWith('prometheus.podMonitor'))
      .map((name) => [name, { prometheus: { serviceMonitor: { enabled: false }, podMonitor: { enabled: true } } }]),
  ),
  ...Object.fromEntries(
    keys
      .map(({ path }) => path.join('.'))
      .filter((name) => name.startsWith('activator.'))
      .map((name) => [name, { activator: { enabled: true, service: 'models/llama' } }]),
  ),
  'listen.statusHost': { listen: { statusPort: 8081 } },
  'networkPolicy.status.namespace': { listen: { statusPort: 8081, statusHost: '0.0.0.0' } },
  'networkPolicy.status.podLabels': {
    listen: { statusPort: 8081, statusHost: '0.0.0.0' },
    networkPolicy: { status: { namespace: 'operators' } },
  },
  'prometheus.podMonitor.enabled': { prometheus: { serviceMonitor: { enabled: false } } },
};

const changes: Readonly<Record<string, unknown>> = {
  'image.digest': `sha256:${'0'.repeat(64)}`,
  'rbac.scope': 'none',
  'rbac.namespaces': ['research'],
  'rbac.extraScaleTargets': [{ apiGroups: ['changed.example.org'], resources: ['things'] }],
  'targetPolicy.endpointAllowCidrs': ['10.1.0.0/16'],
  'dcgm.service': 'gpu-operator/dcgm:9400',
  'scrape.credentials': [{ namespaces: ['models'], hosts: ['10.0.0.0/8'], bearerToken: { secretName: 'changed' } }],
  'resources.requests.cpu': '77m',
  'resources.requests.memory': '77Mi',
  'resources.limits.memory': '777Mi',
  topologySpreadConstraints: [],
  extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'changed' } }],
  'prometheus.prometheusRule.disabled': ['KedaLlmScalerHolding'],
  affinity: { nodeAffinity: {} },
  'activator.service': 'research/llama',
  'activator.settings': { holdTimeout: '77s' },
  'activator.resources': { limits: { memory: '777Mi' } },
  // On in every surrounding, so off is the change.
  'activator.enabled': false,
  'certificates.certManager.enabled': false,
  'networkPolicy.enabled': false,
  'prometheus.serviceMonitor.enabled': false,
  'prometheus.prometheusRule.enabled': false,
  'dashboard.enabled': false,
};

function changed({ path, default: value, note }: ValueKey): unknown {
  const name = path.join('.');
  if (Object.hasOwn(changes, name)) return changes[name];
  if (Array.isArray(note.enum)) return note.enum.find((choice) => choice !== value && choice !== '');
  if (note.duration) return '77s';
  if (note.port) return 7777;
  if (note.map) return { changed: 'yes' };
  if (Array.isArray(value)) return [changedItem(note.items as { readonly type?: string })];
  if (typeof value === 'boolean') return !value;
  return Number.isInteger(value) ? (value as number) + 1 : 'changed';
}

function changedItem({ type }: { readonly type?: string }): unknown {
  if (type === 'integer') return 7777;
  return type === 'object' ? { name: 'changed', mountPath: '/changed' } : 'changed';
}

function nested([first, ...rest]: readonly string[], value: unknown): Values {
  return { [first!]: rest.length === 0 ? value : nested(rest, value) };
}

function merged(a: Values, b: Values): Values {
  const both = Object.entries(b).map(([key, value]) => [
    key,
    isMap(a[key]) && isMap(value) ? merged(a[key], value) : value,
  ]);
  return { ...a, ...Object.fromEntries(both) };
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A hundred and fifty copies take seconds, more where the machine is busy. */
const renderWithinMs = 60_000;

/** A chart that contains ours many times under other names, so that one run of helm renders all. */
const umbrella = mkdtempSync(join(tmpdir(), 'umbrella-'));
afterAll(() => rmSync(umbrella, { recursive: true, force: true }));

/** What each copy renders, its own name taken out. */
function renderAll(copies: ReadonlyMap<string, Values>): ReadonlyMap<string, string> {
  mkdirSync(join(umbrella, 'charts'), { recursive: true });
  rmSync(join(umbrella, 'charts/keda-llm-scaler'), { force: true });
  symlinkSync(resolve(chart), join(umbrella, 'charts/keda-llm-scaler'));
  const dependencies = [...copies.keys()].map((alias) => ({ name: 'keda-llm-scaler', version: '*', alias }));
  writeFileSync(
    join(umbrella, 'Chart.yaml'),
    stringify({ apiVersion: 'v2', name: 'all', version: '0.0.0', dependencies }),
  );
  const { ok, stdout, stderr } = runHelm(
    helm!,
    ['template', 'r', umbrella, '--values', '-'],
    JSON.stringify(Object.fromEntries(copies)),
  );
  if (!ok) throw new Error(stderr);
  const rendered = new Map([...copies.keys()].map((alias) => [alias, '']));
  for (const part of stdout.split(/^---$/m)) {
    const [, alias] = /# Source: all\/charts\/([^/]+)\//.exec(part) ?? [];
    if (alias !== undefined) rendered.set(alias, rendered.get(alias)! + part.replaceAll(alias, 'copy'));
  }
  return rendered;
}

describe.skipIf(helm === undefined)('each value', () => {
  let rendered: ReadonlyMap<string, string>;
  const cases = keys.map((key, at) => ({ name: key.path.join('.'), key, alias: `v${String(at).padStart(3, '0')}` }));

  /** A surrounding is rendered once, however many values are tried in it. */
  const bases = new Map<string, string>();
  const baseOf = (name: string): Values => merged(most, surroundings[name] ?? {});

  beforeAll(() => {
    const copies = new Map<string, Values>();
    for (const { name, key, alias } of cases) {
      const base = baseOf(name);
      const text = JSON.stringify(base);
      if (!bases.has(text)) bases.set(text, `b${String(bases.size).padStart(3, '0')}`);
      copies.set(bases.get(text)!, base);
      copies.set(alias, merged(base, nested(key.path, changed(key))));
    }
    rendered = renderAll(copies);
  }, renderWithinMs);

  it('is looked at', () => expect(cases.length).toBeGreaterThan(110));

  it.each(cases)('$name changes what is rendered', ({ name, alias }) => {
    const before = rendered.get(bases.get(JSON.stringify(baseOf(name)))!)!;
    expect(before).toContain('kind: Deployment');
    expect(rendered.get(alias)).not.toBe(before);
  });
});

/** Wrong values and what the schema says of each. */
const wrong: readonly [name: string, values: Values, words: RegExp][] = [
  ['an unknown key', { replicas: 3 }, /additional properties 'replicas' not allowed/],
  ['an unknown key below', { image: { name: 'x' } }, /\/image.*'name' not allowed/],
  ['a key in the wrong place', { podMonitor: { enabled: true } }, /'podMonitor' not allowed/],
  ['a text for a number', { replicaCount: '2' }, /\/replicaCount.*got string, want integer/],
  ['a number below its minimum', { replicaCount: -1 }, /\/replicaCount.*minimum/],
  ['a text for a switch', { networkPolicy: { enabled: 'true' } }, /\/networkPolicy\/enabled.*want boolean/],
  ['an unknown scope', { rbac: { scope: 'all' } }, /\/rbac\/scope.*'cluster', 'namespaced', 'none'/],
  ['a namespace that is no name', { rbac: { namespaces: ['Models'] } }, /\/rbac\/namespaces\/0/],
  ['one namespace twice', { rbac: { namespaces: ['a', 'a'] } }, /\/rbac\/namespaces.*(unique|equal)/],
  ['a text for a list', { targetPolicy: { endpointAllowCidrs: '10.0.0.0/8' } }, /endpointAllowCidrs.*want array/],
  ['a duration without unit', { limits: { triggerIdleTimeout: '600' } }, /triggerIdleTimeout.*pattern/],
  ['a digest that is none', { image: { digest: 'sha256:1' } }, /\/image\/digest.*pattern/],
  ['a port out of range', { service: { port: 70_000 } }, /\/service\/port.*maximum/],
  ['an unknown log level', { logging: { level: 'trace' } }, /\/logging\/level/],
  ['a number for a label', { podLabels: { a: 1 } }, /\/podLabels\/a.*want string/],
  ['a variable without name', { extraEnv: [{ value: 'x' }] }, /\/extraEnv\/0.*'name'/],
  ['a share of memory above all of it', { heapPercent: 100 }, /\/heapPercent.*maximum/],
  [
    'a target without resources',
    { rbac: { extraScaleTargets: [{ apiGroups: ['a'] }] } },
    /ScaleTargets\/0.*'resources'/,
  ],
  [
    'a token in the values',
    { scrape: { credentials: [{ hosts: ['h'], bearerToken: 'x' }] } },
    /credentials\/0\/bearerToken.*want object/,
  ],
  [
    'a path in the values',
    { scrape: { credentials: [{ hosts: ['h'], bearerTokenFile: '/x' }] } },
    /credentials\/0.*'bearerTokenFile' not allowed/,
  ],
  ['a credential for no host', { scrape: { credentials: [{ namespaces: ['a'] }] } }, /credentials\/0.*'hosts'/],
  [
    'a namespace that is no name in a rule',
    { scrape: { credentials: [{ hosts: ['h'], namespaces: ['A'] }] } },
    /credentials\/0\/namespaces\/0.*pattern/,
  ],
  [
    'a basic credential without Secret',
    { scrape: { credentials: [{ hosts: ['h'], basic: { usernameKey: 'u' } }] } },
    /credentials\/0\/basic.*'secretName'/,
  ],
  ['a Service without namespace', { activator: { service: 'llama' } }, /\/activator\/service.*pattern/],
  ['an unknown setting of the activator', { activator: { settings: { hold: '1m' } } }, /\/activator\/settings/],
  [
    'a list for a setting of the activator',
    { activator: { settings: { model: ['a'] } } },
    /\/activator\/settings\/model.*got array/,
  ],
  ['an unknown pull policy', { image: { pullPolicy: 'Sometimes' } }, /\/image\/pullPolicy/],
];

const protectedPage = { namespaces: ['models'], hosts: ['10.0.0.0/8'], bearerToken: { secretName: 's' } };

/** Values that are right one by one and wrong together. */
const contradictions: readonly [values: Values, words: string][] = [
  [{ rbac: { scope: 'namespaced' } }, 'rbac.namespaces lists none'],
  [{ rbac: { namespaces: ['models'] } }, 'no meaning with rbac.scope cluster'],
  [{ dcgm: { service: 'a/b', endpoints: ['http://10.0.0.1'] } }, 'keep one'],
  [{ rbac: { scope: 'none' }, dcgm: { service: 'a/b' } }, 'needs the Kubernetes API'],
  [{ targetPolicy: { gatewayAllowNamespaces: ['*', 'a'] } }, 'stands alone'],
  [{ listen: { grpcPort: 8080 } }, 'are the same'],
  [{ listen: { statusPort: 8080 } }, 'leave it at 0'],
  [{ listen: { statusPort: 6000 } }, 'leave it at 0'],
  [{ certificates: { certManager: { enabled: true, issuer: { generate: false } } } }, 'name an issuer'],
  [{ prometheus: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } } }, 'scrape every replica twice'],
  [{ scrape: { credentials: [{ ...protectedPage, namespaces: undefined }] } }, '[0] says for nobody'],
  [{ scrape: { credentials: [{ ...protectedPage, basic: { secretName: 's' } }] } }, 'bearerToken and basic contradict'],
  [
    {
      scrape: { credentials: [protectedPage, { ...protectedPage, ca: { secretName: 's' }, insecureSkipVerify: true }] },
    },
    '[1]: ca and insecureSkipVerify contradict',
  ],
  [{ scrape: { credentials: [{ namespaces: ['a'], hosts: ['h'] }] } }, '[0] gives nothing'],
  [
    { scrape: { credentials: [{ namespaces: ['a'], hosts: ['h'], serverName: 'n', allowPlainHttp: true }] } },
    'allowPlainHttp needs a credential',
  ],
  [{ activator: { enabled: true } }, "give the model's Service"],
  [{ activator: { enabled: true, service: 'a/b' }, rbac: { scope: 'none' } }, 'needs the Kubernetes API'],
  [
    { activator: { enabled: true, service: 'a/b', listen: { port: 8080 } } },
    'activator.listen.port and activator.listen.adminPort are the same',
  ],
  [{ resources: { limits: { memory: '1Q' } } }, 'a unit this chart does not know'],
];

describe.skipIf(helm === undefined)('wrong values', () => {
  let refusals: readonly string[];

  beforeAll(() => {
    const aliases = wrong.map(([, values], at): [string, Values] => [`w${String(at).padStart(3, '0')}`, values]);
    let words = '';
    try {
      renderAll(new Map(aliases));
    } catch (error) {
      words = String(error);
    }
    refusals = aliases.map(
      ([alias]) => words.split(/^(?=w\d{3}:)/m).find((part) => part.startsWith(`${alias}:`)) ?? '',
    );
  }, renderWithinMs);

  it.each(wrong.map(([name, , words], at) => ({ name, words, at })))('the schema refuses $name', ({ words, at }) => {
    expect(refusals[at]).toMatch(words);
    expect(refusals[at]!.match(/^- at /gm)).toHaveLength(1);
  });

  it.each(contradictions)('the chart refuses %j', (values, words) => {
    expect(() => render(values)).toThrow(words);
  });
});
