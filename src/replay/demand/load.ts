import type { TraceRequest } from '../../simulate/traffic/trace.ts';

/** What is replayed: opened anew for every policy, so that nothing of it need be kept. */
export interface Load {
  /** In words, for people. */
  readonly title: string;
  /** Where it came from: a file's name, or what made it. */
  readonly name: string;
  /** Lines that are no request to replay, counted while it was last read. */
  skipped?(): number;
  open(): AsyncIterable<readonly TraceRequest[]> | Iterable<readonly TraceRequest[]>;
}
