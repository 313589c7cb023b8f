import type { Observation } from '../aggregation/observation.ts';
import type { Decision } from '../decision/decide.ts';
import { explain } from '../decision/explain.ts';
import { toldOf } from '../decision/told.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import type { EndpointWatch } from './endpoint-watch.ts';
import { isGpuMetric } from './loads.ts';
import type { Outcome, Trigger } from './trigger.ts';
import type { TriggerEvents } from './world.ts';

/** Changes of a decision that are kept for the status page. */
const KEPT_CHANGES = 20;

interface Concluded {
  readonly atMs: number;
  readonly observation: Observation;
  readonly decision: Decision;
  readonly discovered: EndpointSnapshot;
}

/** Keeps what a cycle came to, in numbers and in words, and tells of it where it is news. */
export function conclude(trigger: Trigger, made: Concluded, events: TriggerEvents): void {
  const { metadata, activity } = trigger;
  const { atMs, observation, decision, discovered } = made;
  if (decision.kind === 'report') trigger.wasActive = activity.active;
  const told = toldOf(decision, activity.active, {
    seen: observation,
    policy: metadata,
    context: {
      wasActive: trigger.wasActive,
      hasFallback: discovered.hasFallback,
      isListDoubtful: discovered.problem !== undefined,
    },
  });
  const why = explain(decision, {
    seen: observation,
    activity,
    metric: metadata.metric,
    targetValue: metadata.targetValue,
    aggregation: metadata.aggregation,
    told,
    problem:
      surplusProblem(trigger) ??
      discovered.problem ??
      problemOf(trigger.endpoints) ??
      gpuProblem(trigger, observation) ??
      discovered.notice,
    gatewayProblem:
      trigger.gateway?.current().problem ?? (trigger.gatewayEndpoints && problemOf(trigger.gatewayEndpoints)),
  });
  const before = trigger.outcome;
  trigger.outcome = { atMs, observation, decision, activity, told, why };
  trigger.dirty = false;
  trigger.urgent = false;
  trigger.nextCycleMs = atMs + trigger.window.bucketMs;
  if (isNews(before, trigger.outcome, metadata.targetValue)) note(trigger, trigger.outcome, events);
}

/** The first sentence on an endpoint that can't be scraped or read, for whoever reads KEDA's events. */
function problemOf(watch: EndpointWatch): string | undefined {
  for (const { endpoint, memory, problem } of watch.all) {
    if (problem !== undefined) return problem;
    if (endpoint.phase !== 'ready') continue;
    if (memory.latest === undefined) return `${endpoint.name}: no answer yet`;
    if (!memory.latest.ok) return saidOf(endpoint.name, memory.latest.detail);
    const missing =
      memory.latest?.ok === true && memory.lastLoad === undefined ? memory.latest.signals.problems[0] : undefined;
    if (missing !== undefined) return saidOf(endpoint.name, missing);
  }
  return undefined;
}

function surplusProblem({ endpoints, options }: Trigger): string | undefined {
  if (endpoints.surplus === 0) return undefined;
  return `${endpoints.surplus} endpoints are beyond --max-endpoints-per-trigger ${options.maxEndpoints} and not read`;
}

/** A GPU metric is read from exporters, about which the replicas' own pages say nothing. */
function gpuProblem({ metadata }: Trigger, { unreadable }: Observation): string | undefined {
  if (!isGpuMetric(metadata.metric) || unreadable === 0) return undefined;
  return `no GPU exporter's page names ${unreadable === 1 ? 'that pod' : 'those pods'}; look at --dcgm-service and at the exporter's pod labels`;
}

/** A static endpoint's name is its URL, which most sentences on it hold already. */
function saidOf(name: string, sentence: string): string {
  return sentence.includes(name) ? sentence : `${name}: ${sentence}`;
}

/** What changes the replica count or activity is news; a ripple in the value is not. */
function isNews(before: Outcome | undefined, after: Outcome, targetValue: number): boolean {
  if (before === undefined || before.decision.kind !== after.decision.kind) return true;
  if (before.activity.active !== after.activity.active) return true;
  if (isGatewayLost(before) !== isGatewayLost(after)) return true;
  if (before.decision.kind !== 'report' || after.decision.kind !== 'report') return false;
  return Math.ceil(before.decision.metricValue / targetValue) !== Math.ceil(after.decision.metricValue / targetValue);
}

function isGatewayLost({ observation }: Outcome): boolean {
  return observation.gatewayState === 'unreadable';
}

function note(trigger: Trigger, outcome: Outcome, events: TriggerEvents): void {
  const metricValue = outcome.decision.kind === 'report' ? outcome.decision.metricValue : undefined;
  // While holding neither is known, whatever KEDA is told.
  const active = outcome.decision.kind === 'report' ? outcome.activity.active : undefined;
  trigger.changes.push({ atMs: outcome.atMs, metricValue, active, why: outcome.why });
  if (trigger.changes.length > KEPT_CHANGES) trigger.changes.shift();
  events.decisionChanged({
    namespace: trigger.namespace,
    scaledObject: trigger.name,
    metric: trigger.metadata.metric,
    metricValue,
    active,
    reason: outcome.why,
  });
}
