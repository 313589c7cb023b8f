import { seededRandom } from '../simulate/traffic/seeded-random.ts';
import type { Policy } from './autoscaler.ts';
import type { ColdStarts } from './cold-starts.ts';
import { drawnStarts } from './cold-starts.ts';
import type { Load } from './demand/load.ts';
import { settledLoad } from './demand/settled-load.ts';
import type { Slo } from './demand/slo.ts';
import type { Survey } from './demand/survey.ts';
import type { StageOptions } from './stage.ts';
import { Stage } from './stage.ts';
import { Tally } from './tally.ts';

/** What one policy made of a load. */
export interface ReplayResult {
  readonly policy: Policy;
  readonly tally: Tally;
  /** Replica-hours times the GPUs of one, from each replica's creation to its end, within the load's span. */
  readonly gpuHours: number;
  /** The load's span, over which is paid. */
  readonly spanMs: number;
  /** Requests that had not ended when the replay did. */
  readonly unfinished: number;
}

export interface ReplayOptions extends Omit<StageOptions, 'coldStartMs'> {
  readonly coldStarts: ColdStarts;
  readonly slo: Slo;
  readonly seed: number;
  /** Called now and then with the share that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** After the last arrival what is open may still end for this long; it costs nothing, for any policy. */
const lastCallMs = 3_600_000;

/** Replays a load under one policy. The same seed, the same result. */
export async function runReplay(
  policy: Policy,
  load: Load,
  survey: Survey,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const tally = new Tally(options.slo, survey.spanMs);
  const minReplicas = Math.max(options.minReplicas, policy.leastReplicas);
  const coldStartMs = drawnStarts(options.coldStarts, seededRandom(options.seed ^ 0xc01d));
  const stage = new Stage({ ...options, minReplicas, coldStartMs }, survey, tally, seededRandom(options.seed));
  stage.begin(policy.initialReplicas ?? initialReplicas(survey, minReplicas, options.maxReplicas));
  tally.peakReplicas = stage.replicas;
  const autoscaler = policy.create();
  autoscaler.start(stage);
  stage.clock.unsettle();
  watch(stage, tally);
  await feed(stage, load, (atMs) => options.onProgress?.(Math.min(1, atMs / survey.spanMs)));
  await runUntil(stage, survey.spanMs);
  const podMs = stage.current().podMs(survey.spanMs);
  await finish(stage, survey.spanMs + lastCallMs);
  await autoscaler.close();
  options.onProgress?.(1);
  const unfinished = stage.workload.openRequests;
  const gpuHours = (podMs / 3_600_000) * options.profile.gpus;
  return { policy, tally, gpuHours, spanMs: survey.spanMs, unfinished };
}

/** The trace begins in the middle of a service's life: with what the load of its first minutes needs, ready. */
function initialReplicas(seen: Survey, minReplicas: number, maxReplicas: number): number {
  const needed = Math.ceil(settledLoad(seen) / seen.target.requests);
  return Math.min(maxReplicas, Math.max(minReplicas, needed));
}

async function feed(stage: Stage, load: Load, onProgress: (atMs: number) => void): Promise<void> {
  const { clock, workload } = stage;
  for await (const batch of load.open()) {
    for (const request of batch) {
      if (!workload.fits(request)) continue;
      stage.nextArrivalMs = request.atMs;
      while (clock.isBusyUntil(request.atMs)) {
        const others = clock.step();
        if (others !== undefined) await others;
      }
      clock.moveTo(request.atMs);
      stage.arrivals += 1;
      workload.submit(request, request.atMs);
    }
    onProgress(clock.nowMs());
  }
  stage.nextArrivalMs = Number.POSITIVE_INFINITY;
}

async function runUntil(stage: Stage, untilMs: number): Promise<void> {
  while (stage.clock.isBusyUntil(untilMs)) await stage.clock.step();
  stage.clock.moveTo(untilMs);
}

/** Lets what is open end, a minute at a time. */
async function finish(stage: Stage, latestMs: number): Promise<void> {
  for (let untilMs = stage.clock.nowMs(); untilMs < latestMs; untilMs += 60_000) {
    if (stage.current().openRequests === 0) return;
    await runUntil(stage, untilMs + 60_000);
  }
}

function watch(stage: Stage, tally: Tally): void {
  const look = (): void => {
    const { replicas, openRequests, readyReplicas, startingReplicas } = stage.current();
    tally.timeline.look({ replicas, open: openRequests, ready: readyReplicas, starting: startingReplicas });
    const nextMs = stage.clock.nowMs() + tally.timeline.pointMs;
    if (nextMs < stage.survey.spanMs) stage.clock.plan(nextMs, look);
  };
  stage.clock.plan(0, look);
}
