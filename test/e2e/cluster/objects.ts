import { enginePort, gatewayPort, podMarks } from '../models/protocol.ts';
import { activatorAdminPort as adminPort } from './activator.ts';
import { lifeAnnotations } from './kwok-stages.ts';
import { scalerPort } from './scaler.ts';

export const nodeNames = ['node-a', 'node-b'] as const;

export function namespaceObject(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** What every pod of the namespace runs as; the controller that would make it is not started. */
export function defaultAccount(namespace: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
}

export function nodeObject(name: string): object {
  const annotations = { 'kwok.x-k8s.io/node': 'fake' };
  const labels = { 'kubernetes.io/hostname': name };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, annotations, labels } };
}

export interface ModelPlan {
  readonly name: string;
  readonly engine?: 'vllm' | 'sglang';
  readonly replicas?: number;
  /** From a pod's address to its readiness, such as `3s`. */
  readonly readyDelay?: string;
  readonly deleteDelay?: string;
  readonly neverReady?: boolean;
  readonly node?: (typeof nodeNames)[number];
  /** Pods that a rolling update adds, with none missing meanwhile. */
  readonly maxSurge?: number;
  /** Changes the pod template, and so begins a rolling update. */
  readonly edition?: string;
}

/** A Deployment of model replicas. */
export function modelDeployment(namespace: string, plan: ModelPlan): object {
  const { name, engine = 'vllm', replicas = 0, readyDelay = '2s', deleteDelay = '1s', edition = '1' } = plan;
  const annotations = {
    [podMarks.engine]: engine,
    [lifeAnnotations.createDelay]: '200ms',
    [lifeAnnotations.readyDelay]: readyDelay,
    [lifeAnnotations.deleteDelay]: deleteDelay,
    ...(plan.neverReady && { [lifeAnnotations.neverReady]: 'true' }),
    'e2e.test/edition': edition,
  };
  const labels = { app: name, [podMarks.role]: 'model', [podMarks.workload]: name };
  const container = { name: 'server', image: 'model', ports: [{ name: 'http', containerPort: enginePort }] };
  const place = { namespace, name, replicas, labels, annotations, container, node: plan.node ?? 'node-a' };
  return deployment({ ...place, ...(plan.maxSurge !== undefined && { maxSurge: plan.maxSurge }) });
}

/** A gateway that is always there: one pod whose page counts the requests of all workloads. */
export function gatewayObjects(namespace: string): readonly [deployment: object, service: object] {
  const labels = { app: 'gateway', [podMarks.role]: 'gateway' };
  const container = { name: 'gateway', image: 'gateway', ports: [{ name: 'http', containerPort: gatewayPort }] };
  const place = { namespace, name: 'gateway', replicas: 1, labels, annotations: {}, container, node: 'node-b' };
  return [deployment(place), serviceObject(namespace, 'gateway', gatewayPort)];
}

/** Pods that activators run as, and the Service that the scaler finds their pages by. */
export function activatorObjects(namespace: string, replicas: number): readonly [deployment: object, service: object] {
  const labels = { app: 'activator', [podMarks.role]: 'activator' };
  const container = { name: 'activator', image: 'activator', ports: [{ name: 'admin', containerPort: adminPort }] };
  const place = { namespace, name: 'activator', replicas, labels, annotations: {}, container, node: 'node-b' };
  return [deployment(place), serviceObject(namespace, 'activator', adminPort)];
}

/** The Service of the pods with the label `app`. */
export function serviceObject(namespace: string, app: string, port: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app, namespace },
    spec: { selector: { app }, ports: [{ name: 'http', port, targetPort: port }] },
  };
}

interface DeploymentPlan {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly container: object;
  readonly node: string;
  readonly maxSurge?: number;
}

function deployment(plan: DeploymentPlan): object {
  const { namespace, name, replicas, labels, annotations, container, node, maxSurge } = plan;
  const rollingUpdate = { maxSurge, maxUnavailable: 0 };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      ...(maxSurge !== undefined && { strategy: { type: 'RollingUpdate', rollingUpdate } }),
      selector: { matchLabels: { app: labels.app } },
      // The node is named, so no scheduler is needed.
      template: {
        metadata: { labels, annotations },
        spec: {
          nodeName: node,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 3600,
          containers: [container],
        },
      },
    },
  };
}

export interface ScaledObjectPlan {
  readonly name: string;
  /** Metadata of each trigger; the scaler's address is added. */
  readonly triggers: readonly Readonly<Record<string, string>>[];
  /** Merged over the specification. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly scalerAddress?: string;
  readonly metricType?: 'AverageValue' | 'Value';
  /** The TriggerAuthentication of the namespace that every trigger refers to. */
  readonly authentication?: string;
}

/** The HPA's stabilisation, which is 300 s unless it is set. */
export const scaleDownStabilizationSeconds = 10;

/** A ScaledObject for the Deployment of the same name, with short spans. */
export function scaledObject(namespace: string, plan: ScaledObjectPlan): object {
  const scalerAddress = plan.scalerAddress ?? `127.0.0.1:${scalerPort}`;
  const behavior = { scaleDown: { stabilizationWindowSeconds: scaleDownStabilizationSeconds } };
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: plan.name, namespace },
    spec: {
      scaleTargetRef: { name: plan.name },
      pollingInterval: 2,
      cooldownPeriod: 5,
      minReplicaCount: 0,
      maxReplicaCount: 20,
      advanced: { horizontalPodAutoscalerConfig: { behavior } },
      ...plan.spec,
      triggers: plan.triggers.map((metadata) => ({
        type: 'external-push',
        ...(plan.metricType && { metricType: plan.metricType }),
        ...(plan.authentication && { authenticationRef: { name: plan.authentication } }),
        metadata: { scalerAddress, ...metadata },
      })),
    },
  };
}
