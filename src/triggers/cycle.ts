import type { ActivitySigns } from '../aggregation/activity.ts';
import { updateActivity } from '../aggregation/activity.ts';
import type { GatewayLoad } from '../aggregation/gateway-load.ts';
import { gatewayLoad } from '../aggregation/gateway-load.ts';
import type { Observation } from '../aggregation/observation.ts';
import { observe } from '../aggregation/observation.ts';
import type { Decision } from '../decision/decide.ts';
import { decide } from '../decision/decide.ts';
import { explain } from '../decision/explain.ts';
import { shouldPush } from '../decision/next-push.ts';
import type { Discovered } from '../discovery/endpoint.ts';
import { presets } from '../presets/presets.ts';
import type { EndpointWatch } from './endpoint-watch.ts';
import { isGpuBusy, nodesOf } from './gpu-guard.ts';
import { loadsOf } from './loads.ts';
import type { Outcome, Trigger } from './trigger.ts';
import type { TriggerEvents, World } from './world.ts';

/** Changes of a decision that are kept for the status page. */
const KEPT_CHANGES = 20;
/** While replicas start and none has been ready, the workload counts as wanted for at most this long. */
const STARTING_COUNTS_FOR_MS = 600_000;
/** A reading is current until this many intervals passed without the next one. */
const CURRENT_INTERVALS = 3;

/**
 * One cycle of one trigger, from the endpoint list to what KEDA is told: discovered endpoints are scraped, their
 * readings become loads, loads become an observation, the observation a decision, and the decision a push.
 */
export function runCycle(trigger: Trigger, world: World, events: TriggerEvents): void {
  const nowMs = world.nowMs();
  const discovered = followLists(trigger, world);
  const loads = loadsOf(trigger, world.gpus, nowMs);
  const gateway = gatewayOf(trigger, nowMs);
  const replicas = discovered.replicas ?? loads.filter((load) => load.phase !== 'terminating').length;
  const seen = { discoverySynced: discovered.synced, replicas, loads: loads.map(({ load }) => load), gateway };
  const observation = observe(seen, trigger.window, trigger.metadata, nowMs);
  const decision = decide(observation, trigger.metadata);
  const signs = signsOf(trigger, observation, decision, world);
  trigger.activity = updateActivity(trigger.activity, signs, activityPolicy(trigger, discovered), nowMs);
  conclude(trigger, { atMs: nowMs, observation, decision, problem: discovered.problem }, events);
  push(trigger, events, nowMs);
}

/** Takes up the newest endpoint lists. A trigger at zero reads its gateway often: nothing else can wake it. */
export function followLists(trigger: Trigger, world: World): Discovered {
  const discovered = trigger.replicas.current();
  if (discovered.synced) trigger.endpoints.follow(discovered.endpoints);
  const inFront = trigger.gateway?.current();
  if (inFront?.synced) trigger.gatewayEndpoints?.follow(inFront.endpoints);
  const atZero = discovered.synced && discovered.endpoints.length === 0;
  const { scrapeIntervalMs } = trigger.metadata;
  const idleIntervalMs = Math.min(scrapeIntervalMs, trigger.options.activationScrapeIntervalMs);
  trigger.gatewayEndpoints?.setIntervalMs(atZero ? idleIntervalMs : scrapeIntervalMs);
  world.gpus?.want(trigger, nodesOf(trigger));
  return discovered;
}

/** What stands in front of the trigger's workload now. */
export function gatewayOf(trigger: Trigger, nowMs: number): GatewayLoad | undefined {
  if (trigger.gatewayEndpoints === undefined) return undefined;
  const { scrapeIntervalMs, staleAfterMs } = trigger.metadata;
  const freshness = { currentForMs: CURRENT_INTERVALS * scrapeIntervalMs, staleAfterMs };
  const memories = [...trigger.gatewayEndpoints.all].map(({ memory }) => memory);
  return gatewayLoad(
    memories,
    ({ engine }) => (engine === 'custom' ? 'in-flight' : (presets[engine].inFront?.counts ?? 'in-flight')),
    freshness,
    nowMs,
  );
}

function signsOf(trigger: Trigger, seen: Observation, decision: Decision, world: World): ActivitySigns {
  const nowMs = world.nowMs();
  let requestsMovedMs: number | undefined;
  let wasReady = false;
  for (const { endpoint, memory } of trigger.endpoints.all) {
    if (memory.requestsMovedMs !== undefined) {
      requestsMovedMs = Math.max(requestsMovedMs ?? 0, memory.requestsMovedMs);
    }
    wasReady ||= endpoint.state !== 'starting' || memory.lastGood !== undefined;
  }
  const isStarting = seen.discoverySynced && seen.replicas > 0 && !wasReady;
  trigger.startingSinceMs = isStarting ? (trigger.startingSinceMs ?? nowMs) : undefined;
  return {
    loadNow: decision.kind === 'report' ? decision.loadNow : undefined,
    heldInFront: (seen.requestsInFront ?? 0) > 0,
    requestsMovedMs,
    gpuBusy: isGpuBusy(trigger, world.gpus, nowMs),
    starting: isStarting && nowMs - (trigger.startingSinceMs ?? nowMs) < STARTING_COUNTS_FOR_MS,
  };
}

/** Activity has to outlast the time between two of KEDA's polls, or a poll could miss it. */
function activityPolicy(trigger: Trigger, discovered: Discovered) {
  const { activationTargetValue, idleAfterMs } = trigger.metadata;
  return { activationTargetValue, lingerMs: Math.max(idleAfterMs, discovered.pollingIntervalMs ?? 0) };
}

interface Concluded {
  readonly atMs: number;
  readonly observation: Observation;
  readonly decision: Decision;
  readonly problem: string | undefined;
}

function conclude(trigger: Trigger, made: Concluded, events: TriggerEvents): void {
  const { metadata, activity } = trigger;
  const { atMs, observation, decision } = made;
  const why = explain(decision, {
    seen: observation,
    activity,
    metric: metadata.metric,
    targetValue: metadata.targetValue,
    problem: made.problem ?? problemOf(trigger.endpoints),
    gatewayProblem:
      trigger.gateway?.current().problem ?? (trigger.gatewayEndpoints && problemOf(trigger.gatewayEndpoints)),
  });
  const before = trigger.outcome;
  trigger.outcome = { atMs, observation, decision, activity, why };
  trigger.dirty = false;
  trigger.urgent = false;
  trigger.nextCycleMs = atMs + trigger.window.bucketMs;
  if (isNews(before, trigger.outcome, metadata.targetValue)) note(trigger, trigger.outcome, events);
}

/** The first sentence on an endpoint that can't be scraped or read, for whoever reads KEDA's events. */
function problemOf(watch: EndpointWatch): string | undefined {
  for (const { endpoint, memory, problem } of watch.all) {
    if (problem !== undefined) return problem;
    if (endpoint.state !== 'ready') continue;
    if (memory.latest === undefined) return `${endpoint.name}: no answer yet`;
    if (!memory.latest.ok) return saidOf(endpoint.name, memory.latest.detail);
    const missing =
      memory.latest?.ok === true && memory.lastLoad === undefined ? memory.latest.signals.problems[0] : undefined;
    if (missing !== undefined) return saidOf(endpoint.name, missing);
  }
  return undefined;
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
  trigger.changes.push({ atMs: outcome.atMs, metricValue, active: outcome.activity.active, why: outcome.why });
  if (trigger.changes.length > KEPT_CHANGES) trigger.changes.shift();
  events.decisionChanged({
    namespace: trigger.namespace,
    scaledObject: trigger.name,
    metric: trigger.metadata.metric,
    metricValue,
    active: outcome.activity.active,
    reason: outcome.why,
  });
}

function push(trigger: Trigger, events: TriggerEvents, nowMs: number): void {
  const { outcome, streams } = trigger;
  if (outcome === undefined || streams.size === 0) return;
  const active = outcome.decision.kind === 'report' && outcome.activity.active;
  for (const [stream, last] of streams) {
    if (shouldPush(last, active, outcome.observation.replicas, nowMs) && stream.sendActive()) {
      streams.set(stream, { active: true, sentMs: nowMs });
      events.pushSent(trigger.namespace, trigger.name);
    } else if (!active && last?.active) {
      streams.set(stream, { active: false, sentMs: nowMs });
    }
  }
}
