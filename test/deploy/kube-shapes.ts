import * as models from '@kubernetes/client-node';
import type { KubeObject } from './render-chart.ts';

/** What a value may be: a model of the API, a list or map of it, keys of our own making, or anything (`true`). */
type Shape = string | true | { readonly [key: string]: Shape } | readonly [Shape];

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

const kinds: Readonly<Record<string, Shape>> = {
  'v1/ConfigMap': 'V1ConfigMap',
  'v1/Pod': 'V1Pod',
  'v1/Service': 'V1Service',
  'v1/ServiceAccount': 'V1ServiceAccount',
  'apps/v1/Deployment': 'V1Deployment',
  'networking.k8s.io/v1/NetworkPolicy': 'V1NetworkPolicy',
  'policy/v1/PodDisruptionBudget': 'V1PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1/ClusterRole': 'V1ClusterRole',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': 'V1ClusterRoleBinding',
  'rbac.authorization.k8s.io/v1/Role': 'V1Role',
  'rbac.authorization.k8s.io/v1/RoleBinding': 'V1RoleBinding',
  'cert-manager.io/v1/Issuer': custom({ selfSigned: {}, ca: { secretName: 'string' } }),
  'cert-manager.io/v1/Certificate': custom({
    isCA: 'boolean',
    commonName: 'string',
    secretName: 'string',
    duration: 'string',
    renewBefore: 'string',
    dnsNames: ['string'],
    usages: ['string'],
    privateKey: { algorithm: 'string', size: 'number', rotationPolicy: 'string' },
    issuerRef: { name: 'string', kind: 'string', group: 'string' },
  }),
  'monitoring.coreos.com/v1/ServiceMonitor': custom({ selector: 'V1LabelSelector', endpoints: [scrapeEndpoint()] }),
  'monitoring.coreos.com/v1/PodMonitor': custom({
    selector: 'V1LabelSelector',
    podMetricsEndpoints: [scrapeEndpoint()],
  }),
  'monitoring.coreos.com/v1/PrometheusRule': custom({
    groups: [
      {
        name: 'string',
        rules: [{ alert: 'string', record: 'string', expr: 'string', for: 'string', labels: true, annotations: true }],
      },
    ],
  }),
};

function custom(spec: Shape): Shape {
  return { apiVersion: 'string', kind: 'string', metadata: 'V1ObjectMeta', spec };
}

function scrapeEndpoint(): Shape {
  const text = { port: 'string', path: 'string', interval: 'string', scrapeTimeout: 'string' };
  return { ...text, honorLabels: 'boolean', relabelings: true, metricRelabelings: true };
}

/**
 * Every key the API does not know and every value of a wrong type, by its path: what an API server with strict field
 * validation would refuse.
 */
export function strangeFields(object: KubeObject): string[] {
  const shape = kinds[`${object.apiVersion}/${object.kind}`];
  return shape === undefined
    ? [`unknown kind ${object.apiVersion} ${object.kind}`]
    : strange(object, shape, object.kind);
}

function strange(value: unknown, shape: Shape, path: string): string[] {
  if (shape === true) return [];
  if (typeof shape === 'string') return strangeNamed(value, shape, path);
  if (isList(shape)) return strangeItems(value, shape[0], path);
  return strangeKeys(value, shape, path);
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function strangeNamed(value: unknown, type: string, path: string): string[] {
  const [, item] = /^Array<(.*)>$/.exec(type) ?? [];
  if (item !== undefined) return strangeItems(value, item, path);
  const [, each] = /^\{ \[key: string\]: (.*); \}$/.exec(type) ?? [];
  if (each !== undefined) {
    if (!isMap(value)) return [`${path} is no map`];
    return Object.entries(value).flatMap(([key, below]) => strangeNamed(below, each, `${path}.${key}`));
  }
  if (type === 'any') return [];
  if (type === 'IntOrString')
    return ['number', 'string'].includes(typeof value) ? [] : [`${path} is no number or text`];
  if (['string', 'number', 'boolean'].includes(type)) return typeof value === type ? [] : [`${path} is no ${type}`];
  const model = (models as Record<string, unknown>)[type] as { getAttributeTypeMap?(): Attribute[] } | undefined;
  if (model?.getAttributeTypeMap === undefined) return [`${path}: the type ${type} is not known here`];
  const keys = model.getAttributeTypeMap().map(({ baseName, type: below }): [string, string] => [baseName, below]);
  return strangeKeys(value, Object.fromEntries(keys), path);
}

function strangeItems(value: unknown, shape: Shape, path: string): string[] {
  if (!Array.isArray(value)) return [`${path} is no list`];
  return value.flatMap((item, at) => strange(item, shape, `${path}[${at}]`));
}

function strangeKeys(value: unknown, shape: { readonly [key: string]: Shape }, path: string): string[] {
  if (!isMap(value)) return [`${path} is no map`];
  return Object.entries(value).flatMap(([key, below]) =>
    Object.hasOwn(shape, key) ? strange(below, shape[key]!, `${path}.${key}`) : [`${path}.${key} is unknown`],
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
