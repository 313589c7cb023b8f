import fc from 'fast-check';

/** What happens at one step of a history. */
export type HistoryEvent = { readonly step: number } & (
  | { readonly kind: 'load'; readonly share: number }
  | { readonly kind: 'failure'; readonly which: 'none' | 'all' | number }
  | { readonly kind: 'rollout'; readonly surge: number; readonly loadsForSteps: number }
  | { readonly kind: 'unready'; readonly pods: number; readonly forSteps: number }
);

/** One workload's life under an HPA. */
export interface History {
  readonly kind: 'average-value' | 'value';
  readonly replicas: number;
  /** The load at the start, as a share of what the replicas should carry. */
  readonly share: number;
  readonly tolerance: { readonly up: number; readonly down: number } | undefined;
  /** Whether an error is safe. */
  readonly minReplicaCount: 0 | 1;
  readonly syncs: number;
  readonly events: readonly HistoryEvent[];
  /** At which syncs the HPA finds the size of a moment ago, as bits. */
  readonly lags: number;
}

/** Seconds between two cycles, and cycles between two syncs. */
export const stepMs = 3_000;
export const stepsPerSync = 5;

const syncs = 8;
const step = fc.integer({ min: 1, max: syncs * stepsPerSync - 3 });
const share = fc.double({ min: 0, max: 1.6, noNaN: true });
const failing = fc.oneof(
  fc.constantFrom('none' as const, 'all' as const, 'all' as const),
  fc.integer({ min: 1, max: 255 }),
);
const event: fc.Arbitrary<HistoryEvent> = fc.oneof(
  fc.record({ kind: fc.constant('load' as const), step, share }),
  fc.record({ kind: fc.constant('failure' as const), step, which: failing }),
  fc.record({
    kind: fc.constant('rollout' as const),
    step,
    surge: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 12 })),
    loadsForSteps: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({
    kind: fc.constant('unready' as const),
    step,
    pods: fc.integer({ min: 1, max: 50 }),
    forSteps: fc.integer({ min: 1, max: 12 }),
  }),
);
const someTolerance = fc.record({
  up: fc.constantFrom(0, 0.05, 0.1, 0.3),
  down: fc.constantFrom(0, 0.05, 0.1, 0.3),
});

export const histories: fc.Arbitrary<History> = fc.record({
  kind: fc.constantFrom('average-value' as const, 'average-value' as const, 'value' as const),
  replicas: fc.oneof(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 45 })),
  share: fc.oneof(fc.constant(1), share),
  tolerance: fc.option(someTolerance, { nil: undefined, freq: 2 }),
  minReplicaCount: fc.constantFrom(0 as const, 1 as const, 1 as const),
  syncs: fc.constant(syncs),
  events: fc.array(event, { minLength: 1, maxLength: 7 }),
  lags: fc.integer({ min: 0, max: 2 ** syncs - 1 }),
});
