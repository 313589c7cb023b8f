import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { jsonPage } from './cluster/json-page.ts';
import type { KubeObject } from './cluster/kube.ts';
import type { ModelPlan, ScaledObjectPlan } from './cluster/objects.ts';
import {
  activatorObjects,
  defaultAccount,
  gatewayObjects,
  modelDeployment,
  namespaceObject,
  scaledObject,
  serviceObject,
} from './cluster/objects.ts';
import type { ScalerAddresses } from './cluster/scaler.ts';
import { mainScaler } from './cluster/scaler.ts';
import { eventually, steadily } from './eventually.ts';
import type { ReplicaChange } from './history.ts';
import { modelLoads, tellModels } from './models/models-process.ts';
import type { Fault, PinnedLoad, WorkloadLoad } from './models/protocol.ts';
import { enginePort, workloadKey } from './models/protocol.ts';
import { Timeline } from './timeline.ts';
import type { World } from './world.ts';

const sampleEveryMs = 500;

/** What the scaler's status page says of one trigger, as far as these tests look at it. */
export interface StatusOfTrigger {
  readonly decision: string;
  readonly metricValue: number | null;
  readonly metricName: string;
  readonly active: boolean;
  readonly openPushStreams: number;
  readonly readable: number;
  readonly unreadable: number;
  readonly replicas: number;
  readonly why: string;
  readonly endpoints: readonly { readonly name: string }[];
}

export interface AwaitedStatus {
  readonly what: string;
  isIt(status: StatusOfTrigger): boolean;
  readonly withinMs?: number;
}

/** One scenario's own namespace of the cluster, with what it does there and what it sees. */
export class Stage {
  readonly world: World;
  readonly namespace: string;
  readonly timeline = new Timeline();
  readonly #title: string;
  readonly #models = new Set<string>();
  #watched = '';
  #sampling: NodeJS.Timeout | undefined;

  private constructor(world: World, name: string, title: string) {
    this.world = world;
    this.namespace = name;
    this.#title = title;
  }

  static async open(world: World, name: string, title: string): Promise<Stage> {
    const stage = new Stage(world, name, title);
    await world.kube.apply(`/api/v1/namespaces/${name}`, namespaceObject(name));
    await world.kube.apply(`/api/v1/namespaces/${name}/serviceaccounts/default`, defaultAccount(name));
    return stage;
  }

  /** Keeps what was seen, and ends all load and scaling here. */
  async close(): Promise<void> {
    clearInterval(this.#sampling);
    const folder = join(this.world.artifacts, this.namespace);
    mkdirSync(folder, { recursive: true });
    this.timeline.write(folder, this.#title);
    const workloads = [...this.#models].map((name) => this.key(name));
    await tellModels(...workloads.map((workload) => ({ kind: 'keep-open', workload, requests: 0 }) as const));
    await this.world.kube.remove(`/api/v1/namespaces/${this.namespace}`);
  }

  key(name: string): string {
    return workloadKey(this.namespace, name);
  }

  /** Makes a Deployment of model replicas and waits until those it starts with are ready. The first one is drawn. */
  async model(plan: ModelPlan): Promise<void> {
    await this.applyModel(plan);
    if (this.#watched === '') {
      this.#watched = plan.name;
      this.#sampling = setInterval(() => void this.#sample().catch(() => undefined), sampleEveryMs);
    }
    if (!plan.neverReady) await this.ready(plan.name, plan.replicas ?? 0, 30_000);
  }

  async applyModel(plan: ModelPlan): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${this.namespace}/deployments/${plan.name}`;
    this.#models.add(plan.name);
    await this.world.kube.apply(path, modelDeployment(this.namespace, plan));
  }

  async gateway(): Promise<void> {
    const [deployment, service] = gatewayObjects(this.namespace);
    await this.world.kube.apply(`/apis/apps/v1/namespaces/${this.namespace}/deployments/gateway`, deployment);
    await this.world.kube.apply(`/api/v1/namespaces/${this.namespace}/services/gateway`, service);
    await this.ready('gateway', 1, 30_000);
  }

  /** Makes the pods of activators and their Service; resolves with the pods' addresses. */
  async activators(replicas: number): Promise<readonly string[]> {
    const [deployment, service] = activatorObjects(this.namespace, replicas);
    await this.world.kube.apply(`/apis/apps/v1/namespaces/${this.namespace}/deployments/activator`, deployment);
    await this.world.kube.apply(`/api/v1/namespaces/${this.namespace}/services/activator`, service);
    await this.ready('activator', replicas, 30_000);
    return (await this.podsOf('activator')).map(({ status }) => String(status?.podIP));
  }

  async service(app: string): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace}/services/${app}`;
    await this.world.kube.apply(path, serviceObject(this.namespace, app, enginePort));
  }

  async scale(plan: ScaledObjectPlan): Promise<void> {
    await this.world.kube.apply(this.scaledObjectPath(plan.name), scaledObject(this.namespace, plan));
  }

  scaledObjectPath(name: string): string {
    return `/apis/keda.sh/v1alpha1/namespaces/${this.namespace}/scaledobjects/${name}`;
  }

  async keepOpen(name: string, requests: number): Promise<void> {
    this.timeline.note(`${requests} requests open`);
    await tellModels({ kind: 'keep-open', workload: this.key(name), requests });
  }

  sendShort(name: string, requests: number): Promise<void> {
    return tellModels({ kind: 'send-short', workload: this.key(name), requests });
  }

  async pin(name: string, claim: PinnedLoad | undefined): Promise<void> {
    const text = claim ? `each page claims ${claim.running} running, ${claim.waiting} waiting` : 'pages tell the truth';
    this.timeline.note(text);
    await tellModels({ kind: 'pin', workload: this.key(name), claim });
  }

  async fault(name: string, fault: Fault | undefined, pods?: readonly string[]): Promise<void> {
    this.timeline.note(fault ? `pages of ${pods?.length ?? 'all'} replicas: ${fault}` : 'all pages can be read');
    const workload = this.key(name);
    await tellModels({ kind: 'fault', workload, ...(fault && { fault }), ...(pods && { pods }) });
  }

  async load(name: string): Promise<WorkloadLoad | undefined> {
    return (await modelLoads())[this.key(name)];
  }

  now(name: string): ReplicaChange | undefined {
    return this.world.history.now(this.key(name));
  }

  /**
   * Waits until the workload is asked to have so many replicas, or has been since `sinceMs`; resolves with the
   * milliseconds from then to that.
   */
  async desired(name: string, replicas: number, withinMs: number, sinceMs = performance.now()): Promise<number> {
    const first = (): number | undefined => {
      return this.world.history.firstDesired(this.key(name), sinceMs, (desired) => desired === replicas);
    };
    await eventually(`${name} is asked to have ${replicas} replicas`, withinMs, () => {
      const seen = this.now(name)?.desired;
      return first() !== undefined || seen === replicas || `${seen} (${this.#pathOf(name, sinceMs)})`;
    });
    return (first() ?? sinceMs) - sinceMs;
  }

  ready(name: string, replicas: number, withinMs: number): Promise<void> {
    return eventually(`${name} has ${replicas} ready replicas`, withinMs, () => {
      const seen = this.now(name);
      return (seen?.ready === replicas && seen.desired === replicas) || JSON.stringify(seen);
    });
  }

  /** Watches for as long as said that the workload's wanted size stays as it is; every change is seen. */
  async stays(name: string, replicas: number, forMs: number): Promise<void> {
    const sinceMs = performance.now();
    await steadily(`${name} stays at ${replicas} replicas`, forMs, () => {
      const { least, most } = this.world.history.rangeSince(this.key(name), sinceMs);
      return (least === replicas && most === replicas) || this.#pathOf(name, sinceMs);
    });
  }

  /** Waits until the scaler's own account of a trigger is as asked. */
  status(name: string, what: string, isIt: (status: StatusOfTrigger) => boolean, withinMs = 20_000): Promise<void> {
    return this.statusAt(mainScaler, name, { what, isIt, withinMs });
  }

  /** Every size the workload was asked to have from a moment on, with the state at each change. */
  path(name: string, sinceMs: number): readonly ReplicaChange[] {
    const all = this.world.history.of(this.key(name));
    return all.filter(({ atMs, desired }, at) => atMs >= sinceMs && desired !== all[at - 1]?.desired);
  }

  /** Watches that the value never asks for more than this many replicas, not for a moment; for as long as said. */
  async neverAsksForMore(name: string, replicas: number, targetValue: number, forMs: number): Promise<void> {
    const most = replicas * targetValue;
    await steadily(`the value of ${name} never exceeds ${most}`, forMs, async () => {
      const [status] = await statusOf(this.namespace, name);
      return (status?.metricValue ?? 0) <= most + 1e-6 || `${status?.metricValue}: ${status?.why}`;
    });
  }

  /** What `status` does, of another scaler than the one that all share. */
  statusAt(scaler: ScalerAddresses, name: string, { what, isIt, withinMs = 20_000 }: AwaitedStatus): Promise<void> {
    return eventually(`the scaler says of ${name}: ${what}`, withinMs, async () => {
      const [status] = await statusOf(this.namespace, name, scaler);
      return (status !== undefined && isIt(status)) || (status?.why ?? 'nothing');
    });
  }

  async podsOf(app: string): Promise<readonly KubeObject[]> {
    const path = `/api/v1/namespaces/${this.namespace}/pods?labelSelector=app%3D${app}`;
    return (await this.world.kube.get<{ items: KubeObject[] }>(path)).items;
  }

  async #sample(): Promise<void> {
    const [load, [status]] = await Promise.all([this.load(this.#watched), statusOf(this.namespace, this.#watched)]);
    const { desired = 0, ready = 0 } = this.now(this.#watched) ?? {};
    this.timeline.add({ load: load?.open ?? 0, value: status?.metricValue ?? undefined, desired, ready });
  }

  #pathOf(name: string, sinceMs: number): string {
    const all = this.world.history.of(this.key(name)).filter(({ atMs }) => atMs >= sinceMs);
    return `since then: ${all.map(({ atMs, desired }) => `${((atMs - sinceMs) / 1000).toFixed(1)} s ${desired}`).join(', ')}`;
  }
}

/** What the scaler says of a ScaledObject's triggers; none while it does not know them or is away. */
export async function statusOf(
  namespace: string,
  name: string,
  { host, adminPort }: ScalerAddresses = mainScaler,
): Promise<readonly StatusOfTrigger[]> {
  const url = `http://${host}:${adminPort}/status/${namespace}/${name}`;
  return (await jsonPage<readonly StatusOfTrigger[]>(url)) ?? [];
}
