import { updateActivity } from '../aggregation/activity.ts';
import type { EndpointLoad } from '../aggregation/endpoint-load.ts';
import type { GatewayLoad } from '../aggregation/gateway-load.ts';
import { gatewayLoad } from '../aggregation/gateway-load.ts';
import { observe } from '../aggregation/observation.ts';
import { decide } from '../decision/decide.ts';
import { shouldPush } from '../decision/next-push.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import { presets } from '../presets/catalogue/presets.ts';
import { activityPolicy, activitySigns } from './activity-signs.ts';
import { conclude } from './conclude.ts';
import { nodesOf } from './gpu-guard.ts';
import type { PhasedLoad } from './loads.ts';
import { loadsOf, pagePolicy } from './loads.ts';
import type { Trigger } from './trigger.ts';
import type { TriggerEvents, World } from './world.ts';

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
  const seen = { discoverySynced: discovered.synced, replicas, loads: counted(loads, replicas), gateway };
  const observation = observe(seen, trigger.window, trigger.metadata, nowMs);
  const decision = decide(observation, trigger.metadata);
  const signs = activitySigns(trigger, observation, decision, { gpus: world.gpus, nowMs });
  trigger.activity = updateActivity(trigger.activity, signs, activityPolicy(trigger, discovered), nowMs);
  conclude(trigger, { atMs: nowMs, observation, decision, discovered }, events);
  push(trigger, events, nowMs);
}

/** At zero, what a pod still finishes on its way out needs no replica. Otherwise its requests count: they go on. */
function counted(loads: readonly PhasedLoad[], replicas: number): readonly EndpointLoad[] {
  const some = replicas === 0 ? loads.filter(({ phase }) => phase !== 'terminating') : loads;
  return some.map(({ load }) => load);
}

/** Takes up the newest endpoint lists. A trigger at zero reads its gateway often: nothing else can wake it. */
export function followLists(trigger: Trigger, world: World): EndpointSnapshot {
  const discovered = trigger.replicas.current();
  if (discovered.synced) trigger.endpoints.follow(discovered.endpoints);
  const inFront = trigger.gateway?.current();
  if (inFront?.synced) trigger.gatewayEndpoints?.follow(inFront.endpoints);
  const atZero = discovered.synced && (discovered.replicas ?? discovered.endpoints.length) === 0;
  const { scrapeIntervalMs } = trigger.metadata;
  const idleIntervalMs = Math.min(scrapeIntervalMs, trigger.options.activationScrapeIntervalMs);
  trigger.gatewayEndpoints?.setIntervalMs(atZero ? idleIntervalMs : scrapeIntervalMs);
  world.gpus?.want(trigger, nodesOf(trigger));
  return discovered;
}

/** What stands in front of the trigger's workload now. */
export function gatewayOf(trigger: Trigger, nowMs: number): GatewayLoad | undefined {
  if (trigger.gatewayEndpoints === undefined) return undefined;
  const endpoints = [...trigger.gatewayEndpoints.all].map(({ memory, endpoint }) => ({
    memory,
    phase: endpoint.phase,
  }));
  return gatewayLoad(
    endpoints,
    ({ engine }) => (engine === 'custom' ? 'in-flight' : (presets[engine].inFront?.counts ?? 'in-flight')),
    pagePolicy(trigger.metadata),
    nowMs,
  );
}

function push(trigger: Trigger, events: TriggerEvents, nowMs: number): void {
  const { outcome, streams } = trigger;
  if (outcome === undefined || streams.size === 0) return;
  const active = outcome.told?.active === true;
  for (const [stream, last] of streams) {
    if (shouldPush(last, active, outcome.observation.replicas, nowMs) && stream.sendActive()) {
      streams.set(stream, { active: true, sentMs: nowMs });
      events.pushSent(trigger.namespace, trigger.name);
    } else if (!active && last?.active) {
      streams.set(stream, { active: false, sentMs: nowMs });
    }
  }
}
