import type { KubeMetadata, KubeObject } from '../kube/kube-api.ts';
import type { Scaling } from '../scaling.ts';
import type { ScalingSpec } from './scaling-of.ts';
import { scalingOf } from './scaling-of.ts';

/** The workload a ScaledObject scales. */
export interface ScaleTargetRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** What is kept of a ScaledObject. */
export interface ScaledObjectFacts {
  readonly target: ScaleTargetRef;
  readonly pollingIntervalMs: number;
  /** Whether KEDA has something to do where a trigger fails. */
  readonly hasFallback: boolean;
  readonly scaling: Scaling;
  /** Changes with the spec and when the object is made anew, not with each status that KEDA writes. */
  readonly edition: string;
}

interface ScaledObject {
  readonly metadata: KubeMetadata;
  readonly spec?: ScalingSpec & {
    scaleTargetRef?: { apiVersion?: string; kind?: string; name?: string };
    pollingInterval?: number;
    fallback?: object;
  };
}

/** KEDA's default. */
const pollingIntervalSeconds = 30;

export function scaledObjectFactsOf(object: KubeObject): ScaledObjectFacts {
  const { metadata, spec }: ScaledObject = object;
  const target = spec?.scaleTargetRef;
  return {
    // KEDA's defaults; an empty string is the same to it as none.
    target: {
      apiVersion: target?.apiVersion || 'apps/v1',
      kind: target?.kind || 'Deployment',
      name: target?.name ?? '',
    },
    pollingIntervalMs: (spec?.pollingInterval ?? pollingIntervalSeconds) * 1000,
    hasFallback: spec?.fallback !== undefined && spec.fallback !== null,
    scaling: scalingOf(spec),
    edition: `${metadata.uid}/${metadata.generation}`,
  };
}
