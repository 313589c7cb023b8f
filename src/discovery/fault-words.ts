import type { KubeFault } from './kube/kube-api.ts';

/** What was asked of the API when it failed. */
export interface AskedOfKube {
  /** As RBAC calls it. */
  readonly resource: string;
  readonly namespace: string;
  /** What RBAC must grant. */
  readonly verbs: string;
}

/** A fault of the API in words that tell whoever can mend it what to do. */
export function faultInWords(fault: KubeFault, { resource, namespace, verbs }: AskedOfKube): string {
  if (fault.failure === 'forbidden') {
    return `not allowed to read ${resource} in namespace "${namespace}": RBAC must grant ${verbs} on ${resource}`;
  }
  if (fault.failure === 'not-found') return `the Kubernetes API does not know ${resource}; is its CRD installed?`;
  return `${fault.message} (${resource} in namespace "${namespace}")`;
}
