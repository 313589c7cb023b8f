import type { Activity } from '../aggregation/activity.ts';
import type { Observation } from '../aggregation/observation.ts';
import type { MetricName } from '../config/trigger-metadata.ts';
import type { Decision } from './decide.ts';
import { desiredReplicas } from './desired-replicas.ts';

/** What a sentence on a decision needs beside the decision. */
export interface Explained {
  readonly seen: Observation;
  readonly activity: Activity;
  readonly metric: MetricName;
  readonly targetValue: number;
  /** What is wrong with discovery, where something is. */
  readonly problem: string | undefined;
  /** Why the gateway can't be read. */
  readonly gatewayProblem: string | undefined;
}

/** One sentence with the numbers filled in, for the status page, the log and KEDA's events. */
export function explain(decision: Decision, context: Explained): string {
  const { seen, metric, targetValue, problem } = context;
  if (decision.kind === 'hold') return explainHold(decision, context);
  const replicas = desiredReplicas(decision.metricValue, targetValue, seen.replicas);
  const value = `${metric} ${round(decision.metricValue)} / target ${round(targetValue)}`;
  const parts = [`${value} = ${replicas} wanted, ${seen.replicas} now`, settled(decision, seen)];
  if (seen.requestsInFront !== undefined) parts.push(`${round(seen.requestsInFront)} at the gateway`);
  if (seen.gatewayState === 'unreadable') parts.push(`the gateway can't be read${because(context.gatewayProblem)}`);
  parts.push(context.activity.active ? `active: ${context.activity.reason}` : 'inactive: idle');
  if (problem !== undefined) parts.push(problem);
  return parts.join('; ');
}

function explainHold(decision: Extract<Decision, { kind: 'hold' }>, context: Explained): string {
  const { seen, problem } = context;
  switch (decision.reason) {
    case 'discovery-not-synced':
      return `holding, the endpoints are not known yet${because(problem)}`;
    case 'nothing-readable':
      return `holding, none of ${seen.unreadable} endpoints could be read${because(problem)}`;
  }
}

function settled(decision: Extract<Decision, { kind: 'report' }>, seen: Observation): string {
  const span = `${round(seen.windowed.low)} to ${round(seen.windowed.high)}`;
  const unread = `${seen.unreadable} unreadable`;
  switch (decision.settledBy) {
    case 'exact':
      return `${seen.readable} endpoints read`;
    case 'no-change':
      return `${unread}, somewhere from ${span}, so no change is asked for`;
    case 'lower-bound':
      return `${unread}, at least ${round(seen.windowed.low)} whatever they carry`;
    case 'upper-bound':
      return `${unread}, at most ${round(seen.windowed.high)} whatever they carry`;
  }
}

function because(problem: string | undefined): string {
  return problem === undefined ? '' : `: ${problem}`;
}

function round(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
