import type { GatewayLoad } from '../aggregation/gateway-load.ts';
import { gatewayLoad } from '../aggregation/gateway-load.ts';
import type { GatewaySide } from '../aggregation/gateway-share.ts';
import { isServedBySomebody, shareOfGateway } from '../aggregation/gateway-share.ts';
import { countsRequests } from '../aggregation/observation.ts';
import type { TriggerMetadata } from '../config/metadata/trigger-metadata.ts';
import { presets } from '../presets/catalogue/presets.ts';
import { loadsOf, pagePolicy } from './loads.ts';
import type { Moment, WatchedGateway } from './moment.ts';

/** Whether a gateway has ever said its number, and since when it is looked at. */
export interface GatewayWatch {
  readonly sinceMs: number;
  readonly wasRead: boolean;
}

export function watchGateway(before: GatewayWatch | undefined, { gateway, nowMs }: Moment): GatewayWatch | undefined {
  if (gateway === undefined) return undefined;
  const isRead = gateway.endpoints.some(({ memory }) => memory.lastLoad !== undefined);
  return { sinceMs: before?.sinceMs ?? nowMs, wasRead: isRead || before?.wasRead === true };
}

/** What stands in front of the trigger's workload now: its share, where others stand behind the same number. */
export function gatewayOf(
  moment: Moment,
  metadata: TriggerMetadata,
  watch: GatewayWatch | undefined,
): GatewayLoad | undefined {
  const { gateway, nowMs } = moment;
  if (gateway === undefined) return undefined;
  const whole = gatewayLoad(
    gateway.endpoints.map(({ memory, endpoint }) => ({ memory, phase: endpoint.phase })),
    {
      ...pagePolicy(metadata),
      countOf: ({ engine }) => (engine === 'custom' ? 'in-flight' : (presets[engine].inFront?.counts ?? 'in-flight')),
      neverReadForMs: watch === undefined || watch.wasRead ? undefined : nowMs - watch.sinceMs,
    },
    nowMs,
  );
  return shareOfGateway(whole, sideOf(moment, metadata), sharersOf(gateway, metadata));
}

/** What a workload itself is to a gateway that it may share. */
function sideOf(moment: Moment, metadata: TriggerMetadata): GatewaySide {
  const loads = loadsOf(moment, metadata);
  return {
    engines: countsRequests(metadata.metric) ? loads.reduce((sum, { load }) => sum + load.bounds.low, 0) : 0,
    readyReplicas: moment.replicas.endpoints.filter(({ endpoint }) => endpoint.phase === 'ready').length,
  };
}

/** Workloads to share with. A queue with a number for each ScaledObject is read for one of them alone. */
export function sharersOf(gateway: WatchedGateway, metadata: TriggerMetadata): readonly GatewaySide[] {
  const isOwnRoute = gateway.endpoints.some(({ memory }) => memory.lastGood?.engine === 'keda-http');
  return isOwnRoute && metadata.gateway?.models === undefined ? [] : gateway.others;
}

/**
 * When a request counter of the gateway last moved, for a router that refuses what it can't hand on counts it all the
 * same. Where somebody else serves what passes it, that says nothing of this workload.
 */
export function gatewayMovedMs(moment: Moment, metadata: TriggerMetadata): number | undefined {
  const { gateway } = moment;
  if (gateway === undefined) return undefined;
  if (isServedBySomebody(sideOf(moment, metadata), sharersOf(gateway, metadata))) return undefined;
  let movedMs: number | undefined;
  for (const { memory } of gateway.endpoints) {
    const moved = memory.counters.requestsTotal?.movedMs;
    if (moved !== undefined) movedMs = Math.max(movedMs ?? 0, moved);
  }
  return movedMs;
}
