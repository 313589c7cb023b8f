/** Annotations on pods that decide about their lives. Delays are durations such as `3s`. */
export const lifeAnnotations = {
  /** From the pod's creation to its address: pulling the image. */
  createDelay: 'e2e.test/create-delay',
  /** From the address to readiness: loading the model. */
  readyDelay: 'e2e.test/ready-delay',
  /** Present: it never becomes ready. */
  neverReady: 'e2e.test/never-ready',
  /** From the request to delete it to its end. */
  deleteDelay: 'e2e.test/delete-delay',
} as const;

const now = '{{ $now := Now }}';

/** kwok's configuration: nodes that stay ready, and pods that get an address, become ready and end, each in its time. */
export function kwokStages(): string {
  const documents = [nodeInitialize(), nodeHeartbeat(), podCreate(), podReady(), podDelete()];
  return documents.map((document) => JSON.stringify(document)).join('\n---\n');
}

const exists = (key: string) => ({ key, operator: 'Exists' });
const lacks = (key: string) => ({ key, operator: 'DoesNotExist' });
const isReady = `.status.conditions.[] | select( .type == "Ready" ) | .status`;
const annotation = (name: string): string => `.metadata.annotations["${name}"]`;

interface StagePlan {
  readonly name: string;
  readonly kind: 'Node' | 'Pod';
  readonly matchExpressions: readonly object[];
  readonly delay?: object;
  readonly next: object;
}

function stage({ name, kind, matchExpressions, delay, next }: StagePlan): object {
  const resourceRef = { apiGroup: 'v1', kind };
  const spec = { resourceRef, selector: { matchExpressions }, ...(delay && { delay }), next };
  return { apiVersion: 'kwok.x-k8s.io/v1alpha1', kind: 'Stage', metadata: { name }, spec };
}

function delayFrom(name: string): object {
  return { durationMilliseconds: 0, durationFrom: { expressionFrom: annotation(name) } };
}

const nodeStatus = `${now}
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
addresses:
- address: {{ NodeIP | Quote }}
  type: InternalIP
allocatable: { cpu: 1k, memory: 1Ti, pods: 1M }
capacity: { cpu: 1k, memory: 1Ti, pods: 1M }
phase: Running
`;

function nodeInitialize(): object {
  const matchExpressions = [{ key: isReady, operator: 'NotIn', values: ['True'] }];
  return stage({ name: 'node-initialize', kind: 'Node', matchExpressions, next: { statusTemplate: nodeStatus } });
}

function nodeHeartbeat(): object {
  const matchExpressions = [{ key: isReady, operator: 'In', values: ['True'] }];
  const delay = { durationMilliseconds: 60_000, jitterDurationMilliseconds: 70_000 };
  return stage({ name: 'node-heartbeat', kind: 'Node', matchExpressions, delay, next: { statusTemplate: nodeStatus } });
}

const podConditions = (ready: 'True' | 'False'): string => `conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "${ready}", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "${ready}", lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: ${ready === 'True'}
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
`;

const podAddress = `{{ $addresses := PodIPsWith .spec.nodeName false ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
hostIP: 127.0.0.1
podIP: {{ index $addresses 0 | Quote }}
podIPs:
- ip: {{ index $addresses 0 | Quote }}
phase: Running
startTime: {{ $now | Quote }}
`;

/** The address appears when the containers are made, readiness later: as in a cluster. */
function podCreate(): object {
  const matchExpressions = [lacks('.metadata.deletionTimestamp'), lacks('.status.podIP')];
  const statusTemplate = `${now}\n${podConditions('False')}${podAddress}`;
  const delay = delayFrom(lifeAnnotations.createDelay);
  return stage({ name: 'pod-create', kind: 'Pod', matchExpressions, delay, next: { statusTemplate } });
}

function podReady(): object {
  const matchExpressions = [
    lacks('.metadata.deletionTimestamp'),
    exists('.status.podIP'),
    lacks(annotation(lifeAnnotations.neverReady)),
    { key: isReady, operator: 'NotIn', values: ['True'] },
  ];
  const statusTemplate = `${now}\n${podConditions('True')}phase: Running\n`;
  const delay = delayFrom(lifeAnnotations.readyDelay);
  return stage({ name: 'pod-ready', kind: 'Pod', matchExpressions, delay, next: { statusTemplate } });
}

function podDelete(): object {
  const matchExpressions = [exists('.metadata.deletionTimestamp')];
  const delay = delayFrom(lifeAnnotations.deleteDelay);
  return stage({ name: 'pod-delete', kind: 'Pod', matchExpressions, delay, next: { delete: true } });
}
