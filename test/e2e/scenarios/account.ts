import { scalerAccountName, scalerNamespace } from '../cluster/scaler-account.ts';
import type { Scenario } from '../scenario.ts';
import { check } from '../scenario.ts';

/** Group, resource, verb: what the scaler's account may do, and some of what it may not. */
const allowed: readonly (readonly [string, string, string])[] = [
  ['keda.sh', 'scaledobjects', 'watch'],
  ['', 'pods', 'list'],
  ['', 'services', 'get'],
  ['discovery.k8s.io', 'endpointslices', 'watch'],
  ['apps', 'deployments/scale', 'get'],
  ['apps', 'statefulsets/scale', 'get'],
];
const refused: readonly (readonly [string, string, string])[] = [
  ['', 'secrets', 'get'],
  ['', 'secrets', 'list'],
  ['', 'configmaps', 'get'],
  ['', 'pods', 'delete'],
  ['', 'pods/exec', 'create'],
  ['', 'nodes', 'list'],
  ['apps', 'deployments', 'get'],
  ['apps', 'deployments/scale', 'update'],
  ['apps', 'deployments/scale', 'patch'],
  ['keda.sh', 'scaledobjects', 'update'],
  ['', 'events', 'create'],
];

export const account: Scenario = {
  name: 'account',
  title: "the scaler's account may read what it needs and nothing else",
  async run(stage) {
    const user = `system:serviceaccount:${scalerNamespace}:${scalerAccountName}`;
    const may = async ([group, resource, verb]: readonly [string, string, string]): Promise<boolean> => {
      const [name, subresource] = resource.split('/');
      const resourceAttributes = { namespace: stage.namespace, group, resource: name, subresource, verb };
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, groups: ['system:serviceaccounts', 'system:authenticated'], resourceAttributes },
      };
      const { status } = await stage.world.kube.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
      return status?.allowed === true;
    };
    for (const row of allowed) check(await may(row), `it may not ${row[2]} ${row[1]}`);
    for (const row of refused) check(!(await may(row)), `it may ${row[2]} ${row[1]}`);
    return `${allowed.length} allowed, ${refused.length} refused`;
  },
};
