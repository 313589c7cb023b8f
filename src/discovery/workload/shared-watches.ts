import type { Collection, Reflection, Reflector, ReflectorSurroundings } from '../kube/reflector.ts';
import { reflect } from '../kube/reflector.ts';
import type { Shared } from '../shared.ts';
import { shared } from '../shared.ts';
import type { PodFacts } from './pod-facts.ts';
import { podFactsOf } from './pod-facts.ts';
import type { ScaledObjectFacts } from './scaled-object-facts.ts';
import { scaledObjectFactsOf } from './scaled-object-facts.ts';
import type { ServiceFacts, SliceFacts } from './service-facts.ts';
import { serviceFactsOf, sliceFactsOf } from './service-facts.ts';

/** One user's hold on a watch. */
export interface Watch<Item> {
  current(): Reflection<Item>;
  close(): void;
}

/**
 * The watches that all sources share, each as narrow as its users allow, open while somebody uses it. Names must have
 * been checked before (`kube-name.ts`): they become part of a path.
 */
export interface SharedWatches {
  /** One watch a namespace, since there are few ScaledObjects and many triggers. */
  scaledObjects(namespace: string, onChange: () => void): Watch<ScaledObjectFacts>;
  pods(namespace: string, labelSelector: string, onChange: () => void): Watch<PodFacts>;
  service(namespace: string, name: string, onChange: () => void): Watch<ServiceFacts>;
  slices(namespace: string, service: string, onChange: () => void): Watch<SliceFacts>;
  closeAll(): void;
}

export function sharedWatches(surroundings: ReflectorSurroundings): SharedWatches {
  const scaledObjects = shared<Reflector<ScaledObjectFacts>>();
  const pods = shared<Reflector<PodFacts>>();
  const services = shared<Reflector<ServiceFacts>>();
  const slices = shared<Reflector<SliceFacts>>();
  const all = [scaledObjects, pods, services, slices];
  const use = <Item>(among: Shared<Reflector<Item>>, collection: Collection<Item>, onChange: () => void) => {
    const key = JSON.stringify([collection.path, collection.selector]);
    const { thing, release } = among.lease(key, () => reflect(collection, surroundings));
    const leave = thing.subscribe(onChange);
    const close = (): void => {
      leave();
      release();
    };
    return { current: () => thing.current(), close };
  };
  return {
    scaledObjects: (namespace, onChange) => use(scaledObjects, scaledObjectsIn(namespace), onChange),
    pods: (namespace, labelSelector, onChange) => use(pods, podsOf(namespace, labelSelector), onChange),
    service: (namespace, name, onChange) => use(services, serviceNamed(namespace, name), onChange),
    slices: (namespace, service, onChange) => use(slices, slicesOf(namespace, service), onChange),
    closeAll: () => {
      for (const each of all) each.closeAll();
    },
  };
}

function scaledObjectsIn(namespace: string): Collection<ScaledObjectFacts> {
  const path = `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects`;
  return { path, resource: 'scaledobjects.keda.sh', namespace, selector: {}, project: scaledObjectFactsOf };
}

function podsOf(namespace: string, labelSelector: string): Collection<PodFacts> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return { path, resource: 'pods', namespace, selector: { labelSelector }, project: podFactsOf };
}

function serviceNamed(namespace: string, name: string): Collection<ServiceFacts> {
  const path = `/api/v1/namespaces/${namespace}/services`;
  const selector = { fieldSelector: `metadata.name=${name}` };
  return { path, resource: 'services', namespace, selector, project: serviceFactsOf };
}

function slicesOf(namespace: string, service: string): Collection<SliceFacts> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const selector = { labelSelector: `kubernetes.io/service-name=${service}` };
  return { path, resource: 'endpointslices.discovery.k8s.io', namespace, selector, project: sliceFactsOf };
}
