import type { DiscoveryFailure } from '../discovery-events.ts';

export interface KubeAnswer {
  readonly status: number;
  /** The parsed JSON, or `undefined` where the body was none. */
  readonly body: unknown;
}

export interface WatchListener {
  /** The server has accepted the watch. */
  onOpen(): void;
  /** One whole line. What a cut connection leaves of a line is dropped. Throwing ends the watch with that error. */
  onLine(line: string): void;
}

/** The little of the Kubernetes API that discovery needs: reading. */
export interface KubeClient {
  /** Rejects with a `KubeFault` where no whole answer came; any status is an answer. */
  get(path: string, signal: AbortSignal): Promise<KubeAnswer>;
  /** The same, of one object, of which the server sends its metadata alone: no template, no environment. */
  getMetadata(path: string, signal: AbortSignal): Promise<KubeAnswer>;
  /** Resolves when the server ends the stream; rejects with a `KubeFault` when it refused or the connection broke. */
  watch(path: string, listener: WatchListener, signal: AbortSignal): Promise<void>;
  /** Gives up all connections. */
  close(): Promise<void>;
}

/** An answer of the API server that is none, with one line for people. */
export class KubeFault extends Error {
  override readonly name = 'KubeFault';
  readonly failure: DiscoveryFailure;
  constructor(failure: DiscoveryFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

const failureOfStatus: Readonly<Record<number, DiscoveryFailure>> = {
  403: 'forbidden',
  404: 'not-found',
  410: 'expired',
};

/** Turns a status that is not 200 into a fault. `doing` completes the sentence "the Kubernetes API … to". */
export function faultOfStatus(status: number, doing: string): KubeFault {
  const failure = failureOfStatus[status] ?? 'http-status';
  if (status === 401) return new KubeFault(failure, `the Kubernetes API does not accept our credentials (to ${doing})`);
  return new KubeFault(failure, `the Kubernetes API answered ${status} when asked to ${doing}`);
}

/** Anything thrown, as a fault. */
export function toKubeFault(error: unknown): KubeFault {
  if (error instanceof KubeFault) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  return new KubeFault('unreachable', `cannot reach the Kubernetes API: ${reason}`);
}

/** What every object of the API carries. The rest is read with care by each projection. */
export interface KubeObject {
  readonly metadata: KubeMetadata;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
  /** True for the one owner that made the object and looks after it. */
  readonly controller?: boolean;
}
