/** What the scaler may do: read what leads from a ScaledObject to its replicas. Nothing is written, no secret is read. */
export const scalerRules = [
  { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods', 'services'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
  {
    apiGroups: ['apps'],
    resources: ['deployments/scale', 'statefulsets/scale', 'replicasets/scale'],
    verbs: ['get'],
  },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get'] },
  // What `rbac.extraScaleTargets` grants.
  { apiGroups: ['argoproj.io'], resources: ['rollouts/scale'], verbs: ['get'] },
] as const;

export const scalerNamespace = 'keda';
export const scalerAccountName = 'keda-llm-scaler';

/** Who may do what, in the namespace of what we ship. */
export interface Account {
  readonly name: string;
  readonly rules: readonly object[];
}

export const scalerAccount: Account = { name: scalerAccountName, rules: scalerRules };

/** Each object with the collection it is applied to. */
export function accountObjects({ name, rules }: Account): readonly (readonly [path: string, object: object])[] {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: scalerNamespace } };
  const role = { apiVersion, kind: 'ClusterRole', metadata: { name }, rules };
  const binding = {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: scalerNamespace }],
  };
  return [
    [`/api/v1/namespaces/${scalerNamespace}/serviceaccounts/${name}`, account],
    [`${rbac}/clusterroles/${name}`, role],
    [`${rbac}/clusterrolebindings/${name}`, binding],
  ];
}
