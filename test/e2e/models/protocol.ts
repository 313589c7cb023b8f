/** How a replica's metrics page misbehaves. `refuse` resets the connection before anything is read. */
export type Fault = 'refuse' | 'hang' | 'reset' | 'garbage' | 'redirect';

/** What the process of the model replicas can be told; one POST carries a list of these. */
export type ModelCommand =
  /** Keeps this many requests open on a workload for ever: each one that ends is followed by the next. */
  | { readonly kind: 'keep-open'; readonly workload: string; readonly requests: number }
  /** Sends this many short requests straight through. */
  | { readonly kind: 'send-short'; readonly workload: string; readonly requests: number }
  /** What each replica of a workload claims on its page, whatever it does; `undefined` ends it. */
  | { readonly kind: 'pin'; readonly workload: string; readonly claim: PinnedLoad | undefined }
  /** Pods of one workload: a share of them, or the named ones; `undefined` ends all misbehaviour of the workload. */
  | { readonly kind: 'fault'; readonly workload: string; readonly pods?: readonly string[]; readonly fault?: Fault };

export interface PinnedLoad {
  readonly running: number;
  readonly waiting: number;
}

/** What the replicas of one workload do now. Requests are counted at their clients. */
export interface WorkloadLoad {
  /** Open requests: in an engine or held at the gateway. */
  readonly open: number;
  readonly held: number;
  readonly finished: number;
  /** Cut off because their replica went away. */
  readonly lost: number;
  readonly readyPods: number;
  /** Answers to whoever asked its replicas for a page. */
  readonly pagesRead: number;
  /** What came to its replicas over HTTP. */
  readonly completions: CompletionCounts;
}

/** The body of a request for a completion, at any path but that of the page. */
export interface CompletionRequest {
  /** The client's own, the same whenever it asks again. */
  readonly id: string;
  readonly stream: boolean;
}

/** Requests that came to the replicas of one workload over HTTP. */
export interface CompletionCounts {
  readonly ids: number;
  /** Ids that came more than once. */
  readonly repeated: readonly string[];
  readonly mostAtOneReplica: number;
  /** Of each replica that got one, by the clock that all processes share. */
  readonly first: readonly { readonly address: string; readonly readyAtMs: number; readonly arrivedAtMs: number }[];
}

/** Tokens of every answer over HTTP; a stream has an event for each, and one more that is the last. */
export const completionTokens = 100;
export const lastEvent = '[DONE]';

export const controlPort = 7999;
export const enginePort = 8000;
export const gatewayPort = 9090;

/** Labels and annotations by which pods say what they are. */
export const podMarks = {
  /** Label: `model` or `gateway`. */
  role: 'e2e.test/role',
  /** Label of a model pod: the workload's name. */
  workload: 'e2e.test/workload',
  /** Annotation of a model pod: `vllm` or `sglang`. */
  engine: 'e2e.test/engine',
} as const;

/** The name of a workload here and at gateways. */
export function workloadKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
