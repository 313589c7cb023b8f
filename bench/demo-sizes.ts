import { engineShape, scaledObjectOf, storyTimes } from '../src/demo/demo-plan.ts';
import { runDemo } from '../src/demo/run-demo.ts';
import { sameStart } from '../src/replay/cold-starts.ts';
import { survey } from '../src/replay/demand/survey.ts';
import { Ours } from '../src/replay/ours/ours.ts';
import { gatewayUrl } from '../src/replay/ours/simulated-world.ts';
import { runReplay } from '../src/replay/run-replay.ts';
import { startService } from '../src/service/start-service.ts';
import type { KedaEvent } from '../src/simulate/keda/keda-event.ts';
import { burstStream, defaultBurst } from '../src/simulate/traffic/burst.ts';
import { createLogger } from '../src/telemetry/logger.ts';

/** A change of the size, in the story's time. */
export interface SizeStep {
  readonly atMs: number;
  readonly to: number;
}

export interface Sizes {
  readonly steps: readonly SizeStep[];
  readonly wallMs: number;
  readonly requests: number;
  /** When KEDA first saw the ScaledObject. */
  readonly createdMs: number;
}

const seed = 1;
const profile = { name: 'demo', title: 'the demo', gpus: 1, basis: 'the demo', shape: engineShape };
const slo = { timeToFirstTokenMs: 5000, timePerOutputTokenMs: 100 };
/** How long after the last request the workload comes to rest. */
const restMs = 400_000;

function keeping(steps: SizeStep[], onSync: (atMs: number) => void): (event: KedaEvent) => void {
  return (event) => {
    if (event.kind === 'reconciled') onSync(event.atMs);
    if (event.kind === 'scaled') steps.push({ atMs: event.atMs, to: event.to });
  };
}

/** The demo's built-in story with its real service, sockets and clock, so many times as fast as the story. */
export async function demoForReal(speed: number): Promise<Sizes> {
  const steps: SizeStep[] = [];
  let requests = 0;
  let createdMs: number | undefined;
  const print = (line: string): void => {
    requests = Number(/requests served +(\d+)/.exec(line)?.[1] ?? requests);
  };
  const startedMs = performance.now();
  const logger = createLogger({ level: 'error', format: 'console' });
  await runDemo(
    { trace: undefined, speed, seed },
    (settings, parts) => startService(settings, logger, parts),
    { print, inColour: false, onEvent: keeping(steps, (atMs) => (createdMs ??= atMs)) },
    new AbortController().signal,
  );
  return { steps, requests, createdMs: createdMs ?? 0, wallMs: performance.now() - startedMs };
}

/** The same story in virtual time: the same triggers, KEDA, HPA and engines, without sockets or a clock. */
export async function demoInVirtualTime(createdMs: number): Promise<Sizes> {
  const steps: SizeStep[] = [];
  const load = { title: 'the demo', name: 'demo', open: () => [[...burstStream(defaultBurst, seed)]] };
  const startedMs = performance.now();
  const seen = await survey(load, profile, slo);
  const { namespace: _namespace, name: _name, ...scaledObject } = scaledObjectOf(1, 'in-process:6000', gatewayUrl);
  const policy = {
    name: 'ours',
    rule: '',
    leastReplicas: 0 as const,
    initialReplicas: 0,
    create: () => new Ours(scaledObject, { onEvent: keeping(steps, () => undefined), createdMs }),
  };
  const resting = { ...seen, spanMs: seen.spanMs + restMs };
  const { tally } = await runReplay(policy, load, resting, {
    profile,
    slo,
    seed,
    minReplicas: 0,
    maxReplicas: scaledObject.maxReplicaCount ?? 10,
    coldStarts: sameStart(storyTimes.coldStartMs),
    graceMs: storyTimes.graceMs,
    timeoutMs: Number.POSITIVE_INFINITY,
    patienceMs: Number.POSITIVE_INFINITY,
  });
  return { steps, requests: tally.served, createdMs, wallMs: performance.now() - startedMs };
}
