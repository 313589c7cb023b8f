import type { ActiveReason } from '../aggregation/activity.ts';
import type { Bounds } from '../aggregation/bound-window.ts';
import type { EndpointPhase, Legibility } from '../aggregation/endpoint-load.ts';
import type { GatewayLoad } from '../aggregation/gateway-load.ts';
import type { Aggregation, Metric } from '../config/metadata/trigger-metadata.ts';
import type { Decision, HoldReason } from '../decision/decide.ts';
import type { Told } from '../decision/told.ts';

/** One endpoint of a trigger, as the status page shows it. Ages are in milliseconds. */
export interface EndpointStatus {
  readonly name: string;
  readonly url: string | undefined;
  readonly node: string | undefined;
  readonly phase: EndpointPhase;
  readonly state: Legibility;
  /** The preset that read the page. */
  readonly engine: string | undefined;
  readonly bounds: Bounds;
  readonly running: number | undefined;
  readonly waiting: number | undefined;
  readonly concurrency: number | undefined;
  /**
   * Where latency sums are read: mean requests over the burst window and the window, what one takes, and all of it in
   * words beside the gauge.
   */
  readonly latencySums:
    | {
        readonly burst: number;
        readonly window: number;
        readonly meanSeconds: number | undefined;
        readonly words: string;
      }
    | undefined;
  readonly capacity: number | undefined;
  readonly kvCacheRatio: number | undefined;
  readonly requestsTotal: number | undefined;
  readonly models: readonly string[];
  readonly ageMs: number | undefined;
  readonly scrapeDurationMs: number | undefined;
  readonly bodyBytes: number | undefined;
  readonly failure: string | undefined;
  readonly detail: string | undefined;
  readonly problems: readonly string[];
  readonly asleep: boolean;
  /** Claims requests while none of its counters moves: shown, and not acted upon by itself. */
  readonly suspect: boolean;
  /** Suspect for so long that its claims count as nothing: `ignoreSuspectAfter`. */
  readonly suspectIgnored: boolean;
  readonly gpuUtilizationRatio: number | undefined;
  readonly gpuMemoryRatio: number | undefined;
  /** Distinct last error codes of the pod's GPUs. An old error stays. */
  readonly gpuXids: readonly number[];
}

/** What stands in front of the workload. */
export interface GatewayStatus {
  readonly state: GatewayLoad['state'];
  /** Requests that no engine has yet, and requests that engines may have already: this workload's share of them. */
  readonly held: number;
  readonly inFlight: number;
  /** How many other workloads stand behind the same number of this gateway. */
  readonly sharedWith: number;
  /** True where it could never be read for so long that it counts as nothing. */
  readonly isGivenUp: boolean;
  /** What its endpoints that can't be read may hold beside that, at most. */
  readonly unknown: number;
  readonly problem: string | undefined;
  readonly endpoints: readonly {
    readonly name: string;
    readonly url: string | undefined;
    readonly engine: string | undefined;
    readonly requests: number | undefined;
    readonly ageMs: number | undefined;
    readonly failure: string | undefined;
    readonly detail: string | undefined;
  }[];
}

/** What the HPA looks at beside the value. */
export interface HpaStatus {
  readonly metricType: 'AverageValue' | 'Value';
  /** What there is, the surge of a rollout included: an average is compared with it. */
  readonly statusReplicas: number;
  /** Ready pods, ending ones included: a value is multiplied with them. */
  readonly readyReplicas: number | undefined;
  readonly toleranceUpRatio: number;
  readonly toleranceDownRatio: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** Everything that explains one trigger's number at this moment. */
export interface TriggerStatus {
  readonly namespace: string;
  readonly scaledObject: string;
  readonly metric: Metric;
  readonly metricName: string;
  /** What tells it from other triggers of its ScaledObject: models, and where the pages are if not at the scale target. */
  readonly scope: string | undefined;
  /** One sentence with the numbers filled in: why the value is what it is. */
  readonly why: string;
  readonly decision: Decision['kind'];
  readonly holdReason: HoldReason | undefined;
  /** `undefined` while holding. */
  readonly metricValue: number | undefined;
  /** What KEDA is told; `undefined`: an error. While holding this may be no change and active, though neither is known. */
  readonly told: Told | undefined;
  readonly targetValue: number;
  readonly aggregation: Aggregation;
  readonly activationTargetValue: number;
  /** `undefined` while holding. */
  readonly active: boolean | undefined;
  readonly activeReason: ActiveReason | undefined;
  readonly loadNow: number | undefined;
  /** Everything together at this moment; `undefined` while the list of endpoints is not known. */
  readonly now: Bounds | undefined;
  /** Means over both windows; `undefined` while nothing was recorded in them, or where the metric is a mean already. */
  readonly windows: {
    readonly windowMs: number;
    readonly burstWindowMs: number;
    readonly stable: Bounds | undefined;
    readonly burst: Bounds | undefined;
  };
  readonly windowed: Bounds | undefined;
  readonly noChangeValue: number | undefined;
  readonly settledBy: string | undefined;
  /** Replicas asked for now; `undefined` while their list is not known. */
  readonly replicas: number | undefined;
  /**
   * What the HPA will ask for when it looks now, surge and tolerance included, before its stabilization and policies;
   * KEDA's own step at zero. `undefined` while holding, and where nobody can say.
   */
  readonly desiredReplicas: number | undefined;
  /** What the HPA looks at beside what it is told; `undefined` where the scale is not read. */
  readonly hpa: HpaStatus | undefined;
  readonly discoverySynced: boolean;
  readonly problem: string | undefined;
  /** True when the problem is the user's to mend: what the trigger names does not exist. */
  readonly invalid: boolean;
  /** Endpoints known now or bounded by a fresh reading, those that should be readable and are not, and all. */
  readonly readable: number;
  readonly unreadable: number;
  readonly endpoints: readonly EndpointStatus[];
  /** Endpoints that the operator's limit leaves out; each counts as unreadable. */
  readonly endpointsBeyondLimit: number;
  readonly gateway: GatewayStatus | undefined;
  /** Age of the oldest reading that counts, in milliseconds. */
  readonly dataAgeMs: number | undefined;
  /** Since KEDA last asked, in milliseconds. */
  readonly askedAgoMs: number;
  readonly openPushStreams: number;
  /** The newest changes of the decision, newest last. */
  readonly changes: readonly {
    readonly agoMs: number;
    readonly metricValue: number | undefined;
    readonly active: boolean | undefined;
    readonly why: string;
  }[];
}
