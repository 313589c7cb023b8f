import type { Activity } from '../aggregation/activity.ts';
import { noActivity } from '../aggregation/activity.ts';
import { BoundWindow } from '../aggregation/bound-window.ts';
import type { Fleet } from '../aggregation/fleet.ts';
import { unseenFleet } from '../aggregation/fleet.ts';
import type { GatewayLoad } from '../aggregation/gateway-load.ts';
import type { Observation } from '../aggregation/observation.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import type { Decision } from '../decision/decide.ts';
import type { HpaView } from '../decision/hpa-view.ts';
import type { Told } from '../decision/told.ts';
import type { GatewayWatch } from './gateway-now.ts';
import type { SurgeMemory } from './hpa-view.ts';
import { noSurge } from './hpa-view.ts';
import type { PhasedLoad } from './loads.ts';
import type { Moment } from './moment.ts';

/** What one cycle made of the moment. */
export interface Outcome {
  readonly atMs: number;
  readonly observation: Observation;
  readonly decision: Decision;
  readonly activity: Activity;
  /** `undefined`: an error with `why` as its words. */
  readonly told: Told | undefined;
  /** What the HPA looks at beside what is told; `undefined`: not known. */
  readonly hpa: HpaView | undefined;
  readonly why: string;
  /** What all of it was made of, for whoever explains it. */
  readonly sight: Sight;
}

/** What a cycle saw: the endpoints as they were then, and what each of them, and what stands in front, came to. */
export interface Sight {
  readonly moment: Moment;
  readonly loads: readonly PhasedLoad[];
  readonly gateway: GatewayLoad | undefined;
}

/** A change of the decision, kept for the status page. */
export interface Change {
  readonly atMs: number;
  readonly metricValue: number | undefined;
  readonly active: boolean | undefined;
  readonly why: string;
}

/** All that a trigger's cycles hand on to the next one. `runCycle` makes the next state of it; nothing else moves it. */
export interface TriggerState {
  /**
   * The loads of the last minute. A cycle writes into the ring in place, for to copy it would cost more than the cycle:
   * a state is therefore used for one cycle, and not again.
   */
  readonly window: BoundWindow;
  /** What the last known list of replicas was one of. */
  readonly subject: string | undefined;
  readonly activity: Activity;
  /** What was last known of its activity; `undefined`: nothing yet. */
  readonly wasActive: boolean | undefined;
  /** `undefined` before the first cycle, and after one that failed. */
  readonly outcome: Outcome | undefined;
  /** The newest changes of the decision, newest last. */
  readonly changes: readonly Change[];
  /** The replicas as a whole: how many served, and how many of those have not come back. */
  readonly fleet: Fleet;
  /** When replicas were first seen without any of them ready; `undefined` once one was. */
  readonly startingSinceMs: number | undefined;
  readonly surge: SurgeMemory;
  /** `undefined` before the first cycle, and where there is no gateway. */
  readonly gatewayWatch: GatewayWatch | undefined;
}

/** The state of a trigger that nothing is known about. */
export function initialState({ windowMs, burstWindowMs }: TriggerMetadata): TriggerState {
  return {
    window: new BoundWindow(windowMs, burstWindowMs),
    subject: undefined,
    activity: noActivity,
    wasActive: undefined,
    outcome: undefined,
    changes: [],
    fleet: unseenFleet,
    startingSinceMs: undefined,
    surge: noSurge,
    gatewayWatch: undefined,
  };
}

/** What an earlier version of the same trigger has seen: an edit must not forget the last minute. */
export function continuedState(before: TriggerState, after: TriggerState): TriggerState {
  const { window, subject, activity, wasActive, fleet, surge, gatewayWatch } = before;
  return { ...after, window: window.copy(), subject, activity, wasActive, fleet, surge, gatewayWatch };
}

/** True where both are known and differ: what was known of the one says nothing of the other. */
export function isAboutAnother(subject: string | undefined, before: string | undefined): boolean {
  return subject !== undefined && before !== undefined && subject !== before;
}

/** The state as far as it is about what is scaled now: nothing but what was told, where that is something else. */
export function stateAbout(subject: string | undefined, before: TriggerState, metadata: TriggerMetadata): TriggerState {
  if (!isAboutAnother(subject, before.subject)) return { ...before, subject: subject ?? before.subject };
  const { gatewayWatch, outcome, changes } = before;
  return { ...initialState(metadata), subject, gatewayWatch, outcome, changes };
}
