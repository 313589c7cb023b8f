import type { ScaleSight, Scaling } from './scaling.ts';

/** A port that an endpoint declares. Containers may listen on others as well. */
export interface EndpointPort {
  readonly name: string | undefined;
  readonly number: number;
}

/** `starting`: not ready yet, or not ready any more. `terminating`: asked to end, may still finish requests. */
export type EndpointPhase = 'ready' | 'starting' | 'terminating';

/** One address that may be scraped. */
export interface Endpoint {
  /** Of the pod, where that is known: one made anew under the same name, perhaps at the same address, is another. */
  readonly uid?: string;
  /** The pod's name, or host:port or URL where there is no pod. Unique in its list. */
  readonly name: string;
  /** An IP address or, for static URLs, a host name. IPv6 without brackets. */
  readonly address: string;
  /** Where a port was asked for: that one, or none if this endpoint does not have it. Otherwise all that are declared. */
  readonly ports: readonly EndpointPort[];
  readonly phase: EndpointPhase;
  readonly namespace: string | undefined;
  readonly node: string | undefined;
  /** Given for static endpoints, whose URL is used as it is. */
  readonly url: string | undefined;
  /** The StatefulSet whose pod it is, where that is what is scaled: its name ends with its ordinal. */
  readonly ofStatefulSet?: string;
  /** True where it is not known whether it is a replica of the workload; left out where it is. */
  readonly isOwnerUnknown?: true;
}

/** What a source knows at one moment: a whole list or nothing, never a part of one. */
export interface EndpointSnapshot {
  /**
   * False until the first full list. Afterwards the last full list stands, whatever fails; it falls only when what it
   * was a list of is gone (`invalid`: no such ScaledObject, scale target or Service any more).
   */
  readonly synced: boolean;
  readonly endpoints: readonly Endpoint[];
  /** Replicas that are asked for, or else the pods that are not terminating; undefined where the source cannot know. */
  readonly replicas: number | undefined;
  /** KEDA's `pollingInterval` where the ScaledObject could be read. */
  readonly pollingIntervalMs: number | undefined;
  /** Whether the ScaledObject has a `fallback`; absent where it is not looked at. */
  readonly hasFallback?: boolean;
  /** How the ScaledObject scales, and what the HPA sees of its target; absent where they are not looked at. */
  readonly scaling?: Scaling;
  readonly scale?: ScaleSight;
  /**
   * What it is a list of, where that can change under one name; absent elsewhere. Whatever was known while it was
   * another one says nothing of this one.
   */
  readonly subject?: string;
  /** What is wrong now, in words a user can act on; the list may still stand. */
  readonly problem: string | undefined;
  /** What is worth knowing about a list that is current and whole all the same; absent where there is nothing. */
  readonly notice?: string;
  /** True when the problem is the user's to mend (no such ScaledObject, Service or port), not a passing fault. */
  readonly invalid: boolean;
}

/** Keeps an endpoint list current for as long as it is open. */
export interface EndpointSource {
  /** The same object until something changes. */
  current(): EndpointSnapshot;
  /** Calls `listener` after each change of what `current` returns. Returns the way out. */
  subscribe(listener: () => void): () => void;
  close(): void;
}
