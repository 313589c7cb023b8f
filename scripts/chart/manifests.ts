import { parseAllDocuments, stringify } from 'yaml';
import { chartFolder } from './generated-files.ts';
import { runHelm } from './helm.ts';

/** A plain manifest for people without helm: the chart's objects under fixed names. */
export interface Manifest {
  readonly path: string;
  readonly about: string;
  readonly values: readonly string[];
}

export const manifests: readonly Manifest[] = [
  {
    path: 'deploy/manifests/cluster.yaml',
    about: 'The scaler for workloads of all namespaces, in namespace keda, without TLS but behind a NetworkPolicy.',
    values: ['networkPolicy.enabled=true'],
  },
  {
    path: 'deploy/manifests/cluster-mtls.yaml',
    about: 'The same with mutual TLS: cert-manager makes the certificates, KEDA shows its own.',
    values: ['networkPolicy.enabled=true', 'certificates.certManager.enabled=true'],
  },
  {
    path: 'deploy/manifests/namespaced.yaml',
    about: 'For workloads of the namespace models alone: Roles there instead of a ClusterRole.',
    values: ['networkPolicy.enabled=true', 'rbac.scope=namespaced', 'rbac.namespaces={models}'],
  },
  {
    path: 'deploy/manifests/no-api.yaml',
    about: 'Without any right on the Kubernetes API: triggers name endpoints or DNS names inside 10.0.0.0/8.',
    values: ['networkPolicy.enabled=true', 'rbac.scope=none', 'targetPolicy.endpointAllowCidrs={10.0.0.0/8}'],
  },
];

/** Labels that only helm has a use for. */
const helmLabels = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];

export function renderManifest(helm: string, { about, values }: Manifest): string {
  const set = values.flatMap((value) => ['--set', value]);
  const argv = [
    'template',
    'keda-llm-scaler',
    chartFolder,
    '--namespace',
    'keda',
    '--no-hooks',
    '--set',
    'test.enabled=false',
  ];
  const { ok, stdout, stderr } = runHelm(helm, [...argv, ...set]);
  if (!ok) throw new Error(stderr);
  const objects = parseAllDocuments(stdout)
    .map((document) => document.toJS())
    .filter((object) => object !== null)
    .map(withoutHelm);
  const header = `# ${about}\n# Made from the chart: npm run chart:generate.\n`;
  return header + objects.map((object) => `---\n${stringify(object, { lineWidth: 120 })}`).join('');
}

/** The object without helm's labels, on itself and on the pods it makes. */
function withoutHelm<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutHelm) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !helmLabels.includes(key));
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutHelm(each)])) as Value;
}
