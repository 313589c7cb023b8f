import type { Activity } from '../aggregation/activity.ts';
import type { Observation } from '../aggregation/observation.ts';
import type { Aggregation, Metric } from '../config/metadata/trigger-metadata.ts';
import type { Decision } from './decide.ts';
import type { HpaView } from './hpa-view.ts';
import { foreseenReplicas, steeringWords } from './hpa-view.ts';
import type { Told } from './told.ts';

/** What a sentence on a decision needs beside the decision. */
export interface Explained {
  readonly seen: Observation;
  readonly activity: Activity;
  readonly metric: Metric;
  readonly targetValue: number;
  readonly aggregation: Aggregation;
  /** What is wrong with discovery, where something is. */
  readonly problem: string | undefined;
  readonly told: Told | undefined;
  /** What the HPA looks at beside what is told; `undefined`: not known. */
  readonly hpa: HpaView | undefined;
  /** Why the gateway can't be read. */
  readonly gatewayProblem: string | undefined;
  /** What the gateway is called, where nothing on its page moves while no replica runs. */
  readonly silentGateway: string | undefined;
  /** Other workloads behind the same number of the gateway. */
  readonly sharedWith: number;
}

/** One sentence with the numbers filled in, for the status page, the log and KEDA's events. */
export function explain(decision: Decision, context: Explained): string {
  const { seen, metric, targetValue, problem } = context;
  if (decision.kind === 'hold') return explainHold(decision, context);
  const value = `${metric} ${round(decision.metricValue)} / target ${round(targetValue)}`;
  const parts = [`${value} = ${wanted(decision.metricValue, context)}, ${seen.replicas} now`, settled(decision, seen)];
  const steering = steeringWords(decision.metricValue, context.told?.metricValue, context.hpa);
  if (steering !== undefined) parts.push(steering);
  parts.push(...latencySumsWords(seen), ...gatewayWords(context));
  parts.push(activityWords(decision.loadNow, context.activity));
  if (problem !== undefined) parts.push(problem);
  return parts.join('; ');
}

function gatewayWords({ seen, gatewayProblem, silentGateway, sharedWith }: Explained): string[] {
  const parts: string[] = [];
  if (seen.requestsInFront !== undefined) {
    const shared =
      sharedWith === 0 ? '' : `, the share beside ${sharedWith} other workload${sharedWith === 1 ? '' : 's'}`;
    parts.push(`${round(seen.requestsInFront)} at the gateway${shared}`);
  }
  if (seen.gatewayState === 'unreadable') {
    const counts = seen.isGatewayGivenUp ? '; it never could be, so it counts as nothing' : '';
    parts.push(`the gateway can't be read${because(gatewayProblem)}${counts}`);
  }
  if (silentGateway !== undefined && seen.replicas === 0) {
    parts.push(`${silentGateway} counts nothing while no replica runs, so a request can't wake this workload`);
  }
  return parts;
}

/** Where part of the value is what no gauge shows. */
function latencySumsWords({ unseen }: Observation): readonly string[] {
  const requests = round(Math.max(unseen.burst.high, unseen.window.high));
  return requests === '0' ? [] : [`latency sums show ${requests} that no gauge does`];
}

function wanted(metricValue: number, { seen, targetValue, aggregation, activity, told, hpa }: Explained): string {
  const { replicas } = seen;
  if (replicas === 0) return activity.active ? 'at least 1 wanted' : '0 wanted';
  if (told === undefined && hpa !== undefined) return `${replicas} kept`;
  const value = told?.metricValue ?? metricValue;
  const asked = foreseenReplicas(value, { replicas, targetValue, aggregation }, hpa);
  return asked === undefined ? `${round(value / targetValue)} × the ready replicas wanted` : `${asked} wanted`;
}

function activityWords(loadNow: number, { active, reason }: Activity): string {
  if (active) return `active: ${reason}`;
  return loadNow > 0 ? 'inactive: not above activationTargetValue' : 'inactive: idle';
}

function explainHold(decision: Extract<Decision, { kind: 'hold' }>, context: Explained): string {
  const { seen, problem, told } = context;
  switch (decision.reason) {
    case 'discovery-not-synced':
      return `holding, the endpoints are not known yet${because(problem)}`;
    case 'nothing-readable':
      return `holding, ${noneOf(seen.unreadable)} be read${because(problem)}${keptWords(told)}`;
  }
}

function settled(decision: Extract<Decision, { kind: 'report' }>, seen: Observation): string {
  const span = `${round(seen.windowed.low)} to ${round(seen.windowed.high)}`;
  const unread = unreadWords(seen);
  switch (decision.settledBy) {
    case 'exact':
      return `${count(seen.readable)} read${atThisMoment(decision)}`;
    case 'no-change':
      return `${unread}, somewhere from ${span}, so no change is asked for`;
    case 'lower-bound':
      return `${unread}, at least ${round(seen.windowed.low)} whatever they carry`;
    case 'upper-bound':
      return `${unread}, at most ${round(seen.windowed.high)} whatever they carry`;
  }
}

/** What is not known exactly: replicas at this moment, or only moments ago. */
function unreadWords({ unreadable, lost = 0, now, gatewayState }: Observation): string {
  if (lost > 0)
    return `${lost} replica${lost === 1 ? '' : 's'} went with all others and ${lost === 1 ? 'is' : 'are'} not back yet`;
  if (unreadable > 0) return `${unreadable} unreadable`;
  if (now.low === now.high) return 'not all was readable lately';
  return gatewayState === undefined || gatewayState === 'read'
    ? 'not all of it is certain'
    : 'the gateway failed just now';
}

/** Where the windows say something else: most often a value that stays high for a while. */
function atThisMoment({ metricValue, loadNow }: Extract<Decision, { kind: 'report' }>): string {
  return round(loadNow) === round(metricValue) ? '' : `; ${round(loadNow)} at this moment`;
}

function count(endpoints: number): string {
  return `${endpoints} endpoint${endpoints === 1 ? '' : 's'}`;
}

/** An error needs no words: KEDA shows it by itself. */
function keptWords(told: Told | undefined): string {
  return told === undefined ? '' : `; no change is asked for (${round(told.metricValue)}), as it was active before`;
}

function noneOf(endpoints: number): string {
  return endpoints === 1 ? 'the only endpoint could not' : `none of ${endpoints} endpoints could`;
}

function because(problem: string | undefined): string {
  return problem === undefined ? '' : `: ${problem}`;
}

function round(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
