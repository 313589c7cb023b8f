import type { StartedService } from '../service/start-service.ts';
import type { DemoPlan } from './demo-plan.ts';
import { bounds, storyTimes, targetValue, windows } from './demo-plan.ts';
import { renderHeading } from './demo-table.ts';

/** What is printed before the first line of the table: what is real, the cluster's limits, what the columns mean. */
export function headOf(
  { title, speed }: Pick<DemoPlan, 'title' | 'speed'>,
  { grpcAddress, adminAddress }: Pick<StartedService, 'grpcAddress' | 'adminAddress'>,
): string[] {
  const { maxReplicas, scaleDownSeconds, scaleDownPercent, policySeconds } = bounds;
  return [
    `Replaying ${title}.`,
    `One second here is ${speed} s of the story; the trigger's windows are shortened alike.`,
    `Real: the service on gRPC ${grpcAddress}, its scrapes over HTTP, its windows;`,
    `  status: http://${adminAddress}/status`,
    `Simulated: vLLM-like replicas that start in ${seconds(storyTimes.coldStartMs)}, KEDA (polls each ` +
      `${seconds(storyTimes.pollingMs)}, cooldown ${seconds(storyTimes.cooldownMs)}),`,
    `  the HPA (each 15 s): ${targetValue} requests a replica, at most ${maxReplicas} replicas; scaleDown: to the most`,
    `  replicas asked for in the last ${scaleDownSeconds} s, by at most ${scaleDownPercent} % in ${policySeconds} s.`,
    'Columns: requests: so far; running, waiting: in the replicas now; held: in front of them;',
    `  value: what KEDA was told, the larger of the means over ${seconds(windows.windowMs)} and ${seconds(windows.burstWindowMs)};`,
    '  why: "HPA: 84.2 over 8 asks 11, 7→10" is 84.2 / 8, rounded up, then what the limits allow.',
    '',
    renderHeading(),
  ];
}

function seconds(spanMs: number): string {
  return `${spanMs / 1000} s`;
}
