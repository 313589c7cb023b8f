/** A verb and a resource as `group/resource`, core resources without a group. */
export type Try = readonly [verb: string, resource: string];

/** All that the scaler asks of the API about a workload, and about a Service. */
export const workloadReads: readonly Try[] = [
  ['list', 'keda.sh/scaledobjects'],
  ['watch', 'keda.sh/scaledobjects'],
  ['list', 'pods'],
  ['watch', 'pods'],
  ['get', 'apps/deployments/scale'],
  ['get', 'apps/statefulsets/scale'],
  ['get', 'apps/replicasets/scale'],
  ['get', 'apps/replicasets'],
];
export const serviceReads: readonly Try[] = [
  ['list', 'services'],
  ['watch', 'services'],
  ['list', 'discovery.k8s.io/endpointslices'],
  ['watch', 'discovery.k8s.io/endpointslices'],
];
/** What somebody who took the scaler over would like to do. */
export const attacks: readonly Try[] = [
  ['get', 'secrets'],
  ['list', 'secrets'],
  ['watch', 'secrets'],
  ['list', 'configmaps'],
  ['get', 'pods/log'],
  ['create', 'pods/exec'],
  ['create', 'pods'],
  ['delete', 'pods'],
  ['patch', 'apps/deployments'],
  ['list', 'apps/deployments'],
  ['list', 'apps/replicasets'],
  ['update', 'apps/deployments/scale'],
  ['patch', 'apps/deployments/scale'],
  ['update', 'keda.sh/scaledobjects'],
  ['list', 'keda.sh/triggerauthentications'],
  ['create', 'serviceaccounts/token'],
  ['list', 'nodes'],
  ['list', 'namespaces'],
  ['impersonate', 'users'],
  ['escalate', 'rbac.authorization.k8s.io/roles'],
];

/** Group and name of a resource, and its subresource where it has one. */
export function resourceParts(resource: string): {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
} {
  const [, group = '', rest = resource] = /^([a-z0-9-]+\.[a-z0-9.-]+|apps)\/(.+)$/.exec(resource) ?? [];
  const [name = '', subresource = ''] = rest.split('/');
  return { group, resource: name, subresource };
}
