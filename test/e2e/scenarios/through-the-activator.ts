import { activatorPort } from '../cluster/activator.ts';
import type { Process } from '../cluster/process.ts';
import type { Outcome } from '../models/askers.ts';
import { sendWave } from '../models/askers.ts';
import type { CompletionCounts } from '../models/protocol.ts';
import type { Scenario } from '../scenario.ts';
import { check, inSeconds, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const requests = 200;
const overMs = 1000;
const targetValue = 8;
const replicas = Math.ceil(requests / targetValue);
const coldStartMs = 20_000;
/** The whole wave has come, KEDA has gone from zero to one, and the autoscaler has looked at it; half a cold start. */
const sizedWithinMs = coldStartMs / 2;

/** What a wave needs: without it the autoscaler doubles at most, or adds four, every 15 s. */
const scaleUp = { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 100, periodSeconds: 15 }] };
const scaleDown = { stabilizationWindowSeconds: 10 };

interface Front {
  readonly activators: readonly Process[];
  /** `host:port` of each. */
  readonly places: readonly string[];
  readonly listed: ReadyInSlices;
}

/** When each address of a Service was first said to be ready, by the clock that all processes share. */
class ReadyInSlices {
  readonly #sinceMs = new Map<string, number>();
  readonly #ending = new AbortController();

  follow(stage: Stage): void {
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${stage.namespace}/endpointslices`;
    const path = `${slices}?labelSelector=kubernetes.io%2Fservice-name%3Dllama`;
    stage.world.kube.watch(
      path,
      (_, { endpoints }) => this.#take(endpoints as readonly Endpoint[]),
      this.#ending.signal,
    );
  }

  sinceMs(address: string): number {
    return this.#sinceMs.get(address) ?? Number.NaN;
  }

  close(): void {
    this.#ending.abort();
  }

  #take(endpoints: readonly Endpoint[] | null | undefined): void {
    const nowMs = performance.timeOrigin + performance.now();
    for (const { addresses, conditions } of endpoints ?? []) {
      const [address] = addresses;
      if (conditions?.ready && address !== undefined && !this.#sinceMs.has(address)) this.#sinceMs.set(address, nowMs);
    }
  }
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
}

/** A model at zero behind activators, which KEDA listens for. */
async function prepare(stage: Stage, count: number): Promise<Front> {
  await stage.model({ name: 'llama', readyDelay: `${coldStartMs / 1000}s` });
  await stage.service('llama');
  const hosts = await stage.activators(count);
  const flags = [`--concurrency-per-replica=${targetValue / count}`];
  const activators = hosts.map((host, index) => {
    const name = `activator-${stage.namespace}-${index + 1}`;
    return stage.world.activator({ name, host, service: stage.key('llama'), flags });
  });
  await Promise.all(activators.map((activator) => activator.start()));
  const front = { gatewayService: 'activator', gatewayModel: 'llama' };
  await stage.scale({
    name: 'llama',
    triggers: [{ targetValue: String(targetValue), ...shortSpans, ...front }],
    spec: {
      maxReplicaCount: 2 * replicas,
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleUp, scaleDown } } },
    },
  });
  await stage.status('llama', 'KEDA has its push stream', ({ openPushStreams }) => openPushStreams > 0);
  await stage.stays('llama', 0, 3000);
  const listed = new ReadyInSlices();
  listed.follow(stage);
  return { activators, listed, places: hosts.map((host) => `${host}:${activatorPort}`) };
}

/** What befalls the cluster while the wave is held. */
interface Meanwhile {
  happen(): Promise<void>;
  /** Clients whose connection breaks by it. */
  readonly askAgain: number;
}

/** Sends the wave, lets things happen while it is held, and holds every size and every answer against the rules. */
async function wave(stage: Stage, { places, listed }: Front, { happen, askAgain }: Meanwhile): Promise<string> {
  const sinceMs = performance.now();
  stage.timeline.note(`${requests} requests`);
  const over = sendWave({ requests, overMs, places });
  await stage.desired('llama', replicas, sizedWithinMs, sinceMs);
  const path = stage.path('llama', sinceMs);
  const sized = path.at(-1)!;
  const steps = path.map(({ desired }) => desired).join(', ');
  // KEDA makes one of none; the autoscaler may look once while the wave still comes, and then all of it is there.
  check(path.length <= 3, `all that was held by then did not count: ${steps}`);
  check(sized.ready === 0, `${sized.ready} replicas were ready when ${replicas} were asked for`);
  const [outcomes] = await Promise.all([over, happen()]);
  const answeredMs = performance.now() - sinceMs;
  const told = `${path.map(({ atMs, desired }) => `${desired} after ${inSeconds(atMs - sinceMs)}`).join(', ')}`;
  const again = outcomes.filter(({ broken }) => broken > 0).length;
  check(again === askAgain, `${again} clients asked again, expected ${askAgain}`);
  const answered = await answersAreRight(stage, outcomes, listed);
  // The last answer comes sooner after the first than the autoscaler would follow.
  const { least, most } = stage.world.history.rangeSince(stage.key('llama'), sized.atMs + 1);
  check(least === replicas && most === replicas, `${least} to ${most} replicas while requests were open`);
  return `${told}; ${again} asked again; ${answered} in ${inSeconds(answeredMs)}`;
}

async function answersAreRight(stage: Stage, outcomes: readonly Outcome[], listed: ReadyInSlices): Promise<string> {
  const faults = outcomes.filter(({ fault }) => fault !== undefined);
  check(faults.length === 0, `${faults.length} of ${requests} were not answered: ${faults[0]?.fault}`);
  const { ids, repeated, mostAtOneReplica, first } = (await stage.load('llama'))!.completions;
  check(ids === requests, `${ids} requests reached a replica`);
  check(repeated.length === 0, `${repeated.length} reached replicas more than once: ${repeated.slice(0, 3)}`);
  check(mostAtOneReplica <= targetValue, `a replica had ${mostAtOneReplica} at once`);
  const streams = outcomes.filter(({ streamedMs }) => streamedMs > 0);
  check(streams.length === requests / 2, `${streams.length} streams came in pieces`);
  const waited = outcomes.filter(({ heartbeats }) => heartbeats > 0).length;
  check(waited === requests / 2, `${waited} streams had heartbeats`);
  return `${requests} answers, ${mostAtOneReplica} at most at one replica; ${firstRequests(first, listed)}`;
}

/** How soon after a replica was ready its first request was there: all of it, and the activator's part. */
function firstRequests(first: CompletionCounts['first'], listed: ReadyInSlices): string {
  const podMs = first.map(({ readyAtMs, arrivedAtMs }) => arrivedAtMs - readyAtMs);
  const listedMs = first.map(({ address, arrivedAtMs }) => arrivedAtMs - listed.sinceMs(address));
  const words = (all: readonly number[]): string => {
    return `${all[0]!.toFixed(0)} ms (at most ${Math.max(...all).toFixed(0)} ms at ${all.length} replicas)`;
  };
  return `pod ready to first request ${words(podMs)}, listed in a slice to first request ${words(listedMs)}`;
}

async function backToZero(stage: Stage): Promise<string> {
  const idleMs = performance.now();
  const toZeroMs = await stage.desired('llama', 0, 60_000, idleMs);
  const sizes = stage.path('llama', idleMs).map(({ desired }) => desired);
  check(
    sizes.every((size, at) => size <= (sizes[at - 1] ?? replicas)),
    `on the way down: ${sizes.join(', ')}`,
  );
  return `idle to 0 in ${inSeconds(toZeroMs)}`;
}

async function behind({ activators, listed }: Front, tell: () => Promise<string>): Promise<string> {
  try {
    return await tell();
  } finally {
    listed.close();
    await Promise.all(activators.map((activator) => activator.stop(1000)));
  }
}

const quiet: Meanwhile = { happen: async () => {}, askAgain: 0 };

export const throughTheActivator: Scenario = {
  name: 'from-zero-through-the-activator',
  title: '200 requests, half of them streams, at a model that is at zero: held, counted, answered; 0 → 25 → 0',
  async run(stage) {
    const front = await prepare(stage, 1);
    return behind(front, async () => `${await wave(stage, front, quiet)}; ${await backToZero(stage)}`);
  },
};

export const activatorAndOthersKilled: Scenario = {
  name: 'killed-while-held',
  title: 'one of two activators, the scaler and the operator are killed while 200 requests are held: all are answered',
  alone: true,
  async run(stage) {
    const front = await prepare(stage, 2);
    const { scaler, operator } = stage.world;
    const killAll = async (): Promise<void> => {
      const killed = { 'an activator': front.activators[1]!, 'the scaler': scaler, 'the operator': operator };
      for (const [what, process] of Object.entries(killed)) {
        stage.timeline.note(`${what} is killed and started`);
        await process.kill();
        await process.start();
      }
    };
    // Half of them wait at the activator that is killed.
    const kills = { happen: killAll, askAgain: requests / 2 };
    return behind(front, async () => `${await wave(stage, front, kills)}; ${await backToZero(stage)}`);
  },
};
