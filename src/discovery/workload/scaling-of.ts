import type { HpaBehavior, HpaScalingPolicy, ScalingRules } from '../../keda/hpa-behavior.ts';
import type { MetricType, MetricTypes, Scaling } from '../scaling.ts';
import { metadataKey } from '../scaling.ts';

/** The parts of a ScaledObject's spec that decide how it scales, as far as its definition checks them. */
export interface ScalingSpec {
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
  readonly idleReplicaCount?: number;
  readonly advanced?: {
    readonly scalingModifiers?: { readonly formula?: string };
    readonly horizontalPodAutoscalerConfig?: { readonly behavior?: BehaviorSpec };
  };
  readonly triggers?: readonly TriggerSpec[];
}

interface TriggerSpec {
  readonly metricType?: string;
  readonly useCachedMetrics?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface BehaviorSpec {
  readonly scaleUp?: RulesSpec;
  readonly scaleDown?: RulesSpec;
}

interface RulesSpec {
  readonly stabilizationWindowSeconds?: number | null;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled' | null;
  readonly policies?: readonly HpaScalingPolicy[] | null;
  /** A quantity: `0.05` or `50m`. */
  readonly tolerance?: string | number | null;
}

/** KEDA's. */
const defaultMaxReplicaCount = 100;

export function scalingOf(spec: ScalingSpec | undefined): Scaling {
  const triggers = spec?.triggers ?? [];
  return {
    minReplicaCount: spec?.minReplicaCount ?? 0,
    maxReplicaCount: spec?.maxReplicaCount ?? defaultMaxReplicaCount,
    idleReplicaCount: spec?.idleReplicaCount ?? undefined,
    behavior: behaviorOf(spec?.advanced?.horizontalPodAutoscalerConfig?.behavior),
    hasFormula: Boolean(spec?.advanced?.scalingModifiers?.formula),
    usesCachedMetrics: triggers.some(({ useCachedMetrics }) => useCachedMetrics === true),
    metricTypes: metricTypesOf(triggers),
  };
}

function metricTypesOf(triggers: readonly TriggerSpec[]): MetricTypes {
  const types = triggers.map(({ metricType }): MetricType => (metricType === 'Value' ? 'Value' : 'AverageValue'));
  const [first = 'AverageValue'] = types;
  if (types.every((type) => type === first)) return first;
  return new Map(triggers.map(({ metadata = {} }, index) => [metadataKey(metadata), types[index]!]));
}

function behaviorOf(spec: BehaviorSpec | null | undefined): HpaBehavior | undefined {
  if (spec === undefined || spec === null) return undefined;
  return {
    ...(spec.scaleUp && { scaleUp: rulesOf(spec.scaleUp) }),
    ...(spec.scaleDown && { scaleDown: rulesOf(spec.scaleDown) }),
  };
}

/** Only what is set: the rest gets the API's defaults. */
function rulesOf({ stabilizationWindowSeconds, selectPolicy, policies, tolerance }: RulesSpec): ScalingRules {
  const share = toleranceOf(tolerance);
  return {
    ...(typeof stabilizationWindowSeconds === 'number' && { stabilizationWindowSeconds }),
    ...(selectPolicy && { selectPolicy }),
    ...(policies && { policies }),
    ...(share !== undefined && { tolerance: share }),
  };
}

const suffixes: Readonly<Record<string, number>> = { '': 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/** What a tolerance may be as a quantity of Kubernetes; anything larger than 1 is no tolerance anybody means. */
function toleranceOf(quantity: string | number | null | undefined): number | undefined {
  const parts = /^(\d+(?:\.\d*)?|\.\d+)([mun]?)$/.exec(String(quantity ?? ''));
  return parts === null ? undefined : Number(parts[1]) * suffixes[parts[2]!]!;
}
