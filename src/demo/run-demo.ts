import type { DemoFlags } from '../config/settings/command-flags.ts';
import type { Settings } from '../config/settings/settings.ts';
import { parseSettings } from '../config/settings/settings.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { protoFile } from '../grpc/contract.ts';
import type { StartedService } from '../service/start-service.ts';
import { Deployment } from '../simulate/deployment.ts';
import { GrpcScalers } from '../simulate/keda/grpc-scalers.ts';
import { Keda } from '../simulate/keda/keda.ts';
import type { KedaEvent } from '../simulate/keda/keda-event.ts';
import { scaledClock } from '../simulate/scaled-clock.ts';
import type { Clock } from '../time/clock.ts';
import { headOf } from './demo-head.ts';
import { DemoJournal } from './demo-journal.ts';
import type { DemoPlan } from './demo-plan.ts';
import { engineShape, names, planOf, scaledObjectOf, storyTimes } from './demo-plan.ts';
import type { DemoEnd } from './demo-summary.ts';
import { faultsOf, renderSummary } from './demo-summary.ts';
import { loadOf, renderRow } from './demo-table.ts';
import { DeploymentDiscovery } from './deployment-discovery.ts';
import { feed, primed } from './feed.ts';

/** Starts the whole service; only where endpoints are found is given from outside. */
export type StartService = (
  settings: Settings,
  parts: { readonly discovery: Discovery },
) => Promise<Pick<StartedService, 'grpcAddress' | 'adminAddress' | 'close'>>;

type Addresses = Pick<StartedService, 'grpcAddress' | 'adminAddress'>;

export interface DemoOutput {
  print(line: string): void;
  readonly inColour: boolean;
  /** Hears of everything that KEDA and the HPA do. */
  readonly onEvent?: (event: KedaEvent) => void;
}

/** How often simulated pods are brought up to date, in wall time; nothing depends on it. */
const tickMs = 20;
/** How long after the last request the workload may take to come to rest. */
const restLimitMs = 900_000;

/**
 * Runs the service for real against simulated replicas, driven by a model of KEDA and the HPA, and prints what happens.
 * Returns the exit code: 0 when the workload went from zero to work and back and no request was lost.
 */
export async function runDemo(
  flags: DemoFlags,
  startService: StartService,
  output: DemoOutput,
  signal: AbortSignal,
): Promise<number> {
  const planned = planOf(flags);
  const plan = { ...planned, requests: await primed(planned.requests) };
  const clock = scaledClock(plan.speed);
  const options = {
    ...names,
    ...storyTimes,
    engine: engineShape,
    timeScale: plan.speed,
    modelName: 'example/llama-8b',
    engineName: 'vllm',
  } as const;
  const deployment = await Deployment.start(options, clock);
  const discovery = new DeploymentDiscovery(deployment, storyTimes.pollingMs / plan.speed);
  try {
    const service = await startService(serviceSettings(), { discovery });
    try {
      for (const line of headOf(plan, service)) output.print(line);
      const end = await play({ plan, clock, deployment, discovery, service, output, signal });
      for (const line of ['', ...renderSummary(end)]) output.print(line);
      const faults = faultsOf(end);
      for (const fault of faults) output.print(`failed: ${fault}`);
      return faults.length === 0 ? 0 : 1;
    } finally {
      await service.close();
    }
  } finally {
    await deployment.close();
  }
}

function serviceSettings(): Settings {
  const flags = ['--grpc-address=127.0.0.1:0', '--admin-address=127.0.0.1:0', '--endpoint-allow-cidrs=127.0.0.0/8'];
  const parsed = parseSettings([...flags, '--log-level=error', '--kubernetes=off'], {});
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return parsed.value;
}

interface Stage {
  readonly plan: DemoPlan;
  readonly clock: Clock;
  readonly deployment: Deployment;
  readonly discovery: DeploymentDiscovery;
  readonly service: Addresses;
  readonly output: DemoOutput;
  readonly signal: AbortSignal;
}

async function play(stage: Stage): Promise<DemoEnd> {
  const { plan, clock, deployment, service, signal } = stage;
  const journal = new DemoJournal();
  const protoPath = protoFile('externalscaler.proto');
  const scalers = new GrpcScalers({ connections: 'counted', protoPath, timeScale: plan.speed });
  const keda = new Keda({ clock, scalers });
  const stop = new AbortController();
  const over = AbortSignal.any([signal, stop.signal]);
  const beat = setInterval(() => {
    deployment.tick();
    stage.discovery.refresh();
  }, tickMs);
  try {
    const object = scaledObjectOf(plan.speed, service.grpcAddress, deployment.gatewayUrl);
    keda.scale(object, deployment, (event) => {
      journal.note(event);
      stage.output.onEvent?.(event);
    });
    const lines = printLines(stage, journal, over);
    const clippedRequests = await feed(plan.requests, deployment, clock, over);
    const cutShort = await untilAtRest(stage, over);
    stop.abort();
    await lines;
    printLine(stage, journal);
    const atZero = deployment.replicas() === 0 && deployment.workload.pods.length === 0;
    return { plan, journal, log: deployment.log, atZero, cutShort, clippedRequests };
  } finally {
    stop.abort();
    clearInterval(beat);
    await keda.close();
  }
}

/** Waits until all is answered and gone; says why it gave up, if it did. */
async function untilAtRest(
  { clock, deployment: { workload } }: Stage,
  signal: AbortSignal,
): Promise<string | undefined> {
  const limitMs = clock.nowMs() + restLimitMs;
  while (workload.openRequests > 0 || workload.replicas > 0 || workload.pods.length > 0) {
    if (signal.aborted) return 'interrupted';
    if (clock.nowMs() > limitMs) return `it did not come to rest within ${restLimitMs / 1000} s after the last request`;
    await clock.sleep(1000, signal);
  }
  return undefined;
}

async function printLines(stage: Stage, journal: DemoJournal, signal: AbortSignal): Promise<void> {
  const { clock, plan } = stage;
  for (let atMs = plan.lineMs; ; atMs += plan.lineMs) {
    await clock.sleep(atMs - clock.nowMs(), signal);
    if (signal.aborted) return;
    printLine(stage, journal);
  }
}

function printLine({ plan, clock, deployment, output }: Stage, journal: DemoJournal): void {
  deployment.tick();
  const atMs = clock.nowMs();
  const { text, isStep } = journal.takeWhy();
  const share = plan.spanMs === undefined || !plan.showsProgress ? 1 : atMs / plan.spanMs;
  const why = share < 1 ? `${Math.floor(share * 100)} %  ${text}` : text;
  const row = { atMs, ...loadOf(deployment), value: journal.value, why, isStep };
  output.print(renderRow(row, output.inColour));
}
