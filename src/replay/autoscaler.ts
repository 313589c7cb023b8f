import type { Stage } from './stage.ts';

/** What decides on the number of replicas during one replay. */
export interface Autoscaler {
  /** Plans what it will do on the stage's clock. */
  start(stage: Stage): void;
  /** Ends what it still waits for. */
  close(): Promise<void>;
}

/** A policy as a row of the comparison. */
export interface Policy {
  /** As it is asked for, with its settings. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly rule: string;
  /** The least it can run with: an autoscaler that can't wake from zero keeps one. */
  readonly leastReplicas: 0 | 1;
  /** Replicas to begin with; without it: what the load of the first minute needs. */
  readonly initialReplicas?: number;
  create(): Autoscaler;
}
