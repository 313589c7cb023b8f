import { stringify } from 'yaml';

type Tree = { [key: string]: unknown };

/** A ScaledObject nobody has anything to say about, with parts of it replaced. `undefined` takes a part out. */
export interface Changes {
  readonly spec?: Tree;
  readonly trigger?: Tree;
  readonly metadata?: Tree;
  readonly object?: Tree;
  readonly more?: readonly Tree[];
}

/** The YAML of a good ScaledObject with these changes. */
export function scaledObject({ spec = {}, trigger = {}, metadata = {}, object = {}, more = [] }: Changes = {}): string {
  const behavior = { scaleDown: { stabilizationWindowSeconds: 300 } };
  const first = {
    type: 'external-push',
    metadata: { scalerAddress: 'keda-llm-scaler.keda:6000', targetValue: '32', ...metadata },
    ...trigger,
  };
  return stringify({
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'llama', namespace: 'models', ...object },
    spec: {
      scaleTargetRef: { name: 'llama' },
      minReplicaCount: 1,
      maxReplicaCount: 8,
      pollingInterval: 5,
      cooldownPeriod: 300,
      advanced: { horizontalPodAutoscalerConfig: { behavior } },
      triggers: [first, ...more],
      ...spec,
    },
  });
}

/** A trigger of this scaler to stand beside the first. */
export function another(metadata: Tree = {}, rest: Tree = {}): Tree {
  const address = { scalerAddress: 'keda-llm-scaler.keda:6000', targetValue: '32' };
  return { type: 'external-push', metadata: { ...address, ...metadata }, ...rest };
}
