import type { Kube, KubeObject, WatchedChange } from './cluster/kube.ts';
import { workloadKey } from './models/protocol.ts';

/** Replicas of one workload from a moment on. */
export interface ReplicaChange {
  /** Monotonic milliseconds at which the change was seen. */
  readonly atMs: number;
  readonly desired: number;
  readonly ready: number;
  /** As the HPA counts them. */
  readonly current: number;
}

/** Every change of every Deployment's replicas, as the API server told it. */
export class ReplicaHistory {
  readonly #changes = new Map<string, ReplicaChange[]>();

  follow(kube: Kube, signal: AbortSignal): void {
    kube.watch('/apis/apps/v1/deployments', (change, object) => this.#take(change, object), signal);
  }

  of(workload: string): readonly ReplicaChange[] {
    return this.#changes.get(workload) ?? [];
  }

  now(workload: string): ReplicaChange | undefined {
    return this.of(workload).at(-1);
  }

  /** When `spec.replicas` was first seen to be as asked, at or after a moment. */
  firstDesired(workload: string, sinceMs: number, isIt: (desired: number) => boolean): number | undefined {
    return this.of(workload).find(({ atMs, desired }) => atMs >= sinceMs && isIt(desired))?.atMs;
  }

  /** The least and the most replicas asked for from a moment on, the state at that moment included. */
  rangeSince(workload: string, sinceMs: number): { readonly least: number; readonly most: number } {
    const all = this.of(workload);
    const before = all.findLast(({ atMs }) => atMs < sinceMs);
    const seen = [...(before ? [before] : []), ...all.filter(({ atMs }) => atMs >= sinceMs)];
    const desired = seen.map((change) => change.desired);
    return { least: Math.min(...desired), most: Math.max(...desired) };
  }

  #take(change: WatchedChange, { metadata, spec, status }: KubeObject): void {
    if (change === 'DELETED') return;
    const key = workloadKey(metadata.namespace ?? '', metadata.name);
    const counts = { desired: Number(spec?.replicas ?? 1), ready: Number(status?.readyReplicas ?? 0) };
    const seen = { ...counts, current: Number(status?.replicas ?? 0) };
    const known = this.#changes.get(key) ?? [];
    const last = known.at(-1);
    if (last?.desired === seen.desired && last.ready === seen.ready && last.current === seen.current) return;
    known.push({ atMs: performance.now(), ...seen });
    this.#changes.set(key, known);
  }
}
