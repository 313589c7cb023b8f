import type { LatencyEstimate } from '../../src/aggregation/littles-law.ts';
import { latencyEstimate } from '../../src/aggregation/littles-law.ts';
import { StepWindow } from '../../src/aggregation/step-window.ts';

/** One request that was in a server; seconds. */
export interface Stay {
  readonly from: number;
  readonly to: number;
}

/** Whether a server's gauge shows its requests, or is written when they have gone. */
export type GaugeKind = 'exact' | 'blind';

export const spans = { windowMs: 60_000, burstWindowMs: 6_000 };

/** What is estimated from the latency sums of a server that had these requests, read once every `everySeconds`. */
export function estimates(stays: readonly Stay[], untilSecond: number, gauge: GaugeKind, everySeconds = 1) {
  const steps = new StepWindow(spans.windowMs, spans.burstWindowMs);
  const made: { readonly second: number; readonly estimate: LatencyEstimate }[] = [];
  const byEnd = stays.toSorted((one, other) => one.to - other.to);
  let next = 0;
  for (let reading = 1; reading * everySeconds <= untilSecond; reading++) {
    const second = reading * everySeconds;
    let seconds = 0;
    let count = 0;
    for (; next < byEnd.length && byEnd[next]!.to <= second; next++, count++) {
      seconds += byEnd[next]!.to - byEnd[next]!.from;
    }
    const inServer = () => stays.filter(({ from, to }) => from <= second && to > second).length;
    const said = gauge === 'exact' ? inServer() : 0;
    const [fromMs, toMs] = [(second - everySeconds) * 1000, second * 1000];
    steps.add({ fromMs, toMs, seconds, count, gauge: said });
    made.push({ second, estimate: latencyEstimate(steps, toMs, spans)! });
  }
  return made;
}
