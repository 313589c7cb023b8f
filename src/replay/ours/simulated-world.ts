import type { Reading } from '../../aggregation/reading.ts';
import type { TriggerMetadata } from '../../config/metadata/trigger-metadata.ts';
import type { Endpoint, EndpointSnapshot } from '../../discovery/endpoint.ts';
import type { Signals } from '../../presets/signals.ts';
import { absentSignals } from '../../presets/signals-outcome.ts';
import type { SimulatedPod } from '../../simulate/workload.ts';
import type { OpenScrape, OpenSource, ScrapeRequest, World } from '../../triggers/world.ts';
import type { Stage } from '../stage.ts';

/** Where the gateway's queue is read: the add-on's page, which counts what it holds and what it has forwarded. */
export const gatewayUrl = 'http://gateway.simulated/queue';
const readingMs = 5;

export interface WorldOptions {
  readonly pollingIntervalMs: number;
  /** Called after something was read. */
  onReading(): void;
}

/**
 * The world of the product's triggers, with a simulated workload at its edges: replicas are found at once, pages are
 * read at their moments, and what they say is what the engines say.
 */
export class SimulatedWorld implements World {
  readonly gpus = undefined;
  readonly #stage: Stage;
  readonly #options: WorldOptions;
  #seen = -1;
  #snapshot: EndpointSnapshot;

  constructor(stage: Stage, options: WorldOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#snapshot = this.#look();
  }

  nowMs(): number {
    return this.#stage.clock.nowMs();
  }

  openReplicas(): OpenSource {
    return { current: () => this.#look(), close: () => undefined };
  }

  openGateway(_namespace: string, { gateway }: TriggerMetadata): OpenSource | undefined {
    if (gateway === undefined) return undefined;
    const endpoint = endpointOf('gateway', gatewayUrl, 'ready');
    const snapshot = { ...this.#snapshot, endpoints: [endpoint], replicas: undefined, pollingIntervalMs: undefined };
    return { current: () => snapshot, close: () => undefined };
  }

  openScrape(request: ScrapeRequest, onReading: (reading: Reading) => void): OpenScrape {
    const { clock } = this.#stage;
    const url = request.candidates[0]!;
    let { intervalMs } = request;
    const read = (): void => {
      onReading(request.role === 'gateway' ? this.#readGateway(url) : this.#readReplica(url));
      cancel = clock.plan(this.#stage.afterSilence(clock.nowMs() + intervalMs, intervalMs), read);
      this.#options.onReading();
    };
    let cancel = clock.plan(clock.nowMs() + readingMs, read);
    return {
      setIntervalMs: (changedMs) => {
        if (changedMs === intervalMs) return;
        intervalMs = changedMs;
        cancel();
        cancel = clock.plan(clock.nowMs() + intervalMs, read);
      },
      close: () => cancel(),
    };
  }

  #look(): EndpointSnapshot {
    const { revision, replicas, pods } = this.#stage.current();
    if (revision === this.#seen) return this.#snapshot;
    this.#seen = revision;
    this.#snapshot = {
      synced: true,
      endpoints: pods.map((pod) => endpointOf(pod.name, urlOf(pod), pod.state)),
      replicas,
      pollingIntervalMs: this.#options.pollingIntervalMs,
      hasFallback: false,
      problem: undefined,
      invalid: false,
    };
    return this.#snapshot;
  }

  #readReplica(url: string): Reading {
    const pod = this.#stage.current().pods.find((one) => urlOf(one) === url);
    if (pod === undefined || pod.state === 'starting') {
      return { ok: false, atMs: this.nowMs(), url, failure: 'refused', detail: `${url}: refused` };
    }
    pod.engine.advance(this.nowMs());
    return this.#good(url, 'vllm', signalsOf(pod));
  }

  #readGateway(url: string): Reading {
    const concurrency = this.#stage.current().openRequests;
    const requestsTotal = this.#stage.arrivals;
    return this.#good(url, 'keda-http', { ...absentSignals, running: concurrency, concurrency, requestsTotal });
  }

  #good(url: string, engine: 'vllm' | 'keda-http', signals: Signals): Reading {
    return { ok: true, atMs: this.nowMs(), url, engine, signals, durationMs: readingMs, bodyBytes: 0 };
  }
}

function urlOf({ name }: SimulatedPod): string {
  return `http://${name}.simulated/metrics`;
}

function endpointOf(name: string, url: string, phase: Endpoint['phase']): Endpoint {
  const address = `${name}.simulated`;
  return { name, address, ports: [], phase, namespace: 'models', node: undefined, url };
}

/** What vLLM's page says of the engine, as the preset reads it. */
function signalsOf({ engine }: SimulatedPod): Signals {
  const { runningRequests: running, waitingRequests: waiting, kvCacheRatio, shape, stats } = engine;
  return {
    ...absentSignals,
    running,
    waiting,
    concurrency: running + waiting,
    capacity: shape.maxRunning,
    kvCacheRatio,
    requestsTotal: stats.finished,
    stepsTotal: stats.generationTokens + stats.promptTokens,
    promptTokensTotal: stats.promptTokens,
    generationTokensTotal: stats.generationTokens,
    requestSecondsSum: stats.requestLatency.sum,
    requestSecondsCount: stats.requestLatency.count,
    timeToFirstTokenSecondsSum: stats.timeToFirstToken.sum,
    timeToFirstTokenCount: stats.timeToFirstToken.count,
  };
}
