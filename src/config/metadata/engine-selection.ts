import type { CustomFamily, EngineSelection } from '../../presets/engine-selection.ts';

interface WrittenEngine {
  readonly engine: 'auto' | 'custom' | Extract<EngineSelection, { readonly kind: 'preset' }>['name'];
  readonly runningMetric: CustomFamily | undefined;
  readonly waitingMetric: CustomFamily | undefined;
  readonly requestsMetric: CustomFamily | undefined;
}

/** The families count with `custom` alone. */
export function engineSelectionOf({
  engine,
  runningMetric,
  waitingMetric,
  requestsMetric,
}: WrittenEngine): EngineSelection {
  if (engine === 'auto') return { kind: 'auto' };
  if (engine !== 'custom') return { kind: 'preset', name: engine };
  return { kind: 'custom', running: runningMetric, waiting: waitingMetric, requests: requestsMetric };
}
