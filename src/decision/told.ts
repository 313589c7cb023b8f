import type { Observation } from '../aggregation/observation.ts';
import type { Decision, ReportPolicy } from './decide.ts';
import { noChangeValueOf } from './decide.ts';

/** What KEDA is told about one trigger, where it is not told an error. */
export interface Told {
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
}

/**
 * What KEDA is told; `undefined`: an error, upon which it keeps what it has.
 *
 * But for KEDA 2.21 an error is not harmless: where one of its polls and a query of the autoscaler fail at the same
 * moment, the poll counts as inactive without an error, and a workload past its cooldown is scaled to zero under load.
 * So a workload that was active when nothing could be read any more, and whose replicas are known, is reported as
 * active at the value that asks for no change. Nothing else: an idle one may end, one at zero must not start, and who
 * has a `fallback` wants the error.
 */
export function toldOf(
  decision: Decision,
  active: boolean,
  {
    seen,
    policy,
    context,
  }: { readonly seen: Observation; readonly policy: ReportPolicy; readonly context: HoldContext },
): Told | undefined {
  if (decision.kind === 'report') return { metricValue: decision.metricValue, active };
  const { wasActive, hasFallback, isListDoubtful } = context;
  if (decision.reason !== 'nothing-readable' || seen.replicas === 0 || isListDoubtful) return undefined;
  if (wasActive !== true || hasFallback !== false) return undefined;
  return { metricValue: noChangeValueOf(seen, policy), active: true };
}
