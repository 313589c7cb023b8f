import type { RefusedTrigger } from './refusals.ts';
import type { TriggerStatus } from './trigger-status.ts';

/** Everything KEDA asks about at this moment. */
export interface Statuses {
  readonly triggers: readonly TriggerStatus[];
  /** What is not followed and why, the newest question first. */
  readonly refused: readonly RefusedTrigger[];
}
