import type { GatewaySide } from '../aggregation/gateway-share.ts';
import type { EndpointSnapshot } from '../discovery/endpoint.ts';
import type { MetricType } from '../discovery/scaling.ts';
import type { WatchedList } from './watched-list.ts';
import type { Gpus } from './world.ts';

export interface WatchedGateway extends WatchedList {
  readonly problem: string | undefined;
  /** True when there is no such gateway, which its author must mend. */
  readonly isMissing: boolean;
  /** Other workloads for which its number holds as well. */
  readonly others: readonly GatewaySide[];
}

/** Everything that is known of a trigger's world when a cycle runs. */
export interface Moment {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  readonly discovered: EndpointSnapshot;
  /** What the HPA takes the trigger's value for, where the ScaledObject is read. */
  readonly metricType: MetricType | undefined;
  readonly replicas: WatchedList;
  /** `undefined` where the trigger names no gateway. */
  readonly gateway: WatchedGateway | undefined;
  readonly gpus: Gpus | undefined;
  /** How long replicas that start keep their place. */
  readonly startingForMs: number;
}
