import fc from 'fast-check';
import type { HpaBehavior, ScalingRules } from '../../../src/keda/hpa-behavior.ts';
import type { HpaTarget } from '../../../src/keda/hpa-proposal.ts';

/** What the controller finds at one sync. */
export interface StoryMoment {
  /** `spec.replicas`, where somebody else than the HPA has set them. */
  readonly specReplicas: number | undefined;
  /** `status.replicas` less `spec.replicas`. */
  readonly surge: number;
  /** Pods under the selector, and how many of them are ready. */
  readonly pods: number;
  readonly ready: number;
  /** In thousandths, in the metrics' order; `null` for one that can't be read. */
  readonly totalsMilli: readonly (number | null)[];
}

/** One workload's HPA, and what the controller finds at each sync. */
export interface Story {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly behavior: HpaBehavior | undefined;
  readonly metrics: readonly (Pick<HpaTarget, 'kind'> & { readonly targetMilli: number })[];
  readonly syncs: readonly StoryMoment[];
}

/** The workloads of one controller, with the controller's flags. */
export interface Fleet {
  readonly tolerance: number;
  readonly downscaleStabilizationMs: number;
  readonly stories: readonly Story[];
}

const windowSeconds = fc.constantFrom(0, 15, 30, 45, 60, 120, 300);
const policy = fc.record({
  type: fc.constantFrom('Pods' as const, 'Percent' as const),
  value: fc.integer({ min: 1, max: 150 }),
  periodSeconds: fc.constantFrom(15, 30, 60, 90),
});
const rules: fc.Arbitrary<ScalingRules> = fc.record(
  {
    stabilizationWindowSeconds: windowSeconds,
    selectPolicy: fc.constantFrom('Max' as const, 'Min' as const, 'Disabled' as const),
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
    tolerance: fc.constantFrom(0, 0.005, 0.05, 0.1, 0.25),
  },
  { requiredKeys: [] },
);
const behavior: fc.Arbitrary<HpaBehavior | undefined> = fc.option(
  fc.record({ scaleUp: rules, scaleDown: rules }, { requiredKeys: [] }),
  { nil: undefined },
);

/** Loads as so many times the target: whole ones, where rounding shows, and such near the edges of tolerances. */
const loadInTargets = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.double({ min: 0, max: 40, noNaN: true }),
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0.75, 0.9, 0.95, 1.05, 1.1, 1.25))
    .map(([n, share]) => n * share),
);

function moment(targetsMilli: readonly number[], isFirst: boolean): fc.Arbitrary<StoryMoment> {
  const size = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 30 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
  const total = (targetMilli: number) => {
    const read = loadInTargets.map((load) => Math.round(load * targetMilli));
    return fc.oneof({ weight: 9, arbitrary: read }, { weight: 1, arbitrary: fc.constant(null) });
  };
  const pods = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 35 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
  return fc.record({
    specReplicas: isFirst ? size : fc.option(size, { nil: undefined, freq: 12 }),
    surge: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 8 })),
    pods,
    ready: fc.nat(35),
    totalsMilli: fc.tuple(...targetsMilli.map(total)),
  });
}

const metric = fc.record({
  kind: fc.constantFrom('average-value' as const, 'value' as const),
  targetMilli: fc.constantFrom(1, 850, 8_000, 32_000, 33_333),
});

function story(syncs: number): fc.Arbitrary<Story> {
  return fc
    .record({
      bounds: fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 25 })),
      behavior,
      metrics: fc.array(metric, { minLength: 1, maxLength: 3 }),
    })
    .chain(({ bounds: [minReplicas, more], ...rest }) => {
      const targets = rest.metrics.map(({ targetMilli }) => targetMilli);
      const moments = Array.from({ length: syncs }, (_, index) => moment(targets, index === 0));
      const base = { minReplicas, maxReplicas: minReplicas + more, ...rest };
      return fc.tuple(...moments).map((all) => ({ ...base, syncs: all }));
    });
}

/** Random fleets: the same ones for the same seed. */
export function fleets(
  seed: number,
  { count, stories, syncs }: { count: number; stories: number; syncs: number },
): Fleet[] {
  const fleet = fc.record({
    tolerance: fc.constantFrom(0.1, 0.1, 0.05, 0.2),
    downscaleStabilizationMs: fc.constantFrom(300_000, 60_000, 0),
    stories: fc.array(story(syncs), { minLength: stories, maxLength: stories }),
  });
  return fc.sample(fleet, { numRuns: count, seed });
}

/** A fleet as the controller's side reads it: tolerances are quantities there. */
export function fleetLine(fleet: Fleet): string {
  const told = fleet.stories.map((one) => ({ ...one, behavior: one.behavior && behaviorObject(one.behavior) }));
  return JSON.stringify({ ...fleet, stories: told });
}

function behaviorObject({ scaleUp, scaleDown }: HpaBehavior): object {
  const rulesObject = (all: ScalingRules | undefined) =>
    all && { ...all, ...(all.tolerance !== undefined && { tolerance: String(all.tolerance) }) };
  return { scaleUp: rulesObject(scaleUp), scaleDown: rulesObject(scaleDown) };
}
