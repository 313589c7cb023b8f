import type { EngineChoice, FamilySelector } from './trigger-metadata.ts';

interface WrittenEngine {
  readonly engine: 'auto' | 'custom' | Extract<EngineChoice, { readonly kind: 'preset' }>['name'];
  readonly runningMetric: FamilySelector | undefined;
  readonly waitingMetric: FamilySelector | undefined;
  readonly requestsMetric: FamilySelector | undefined;
}

/** The families count with `custom` alone. */
export function engineChoiceOf({ engine, runningMetric, waitingMetric, requestsMetric }: WrittenEngine): EngineChoice {
  if (engine === 'auto') return { kind: 'auto' };
  if (engine !== 'custom') return { kind: 'preset', name: engine };
  return { kind: 'custom', running: runningMetric, waiting: waitingMetric, requests: requestsMetric };
}
