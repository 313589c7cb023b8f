export interface HpaScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly policies?: readonly HpaScalingPolicy[];
  readonly tolerance?: number;
}

/** The HPA's `behavior`, as a user writes it: what is left out gets the API's defaults. */
export interface HpaBehavior {
  readonly scaleUp?: ScalingRules;
  readonly scaleDown?: ScalingRules;
}

/** Replicas that the HPA itself has added or removed, and when. */
export interface ScaleEvent {
  readonly atMs: number;
  readonly change: number;
  /** It was too old for its own direction's policies when a later one came, which may take its place. */
  readonly isOutdated?: true;
}

export interface ScaleEvents {
  readonly up: readonly ScaleEvent[];
  readonly down: readonly ScaleEvent[];
}

type FullRules = Required<Omit<ScalingRules, 'tolerance'>>;

const defaultUp: FullRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const defaultDownPolicies: readonly HpaScalingPolicy[] = [{ type: 'Percent', value: 100, periodSeconds: 15 }];

export function scaleUpRules(behavior: HpaBehavior): FullRules {
  return { ...defaultUp, ...behavior.scaleUp };
}

/** The window for scaling down comes from the controller's flag where the user gives none. */
export function scaleDownRules(behavior: HpaBehavior, downscaleStabilizationMs: number): FullRules {
  const stabilizationWindowSeconds = downscaleStabilizationMs / 1000;
  return { stabilizationWindowSeconds, selectPolicy: 'Max', policies: defaultDownPolicies, ...behavior.scaleDown };
}

/**
 * Events of one direction after one more, as the controller keeps them: the newest takes the place of the last one
 * that is too old for this direction's policies. The other direction's policies may look back further; what they find
 * depends on which was replaced, so it is kept just so (kubernetes `horizontal.go`, `storeScaleEvent`).
 */
export function withScaleEvent(
  events: readonly ScaleEvent[],
  event: ScaleEvent,
  rules: Pick<FullRules, 'policies'>,
): readonly ScaleEvent[] {
  const longestMs = 1000 * Math.max(0, ...rules.policies.map((policy) => policy.periodSeconds));
  const cutoffMs = event.atMs - longestMs;
  const kept = events.map((one) => (one.atMs < cutoffMs ? { ...one, isOutdated: true as const } : one));
  const replaced = kept.findLastIndex(({ isOutdated }) => isOutdated === true);
  return replaced === -1 ? [...kept, event] : kept.with(replaced, event);
}

export interface RateLimitInput {
  readonly nowMs: number;
  readonly current: number;
  readonly desired: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/**
 * How far the policies let one sync go. Each policy counts from the replicas at the start of its period; percentages
 * round up on the way up and are truncated on the way down.
 */
export function rateLimitedReplicas(
  input: RateLimitInput,
  events: ScaleEvents,
  up: FullRules,
  down: FullRules,
): number {
  const { current, desired, minReplicas, maxReplicas } = input;
  if (desired > current) {
    const limit = Math.max(current, policyLimit(input, events, up, 'up'));
    return Math.min(desired, maxReplicas, limit);
  }
  if (desired < current) {
    const limit = Math.min(current, policyLimit(input, events, down, 'down'));
    return Math.max(desired, minReplicas, limit);
  }
  return desired;
}

function policyLimit(
  { nowMs, current }: RateLimitInput,
  events: ScaleEvents,
  rules: FullRules,
  direction: 'up' | 'down',
): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = rules.policies.map((policy) => {
    const sinceMs = nowMs - policy.periodSeconds * 1000;
    const start = current - changeSince(events.up, sinceMs) + changeSince(events.down, sinceMs);
    if (policy.type === 'Pods') return direction === 'up' ? start + policy.value : start - policy.value;
    if (direction === 'up') return Math.ceil(start * (1 + policy.value / 100));
    return Math.trunc(start * (1 - policy.value / 100));
  });
  const furthest = direction === 'up' ? Math.max(...limits) : Math.min(...limits);
  const nearest = direction === 'up' ? Math.min(...limits) : Math.max(...limits);
  return rules.selectPolicy === 'Max' ? furthest : nearest;
}

function changeSince(events: readonly ScaleEvent[], sinceMs: number): number {
  return events.filter((event) => event.atMs > sinceMs).reduce((total, event) => total + event.change, 0);
}
