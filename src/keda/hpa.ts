import type { HpaBehavior, ScaleEvent } from './hpa-behavior.ts';
import { rateLimitedReplicas, scaleDownRules, scaleUpRules, withScaleEvent } from './hpa-behavior.ts';
import type { HpaSizes, HpaTarget, HpaTolerance } from './hpa-proposal.ts';
import { HPA_TOLERANCE, hpaProposal } from './hpa-proposal.ts';
import type { PodsMetric } from './pods-metric.ts';
import { proposePods } from './pods-metric.ts';

export interface HpaSettings {
  /** At least 1: the HPA has nothing to say at zero. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** `undefined` is the older path, which is what KEDA leaves an HPA with unless told otherwise. */
  readonly behavior: HpaBehavior | undefined;
  /** The controller's flag: 0.1 in Kubernetes. */
  readonly tolerance: number;
  /** The controller's flag: 300,000 in Kubernetes. */
  readonly downscaleStabilizationMs: number;
}

/** One external metric with its total, or `undefined` when it could not be read. */
export interface HpaMetric extends HpaTarget {
  readonly total: number | undefined;
}

export interface HpaInput extends HpaSizes {
  readonly nowMs: number;
  /** Not looked at when `needsMetrics` says so. */
  readonly metrics: readonly HpaMetric[];
  /** Metrics that each pod has for itself, beside the external ones. */
  readonly podsMetrics?: readonly PodsMetric[];
}

/** `proposal` is what the metrics ask for, before stabilisation and limits. */
export type HpaOutcome =
  | { readonly kind: 'scaling-disabled' | 'metrics-invalid'; readonly replicas: number }
  | { readonly kind: 'out-of-bounds'; readonly replicas: number }
  | { readonly kind: 'computed'; readonly replicas: number; readonly proposal: number };

interface Recommendation {
  readonly atMs: number;
  readonly replicas: number;
}

export const kubernetesHpaDefaults = { tolerance: HPA_TOLERANCE, downscaleStabilizationMs: 300_000 } as const;

/**
 * The horizontal pod autoscaler for one workload, as Kubernetes computes it. Its memory (recommendations and scale
 * events) outlives a stay at zero replicas, as in Kubernetes. Pure: it lives in the time it is given.
 */
export class Hpa {
  readonly #settings: HpaSettings;
  #recommendations: Recommendation[] = [];
  #up: readonly ScaleEvent[] = [];
  #down: readonly ScaleEvent[] = [];

  constructor(settings: HpaSettings) {
    this.#settings = settings;
  }

  /** Whether a sync at this size asks for metrics at all: at zero and outside the bounds it does not. */
  needsMetrics(specReplicas: number): boolean {
    const { minReplicas, maxReplicas } = this.#settings;
    return specReplicas >= minReplicas && specReplicas <= maxReplicas && specReplicas > 0;
  }

  /** One sync: what the replicas should be from now on. */
  sync(input: HpaInput): HpaOutcome {
    const { nowMs, specReplicas } = input;
    const { minReplicas, maxReplicas } = this.#settings;
    if (this.#recommendations.length === 0) this.#recommendations.push({ atMs: nowMs, replicas: specReplicas });
    if (specReplicas === 0) return { kind: 'scaling-disabled', replicas: 0 };
    if (specReplicas > maxReplicas) return this.#scaled('out-of-bounds', input, maxReplicas);
    if (specReplicas < minReplicas) return this.#scaled('out-of-bounds', input, minReplicas);
    const proposal = this.#propose(input);
    if (proposal === undefined) return { kind: 'metrics-invalid', replicas: specReplicas };
    const replicas =
      this.#settings.behavior === undefined ? this.#older(input, proposal) : this.#newer(input, proposal);
    this.#remember(input, replicas);
    return { kind: 'computed', replicas, proposal };
  }

  #scaled(kind: 'out-of-bounds', input: HpaInput, replicas: number): HpaOutcome {
    this.#remember(input, replicas);
    return { kind, replicas };
  }

  /** The highest of the valid metrics' proposals; with an invalid one only a proposal that does not shrink. */
  #propose(input: HpaInput): number | undefined {
    const external = input.metrics.map((metric) =>
      metric.total === undefined ? undefined : this.#proposalOf(metric, metric.total, input),
    );
    const byPods = (input.podsMetrics ?? []).map((metric) =>
      proposePods(metric, input.specReplicas, toleranceOf(this.#settings)),
    );
    const asked = [...external, ...byPods];
    const proposals = asked.filter((one) => one !== undefined);
    const proposal = Math.max(...proposals);
    if (proposals.length === 0) return undefined;
    return proposals.length < asked.length && proposal < input.specReplicas ? undefined : proposal;
  }

  #proposalOf(metric: HpaTarget, total: number, sizes: HpaSizes): number | undefined {
    return hpaProposal(metric, total, sizes, toleranceOf(this.#settings));
  }

  /** Without `behavior`: the highest recommendation of the window, at most doubled (or 4) in one sync. */
  #older({ nowMs, specReplicas }: HpaInput, proposal: number): number {
    const cutoffMs = nowMs - this.#settings.downscaleStabilizationMs;
    const recent = this.#recommendations.filter((one) => one.atMs >= cutoffMs);
    const stabilised = Math.max(proposal, ...recent.map((one) => one.replicas));
    this.#recommendations = [...recent, { atMs: nowMs, replicas: proposal }];
    const limit = Math.min(this.#settings.maxReplicas, Math.max(2 * specReplicas, 4));
    return Math.max(this.#settings.minReplicas, Math.min(stabilised, limit));
  }

  /** With `behavior`: the current size moved into the band of both windows, then as far as the policies allow. */
  #newer({ nowMs, specReplicas }: HpaInput, proposal: number): number {
    const { behavior = {}, downscaleStabilizationMs, minReplicas, maxReplicas } = this.#settings;
    const up = scaleUpRules(behavior);
    const down = scaleDownRules(behavior, downscaleStabilizationMs);
    const since = (seconds: number): number[] =>
      this.#recommendations.filter((one) => one.atMs > nowMs - seconds * 1000).map((one) => one.replicas);
    const atLeast = Math.min(proposal, ...since(up.stabilizationWindowSeconds));
    const atMost = Math.max(proposal, ...since(down.stabilizationWindowSeconds));
    const desired = Math.min(Math.max(specReplicas, atLeast), atMost);
    const longestMs = 1000 * Math.max(up.stabilizationWindowSeconds, down.stabilizationWindowSeconds);
    const kept = this.#recommendations.filter((one) => one.atMs >= nowMs - longestMs);
    this.#recommendations = [...kept, { atMs: nowMs, replicas: proposal }];
    const limits = { nowMs, current: specReplicas, desired, minReplicas, maxReplicas };
    return rateLimitedReplicas(limits, { up: this.#up, down: this.#down }, up, down);
  }

  #remember({ nowMs, specReplicas }: HpaInput, replicas: number): void {
    const { behavior, downscaleStabilizationMs } = this.#settings;
    if (behavior === undefined || replicas === specReplicas) return;
    const event = { atMs: nowMs, change: Math.abs(replicas - specReplicas) };
    if (replicas > specReplicas) this.#up = withScaleEvent(this.#up, event, scaleUpRules(behavior));
    else this.#down = withScaleEvent(this.#down, event, scaleDownRules(behavior, downscaleStabilizationMs));
  }
}

/** The user's tolerance where there is one, in each direction, else the controller's flag. */
function toleranceOf({ behavior, tolerance }: Pick<HpaSettings, 'behavior' | 'tolerance'>): HpaTolerance {
  return { up: behavior?.scaleUp?.tolerance ?? tolerance, down: behavior?.scaleDown?.tolerance ?? tolerance };
}
