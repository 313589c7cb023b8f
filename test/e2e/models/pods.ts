import type { Kube, KubeObject, WatchedChange } from '../cluster/kube.ts';
import { podMarks, workloadKey } from './protocol.ts';

export interface ModelPod {
  readonly name: string;
  readonly workload: string;
  readonly address: string;
  readonly engine: 'vllm' | 'sglang';
  readonly isReady: boolean;
  readonly isTerminating: boolean;
}

interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { type: string; status: string }[];
}

/** Follows the model pods of the cluster. `onGone` is called when a pod has ended. */
export class ModelPods {
  readonly byAddress = new Map<string, ModelPod>();
  readonly #onGone: (pod: ModelPod) => void;
  readonly #onChange: (pod: ModelPod) => void;

  constructor(onChange: (pod: ModelPod) => void, onGone: (pod: ModelPod) => void) {
    this.#onChange = onChange;
    this.#onGone = onGone;
  }

  follow(kube: Kube, signal: AbortSignal): void {
    const path = `/api/v1/pods?labelSelector=${podMarks.role}%3Dmodel`;
    kube.watch(path, (change, object) => this.#take(change, object), signal);
  }

  #take(change: WatchedChange, object: KubeObject): void {
    const pod = modelPodOf(object);
    if (pod === undefined) return;
    if (change === 'DELETED') {
      if (this.byAddress.get(pod.address)?.name === pod.name) this.byAddress.delete(pod.address);
      this.#onGone(pod);
      return;
    }
    this.byAddress.set(pod.address, pod);
    this.#onChange(pod);
  }
}

function modelPodOf({ metadata, status }: KubeObject): ModelPod | undefined {
  const { podIP, conditions = [] } = (status ?? {}) as PodStatus;
  const workload = metadata.labels?.[podMarks.workload];
  if (podIP === undefined || workload === undefined) return undefined;
  return {
    name: metadata.name,
    workload: workloadKey(metadata.namespace ?? '', workload),
    address: podIP,
    engine: metadata.annotations?.[podMarks.engine] === 'sglang' ? 'sglang' : 'vllm',
    isReady: conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True'),
    isTerminating: metadata.deletionTimestamp !== undefined,
  };
}
