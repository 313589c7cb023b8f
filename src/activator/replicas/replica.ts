/** One running model server that requests may be sent to. */
export interface Replica {
  /** The pod's name, or its URL where there is no pod. Unique in its set. */
  readonly name: string;
  /** `http://host:port`. */
  readonly origin: string;
}

/** Which replicas can take requests, kept current for as long as it is open. */
export interface ReplicaSet {
  /** The same array until something changes. */
  ready(): readonly Replica[];
  /** Why it can't be known which are ready, in words; `undefined` where it is known. */
  problem(): string | undefined;
  /** Calls `listener` after each change of what `ready` returns. Returns the way out. */
  subscribe(listener: () => void): () => void;
  /** Whether somebody waits for a replica. What has to be asked is asked often only then. */
  setWanted(isWanted: boolean): void;
  /** No connection to it could be made: it is not ready until something says otherwise. */
  unreachable(replica: Replica): void;
  close(): void;
}
