import type { RequestLog } from '../simulate/traffic/request-log.ts';
import type { DemoJournal } from './demo-journal.ts';
import type { DemoPlan } from './demo-plan.ts';
import { clockTime } from './demo-table.ts';

export interface DemoEnd {
  readonly plan: DemoPlan;
  readonly log: RequestLog;
  readonly journal: DemoJournal;
  /** Whether the last replica has gone. */
  readonly atZero: boolean;
  /** Why it ended before everything had happened, if it did. */
  readonly cutShort: string | undefined;
  readonly clippedRequests: number;
}

/** Everything that should have happened and did not. Empty when the demo showed what it promises. */
export function faultsOf({ plan, log, journal, atZero, cutShort }: DemoEnd): string[] {
  const faults: readonly (readonly [isFault: boolean, words: string])[] = [
    [cutShort !== undefined, cutShort ?? ''],
    [log.submitted === 0, 'there was not one request in the part that was replayed'],
    [journal.wokeAtMs === undefined, 'the workload was never woken from zero'],
    [
      journal.peakReplicas < plan.leastPeakReplicas,
      `at most ${journal.peakReplicas} replicas were asked for, expected ${plan.leastPeakReplicas} or more`,
    ],
    [!atZero, 'the workload did not return to zero replicas'],
    [log.lost > 0, `${log.lost} requests were lost`],
    [log.unfinished > 0, `${log.unfinished} requests were never answered`],
  ];
  return faults.filter(([isFault]) => isFault).map(([, words]) => words);
}

export function renderSummary(end: DemoEnd): string[] {
  const { log, journal, clippedRequests } = end;
  const [fromZeroMs] = log.firstTokenFromZeroMs;
  const firstTokens = [...log.firstTokenMs].sort((a, b) => a - b);
  const lines: (readonly [string, string])[] = [
    ['time to first token from zero', seconds(fromZeroMs)],
    [
      'time to first token, median and p99',
      `${seconds(quantile(firstTokens, 0.5))}, ${seconds(quantile(firstTokens, 0.99))}`,
    ],
    ['peak replicas', String(journal.peakReplicas)],
    ['back at zero', journal.restedAtMs === undefined || !end.atZero ? 'no' : `at ${clockTime(journal.restedAtMs)}`],
    ['requests served', `${log.served} of ${log.submitted}`],
    ['requests lost', String(log.lost)],
    ['failed questions of KEDA', String(journal.errors)],
  ];
  if (clippedRequests > 0) lines.push(['requests shortened to fit the cache', String(clippedRequests)]);
  return lines.map(([what, figure]) => `${what.padEnd(38)}${figure}`);
}

function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

function seconds(spanMs: number | undefined): string {
  return spanMs === undefined ? 'none' : `${(spanMs / 1000).toFixed(1)} s`;
}
