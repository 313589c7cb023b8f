import type { Ready } from '../../keda/keda-decision.ts';
import type { StreamEnd } from './scaler.ts';

/** The workload that is scaled. `status.replicas` follows what is set without delay. */
export interface ScaleTarget {
  replicas(): number;
  readyReplicas(): number;
  setReplicas(replicas: number): void;
}

/** What KEDA and its HPA did, for tables and tests. */
export type KedaEvent = { readonly atMs: number } & (
  | { readonly kind: 'reconciled'; readonly metricNames: readonly string[] }
  | { readonly kind: 'polled'; readonly active: boolean; readonly failed: boolean; readonly why: string }
  | { readonly kind: 'value'; readonly by: 'poll' | 'hpa'; readonly metricName: string; readonly total: number }
  | { readonly kind: 'error'; readonly by: 'reconcile' | 'poll' | 'hpa'; readonly message: string }
  | {
      readonly kind: 'scaled';
      readonly by: 'poll' | 'push' | 'hpa';
      readonly from: number;
      readonly to: number;
      readonly why: string;
    }
  | { readonly kind: 'hpa'; readonly replicas: number; readonly proposal: number | undefined }
  | { readonly kind: 'stream-opened'; readonly trigger: number }
  | { readonly kind: 'stream-ended'; readonly trigger: number; readonly end: StreamEnd; readonly retryInMs: number }
  | {
      readonly kind: 'pushed';
      readonly trigger: number;
      readonly result: boolean;
      readonly effect: 'ignored' | 'dropped' | 'taken';
    }
  | { readonly kind: 'ready'; readonly ready: Ready }
);

/** An event before it is stamped; distributes over the union. */
type Unstamped<Event> = Event extends unknown ? Omit<Event, 'atMs'> : never;
export type Emit = (event: Unstamped<KedaEvent>) => void;
