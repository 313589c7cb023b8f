import { updateActivity } from '../aggregation/activity.ts';
import type { EndpointLoad } from '../aggregation/endpoint-load.ts';
import type { Fleet } from '../aggregation/fleet.ts';
import { followFleet } from '../aggregation/fleet.ts';
import { observe } from '../aggregation/observation.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import { decide } from '../decision/decide.ts';
import { activityPolicy, activitySigns, startingSince } from './activity-signs.ts';
import { conclude } from './conclude.ts';
import { gatewayOf, watchGateway } from './gateway-now.ts';
import { hpaViewOf, rememberSurge } from './hpa-view.ts';
import type { PhasedLoad } from './loads.ts';
import { loadsOf } from './loads.ts';
import type { Moment } from './moment.ts';
import type { TriggerState } from './trigger-state.ts';
import { stateAbout } from './trigger-state.ts';
import type { WatchedEndpoint, WatchedList } from './watched-list.ts';

/**
 * One cycle of one trigger: what the endpoints of the list have said becomes loads, the loads become an observation,
 * and the observation a decision in numbers and words. Pure but for the window, which it writes.
 */
export function runCycle(last: TriggerState, moment: Moment, metadata: TriggerMetadata): TriggerState {
  const { discovered, nowMs } = moment;
  const before = stateAbout(discovered.subject, last, metadata);
  const loads = loadsOf(moment, metadata);
  const gatewayWatch = watchGateway(before.gatewayWatch, moment);
  const gateway = gatewayOf(moment, metadata, gatewayWatch);
  const replicas = discovered.replicas ?? listedReplicas(moment.replicas);
  const fleet = fleetOf(before.fleet, replicas, moment);
  const { lost } = fleet;
  const seen = { discoverySynced: discovered.synced, replicas, loads: counted(loads, replicas), lost, gateway };
  const observation = observe(seen, before.window, metadata, nowMs);
  const decision = decide(observation, metadata);
  const startingSinceMs = startingSince(before.startingSinceMs, observation, moment);
  const found = { observation, decision, startingSinceMs, held: gateway?.held ?? 0 };
  const signs = activitySigns(found, moment, metadata);
  const activity = updateActivity(before.activity, signs, activityPolicy(metadata, discovered), nowMs);
  const surge = rememberSurge(before.surge, moment, observation, metadata);
  const hpa = hpaViewOf(surge, moment, { replicas, aggregation: metadata.aggregation });
  return {
    ...before,
    fleet,
    startingSinceMs,
    gatewayWatch,
    activity,
    surge,
    ...conclude(before, { observation, decision, activity, hpa }, { moment, loads, gateway }, metadata),
  };
}

/** At zero, what a pod still finishes on its way out needs no replica. Otherwise its requests count: they go on. */
function counted(loads: readonly PhasedLoad[], replicas: number): readonly EndpointLoad[] {
  const some = replicas === 0 ? loads.filter(({ phase }) => phase !== 'terminating') : loads;
  return some.map(({ load }) => load);
}

/** Replicas of a list, whose servers may be several each. */
function listedReplicas({ endpoints, surplus }: WatchedList): number {
  return replicasOf(endpoints.filter(({ endpoint }) => endpoint.phase !== 'terminating')) + surplus;
}

function replicasOf(endpoints: readonly WatchedEndpoint[]): number {
  return new Set(endpoints.map(({ endpoint }) => endpoint.name)).size;
}

/** What has become of the replicas as a whole. Those that the operator's limit leaves out are taken to serve. */
function fleetOf(before: Fleet, replicas: number, moment: Moment): Fleet {
  const { endpoints, surplus } = moment.replicas;
  if (!moment.discovered.synced) return before;
  const serving = endpoints.filter(({ endpoint, memory, wasReady }) => {
    const hasServed = wasReady || memory.lastGood !== undefined;
    return endpoint.phase === 'ready' || (endpoint.phase === 'starting' && hasServed);
  });
  return followFleet(before, { replicas, serving: replicasOf(serving) + surplus }, moment.startingForMs, moment.nowMs);
}
