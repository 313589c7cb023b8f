/** Why asking the Kubernetes API or DNS gave nothing. A closed set: each is a value of the label `reason`. */
export type DiscoveryFailure =
  | 'unreachable'
  | 'forbidden'
  | 'not-found'
  | 'http-status'
  | 'expired'
  | 'malformed'
  | 'too-large'
  | 'silent'
  | 'dns';

/** What discovery wants counted. `resource` is RBAC's word (`pods`, `scaledobjects.keda.sh`), or `dns`. */
export interface DiscoveryEvents {
  watchOpened(resource: string): void;
  watchClosed(resource: string): void;
  /** A full list has been read: the first one of a watch, or `again` because its thread was lost. */
  listed(resource: string, again: boolean): void;
  failed(resource: string, failure: DiscoveryFailure): void;
}
