import type { Observation } from '../aggregation/observation.ts';
import type { Decision, ReportPolicy } from './decide.ts';
import { clamp, noChangeValueOf } from './decide.ts';
import type { HpaView } from './hpa-view.ts';
import { toldValue } from './hpa-view.ts';

/** What KEDA is told about one trigger, where it is not told an error. */
export interface Told {
  /** What makes the HPA do what was decided: the decision's own value, unless a rollout stands between the two. */
  readonly metricValue: number;
  readonly active: boolean;
}

/** What is known beside the observation while deciding how to hold. */
export interface HoldContext {
  /** Whether the trigger was active when it was last known; `undefined`: it never was known. */
  readonly wasActive: boolean | undefined;
  /** Whether the ScaledObject has a `fallback`, which only an error brings into play; `undefined`: nobody looked. */
  readonly hasFallback: boolean | undefined;
  /** Whether the number of replicas may be out of date. */
  readonly isListDoubtful: boolean;
  /** Whether the trigger names a gateway that does not exist. */
  readonly isGatewayMissing: boolean;
  /** What the HPA looks at beside the value; `undefined`: not known, and the value is told as it is. */
  readonly hpa: HpaView | undefined;
}

/** What is decided upon, beside the decision. */
export interface ToldAbout {
  readonly seen: Observation;
  readonly policy: ReportPolicy;
  readonly context: HoldContext;
}

/**
 * What KEDA is told; `undefined`: an error, upon which it keeps what it has.
 *
 * But for KEDA 2.21 an error is not harmless: where one of its polls and a query of the autoscaler fail at the same
 * moment, the poll counts as inactive without an error, and a workload past its cooldown is scaled to zero under load.
 * So a workload that was active when nothing could be read any more, and whose replicas are known, is reported as
 * active at the value that asks for no change. Nothing else: an idle one may end, one at zero must not start, and who
 * has a `fallback` wants the error.
 *
 * Beside the surge of a rollout the HPA makes something else of a value than without it, so that another one is told.
 * Where none is right, an error is, if it is safe; if not, what is read stands, and what is not known is the size
 * before the surge, so that the HPA can't climb on what it has bought itself.
 *
 * At zero an error may start pods by way of `fallback`, and otherwise means what zero means. Where there is none, and
 * the gateway that ought to wake the workload does not exist, the error shows it where people look first.
 */
export function toldOf(decision: Decision, active: boolean, about: ToldAbout): Told | undefined {
  const { seen, policy, context } = about;
  if (decision.kind === 'report' && isBlindAtZero(active, about)) return undefined;
  const before = sizeBefore(about);
  if (decision.kind === 'report') {
    const value = decision.metricValue;
    // What pages have said holds, whatever the size before; only what they have not may be what was bought meanwhile.
    const isAllRead = seen.unreadable === 0 && (seen.lost ?? 0) === 0;
    const otherwise = isAllRead ? value : Math.min(value, clamp(before, seen.windowed));
    return told({ value, otherwise }, active, about);
  }
  const { wasActive, hasFallback, isListDoubtful } = context;
  if (decision.reason !== 'nothing-readable' || seen.replicas === 0 || isListDoubtful) return undefined;
  if (wasActive !== true || hasFallback !== false) return undefined;
  return told({ value: noChangeValueOf(seen, policy), otherwise: before }, true, about);
}

/** Nothing runs and nothing can ever wake it: KEDA is to show why, which without a `fallback` costs nothing. */
function isBlindAtZero(active: boolean, { seen, context }: ToldAbout): boolean {
  return context.isGatewayMissing && seen.replicas === 0 && !active && context.hasFallback === false;
}

/** What asks for the size there was before a surge. */
function sizeBefore({ seen, policy, context }: ToldAbout): number {
  return noChangeValueOf({ replicas: context.hpa?.justReplicas ?? seen.replicas }, policy);
}

function told(
  values: { readonly value: number; readonly otherwise: number },
  active: boolean,
  { policy, context }: ToldAbout,
): Told | undefined {
  const metricValue = toldValue(values, policy.targetValue, context.hpa);
  return metricValue === undefined ? undefined : { metricValue, active };
}
