import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { findHelm } from '../../scripts/chart/helm.ts';
import { manifests } from '../../scripts/chart/manifests.ts';
import { buildTools } from '../e2e/build.ts';
import type { ApiServer } from './api-server.ts';
import { startApiServer } from './api-server.ts';
import type { Try } from './attempts.ts';
import { attacks, resourceParts, serviceReads, workloadReads } from './attempts.ts';

/**
 * Installs the chart on a real API server (RBAC on, PodSecurity `restricted` enforced) with one set of values after
 * the other, asks it what the ServiceAccount may then do, and has it accept every example and plain manifest. There
 * are no controllers: pods that run are a matter of the end-to-end tests.
 */
const chart = 'deploy/chart';
const release = 'scaler';
const account = 'system:serviceaccount:keda:scaler-keda-llm-scaler';
const namespaces = ['keda', 'models', 'research', 'media', 'gateways', 'gpu-operator'];
const faults: string[] = [];
let checks = 0;

function check(words: string, holds: boolean): void {
  checks++;
  if (!holds) faults.push(words);
}

const helm = findHelm();
if (helm === undefined) throw new Error('helm is missing: npm run helm:get');
const { path, kedaCrds } = await buildTools();
const api = await startApiServer(path.etcd, path['kube-apiserver']);
try {
  await prepare(api);
  await proveObjects(api);
  await proveRights(api, helm);
} finally {
  await api.stop();
}
for (const fault of faults) console.error(`FAILED: ${fault}`);
console.log(`${checks - faults.length} of ${checks} checks hold`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function prepare({ send }: ApiServer): Promise<void> {
  for (const name of namespaces) {
    const labels = name === 'keda' ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {};
    await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    // Made by a controller elsewhere.
    const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await send('POST', `/api/v1/namespaces/${name}/serviceaccounts`, serviceAccount);
  }
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const keda = readdirSync(kedaCrds)
    .filter((file) => file.startsWith('keda.sh_'))
    .map((file) => parse(readFileSync(join(kedaCrds, file), 'utf8')));
  for (const definition of [...keda, ...foreignDefinitions()]) {
    const { status, body } = await send(
      'PATCH',
      `${definitions}/${definition.metadata.name}?fieldManager=test&force=true`,
      definition,
    );
    if (status >= 300) throw new Error(body.message);
  }
  for (const [group, plural] of [
    ['keda.sh/v1alpha1', 'scaledobjects'],
    ['cert-manager.io/v1', 'issuers'],
    ['monitoring.coreos.com/v1', 'podmonitors'],
    ['http.keda.sh/v1beta1', 'interceptorroutes'],
  ]) {
    for (let tries = 0; (await send('GET', `/apis/${group}/${plural}`)).status !== 200; tries++) {
      if (tries > 100) throw new Error(`${group} ${plural} did not come up`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Stand-ins for kinds of cert-manager, the Prometheus operator and the KEDA HTTP add-on, which take any fields. */
function foreignDefinitions() {
  const kinds = [
    ['cert-manager.io', 'Issuer', 'v1'],
    ['cert-manager.io', 'Certificate', 'v1'],
    ['monitoring.coreos.com', 'ServiceMonitor', 'v1'],
    ['monitoring.coreos.com', 'PodMonitor', 'v1'],
    ['monitoring.coreos.com', 'PrometheusRule', 'v1'],
    ['http.keda.sh', 'InterceptorRoute', 'v1beta1'],
  ] as const;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return kinds.map(([group, kind, version]) => {
    const plural = `${kind.toLowerCase()}s`;
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        names: { kind, plural },
        scope: 'Namespaced',
        versions: [{ name: version, served: true, storage: true, schema }],
      },
    };
  });
}

/** Examples and plain manifests, as a strict dry run. */
async function proveObjects(server: ApiServer): Promise<void> {
  const files = [
    ...readdirSync('deploy/examples').map((file) => join('deploy/examples', file)),
    ...manifests.map((each) => each.path),
  ];
  for (const file of files) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
      const object = document.toJS();
      if (object === null) continue;
      const { status, body } = await server.send(
        'PATCH',
        `${pathOf(object)}?fieldManager=test&force=true&dryRun=All&fieldValidation=Strict`,
        object,
      );
      check(`${file}: ${object.kind} ${object.metadata.name}: ${body.message}`, status < 300);
    }
  }
}

function pathOf({
  apiVersion,
  kind,
  metadata,
}: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}): string {
  const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`;
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${base}${place}/${plural}/${metadata.name}`;
}

/** Installs one set of values after the other, and asks what the account may do under each. */
async function proveRights(server: ApiServer, helmPath: string): Promise<void> {
  const all = [...workloadReads, ...serviceReads];
  const rights: Record<string, Readonly<Record<string, readonly Try[]>>> = {
    default: { models: all, media: all, keda: all },
    everything: { models: all },
    mtls: { models: all },
    namespaced: {
      models: all,
      research: all,
      gateways: serviceReads,
      'gpu-operator': serviceReads,
      media: [],
      keda: [],
    },
    'no-api': { models: [], keda: [] },
    'tls-secret': { models: all },
    activator: { models: all, keda: serviceReads, media: [] },
  };
  const activators: Readonly<Record<string, readonly Try[]>> = { models: serviceReads, keda: [], media: [] };
  // The first one again at the end: every way between two sets is an upgrade that works.
  for (const name of [...Object.keys(rights), 'default']) {
    const argv = [
      'upgrade',
      '--install',
      release,
      chart,
      '--namespace',
      'keda',
      // Without it an empty file of values means: those of the release before.
      '--reset-values',
      '--values',
      join(chart, 'ci', `${name}-values.yaml`),
    ];
    const { status, stdout, stderr } = spawnSync(helmPath, argv, {
      env: { ...process.env, KUBECONFIG: server.kubeconfig },
      encoding: 'utf8',
      timeout: 60_000,
    });
    check(`helm with ${name}: ${stderr}`, status === 0 && stdout.includes('STATUS: deployed'));
    check(`PodSecurity with ${name}: ${stderr}`, !/PodSecurity/.test(stderr));
    await proveAccount(server, name, account, rights[name]!);
    if (name === 'activator') await proveAccount(server, name, `${account}-activator`, activators);
  }
}

async function proveAccount(
  server: ApiServer,
  name: string,
  user: string,
  rights: Readonly<Record<string, readonly Try[]>>,
): Promise<void> {
  for (const [namespace, granted] of Object.entries(rights)) {
    for (const attempt of [...workloadReads, ...serviceReads, ...attacks]) {
      const expected = granted.includes(attempt);
      const verdict = expected ? 'allowed' : 'refused';
      const words = `${name}: ${attempt.join(' ')} in ${namespace} should be ${verdict} to ${user}`;
      check(words, await becomes(expected, () => isAllowed(server, user, attempt, namespace)));
    }
  }
}

/** The API server's authorizer hears of new Roles a moment after they are stored. */
async function becomes(expected: boolean, ask: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++) {
    if ((await ask()) === expected) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function isAllowed(
  { send }: ApiServer,
  user: string,
  [verb, resource]: Try,
  namespace: string,
): Promise<boolean> {
  const resourceAttributes = { verb, namespace, ...resourceParts(resource) };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes },
  };
  const { body } = await send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
  if (body.status?.allowed === undefined) throw new Error(`no answer to ${verb} ${resource}: ${body.message}`);
  return body.status.allowed;
}
