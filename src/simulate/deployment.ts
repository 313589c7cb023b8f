import type { Clock } from '../time/clock.ts';
import type { SimulatedEngineName } from './engine/engine-page.ts';
import { pageContentType, renderEnginePage } from './engine/engine-page.ts';
import { ModelServer } from './engine/model-server.ts';
import type { EngineRequest } from './engine/sequence.ts';
import { GatewayServer } from './traffic/gateway-server.ts';
import { RequestLog } from './traffic/request-log.ts';
import type { PodState, SimulatedPod, WorkloadOptions } from './workload.ts';
import { SimulatedWorkload } from './workload.ts';

export interface DeploymentOptions extends WorkloadOptions {
  readonly namespace: string;
  readonly modelName: string;
  readonly engineName: SimulatedEngineName;
}

/** Where one replica can be scraped. */
export interface DeploymentAddress {
  readonly podName: string;
  readonly port: number;
  readonly state: PodState;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

interface PodServer {
  readonly starting: Promise<ModelServer>;
  readonly startedAtMs: number;
  /** Known once it listens. */
  server: ModelServer | undefined;
}

/** A simulated workload with real sockets on loopback: one HTTP server for each pod, one for the gateway in front. */
export class Deployment {
  readonly options: DeploymentOptions;
  readonly workload: SimulatedWorkload;
  readonly log = new RequestLog();
  readonly #clock: Clock;
  readonly #servers = new Map<string, PodServer>();
  readonly #closing = new Set<Promise<void>>();
  #gateway: GatewayServer | undefined;

  private constructor(options: DeploymentOptions, clock: Clock) {
    this.options = options;
    this.#clock = clock;
    this.workload = new SimulatedWorkload(options, this.log);
  }

  static async start(options: DeploymentOptions, clock: Clock): Promise<Deployment> {
    const deployment = new Deployment(options, clock);
    deployment.#gateway = await GatewayServer.start({
      key: `${options.namespace}/${options.name}`,
      inFlight: () => deployment.log.unfinished,
      arrived: () => deployment.log.submitted,
    });
    return deployment;
  }

  /** The gateway's queue page. */
  get gatewayUrl(): string {
    return this.#gateway!.url;
  }

  replicas(): number {
    return this.workload.replicas;
  }

  readyReplicas(): number {
    return this.workload.podsIn('ready').length;
  }

  setReplicas(replicas: number): void {
    this.workload.setReplicas(replicas, this.#clock.nowMs());
    this.#syncServers();
  }

  submit(request: EngineRequest): void {
    this.workload.submit(request, this.#clock.nowMs());
  }

  kill(podName: string): void {
    this.workload.kill(podName, this.#clock.nowMs());
    this.#syncServers();
  }

  /** Brings the workload up to the clock. To be called often; the results do not depend on how often. */
  tick(): void {
    this.workload.step(this.#clock.nowMs());
    this.#syncServers();
  }

  /** The pods that have an address already; the others only count as replicas. */
  addresses(): DeploymentAddress[] {
    return this.workload.pods.flatMap((pod) => {
      const { server, startedAtMs } = this.#servers.get(pod.name) ?? {};
      if (server === undefined || startedAtMs === undefined) return [];
      return [{ podName: pod.name, port: server.port, state: pod.state, startedAtMs }];
    });
  }

  /** The server of a pod, once it listens. */
  serverOf(podName: string): ModelServer | undefined {
    return this.#servers.get(podName)?.server;
  }

  async close(): Promise<void> {
    for (const podName of [...this.#servers.keys()]) this.#stopServer(podName);
    await Promise.all([...this.#closing, this.#gateway?.close()]);
  }

  #syncServers(): void {
    const names = new Set(this.workload.pods.map((pod) => pod.name));
    for (const podName of [...this.#servers.keys()]) if (!names.has(podName)) this.#stopServer(podName);
    for (const pod of this.workload.pods) if (!this.#servers.has(pod.name)) this.#startServer(pod);
  }

  #startServer(pod: SimulatedPod): void {
    const startedAtMs = Date.now();
    const { engineName, modelName } = this.options;
    const starting = ModelServer.start({
      isReady: () => pod.state !== 'starting',
      page: () => {
        // One moment for both: what the engine did after the workload's would go unheard.
        const nowMs = this.#clock.nowMs();
        this.workload.step(nowMs);
        pod.engine.advance(nowMs);
        return {
          contentType: pageContentType,
          body: renderEnginePage(engineName, pod.engine, { modelName, startedAtMs }),
        };
      },
      complete: (request) => {
        const submitted = this.workload.submitTo(pod.name, request, this.#clock.nowMs());
        return submitted && this.log.whenEnded(submitted);
      },
    });
    const entry: PodServer = { starting, startedAtMs, server: undefined };
    this.#servers.set(pod.name, entry);
    starting.then(
      (server) => {
        entry.server = server;
      },
      () => this.#servers.delete(pod.name),
    );
  }

  #stopServer(podName: string): void {
    const entry = this.#servers.get(podName);
    this.#servers.delete(podName);
    const closing = entry?.starting.then((server) => server.close()).catch(() => undefined);
    if (closing === undefined) return;
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}
