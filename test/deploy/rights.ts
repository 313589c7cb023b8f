import { resourceParts } from './attempts.ts';
import type { KubeObject } from './render-chart.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** One thing somebody may try: `group/resource` as RBAC names them, core resources without a group. */
export interface Attempt {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
}

/** Whether rendered Roles and bindings let a ServiceAccount do it, as the API server would decide. */
export function mayDo(
  objects: readonly KubeObject[],
  { verb, resource, namespace }: Attempt,
  account = 'scaler-keda-llm-scaler',
): boolean {
  const { group, resource: plural, subresource } = resourceParts(resource);
  const name = subresource === '' ? plural : `${plural}/${subresource}`;
  return rulesFor(objects, namespace, account).some(
    (rule) => rule.apiGroups.includes(group) && rule.resources.includes(name) && rule.verbs.includes(verb),
  );
}

/** Rules that reach the account: through a binding that names it, wildcards and aggregation being no part of the chart. */
function rulesFor(objects: readonly KubeObject[], namespace: string, name: string): Rule[] {
  const account = objects.find(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === name)!.metadata;
  // biome-ignore lint/suspicious/noExplicitAny: bindings have fields that other objects lack.
  const bindings = objects.filter(({ kind }) => kind.endsWith('RoleBinding')) as any[];
  return bindings
    .filter(({ kind, metadata }) => kind === 'ClusterRoleBinding' || metadata.namespace === namespace)
    .filter(({ subjects }) =>
      subjects.some(
        (subject: KubeObject['metadata']) => subject.name === account.name && subject.namespace === account.namespace,
      ),
    )
    .flatMap(({ roleRef, metadata }) =>
      objects
        .filter(({ kind }) => kind === roleRef.kind)
        .filter((role) => role.metadata.name === roleRef.name && role.metadata.namespace === metadata.namespace)
        .flatMap(({ rules }) => rules as Rule[]),
    );
}
