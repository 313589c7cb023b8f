import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { pageContentType } from '../../../src/simulate/engine/engine-page.ts';
import { Kube } from '../cluster/kube.ts';
import { Clients } from './clients.ts';
import { ModelPods } from './pods.ts';
import type { ModelCommand, PinnedLoad } from './protocol.ts';
import { controlPort, enginePort, gatewayPort } from './protocol.ts';
import { Replica } from './replica.ts';

const stepEveryMs = 20;

/** Every model replica and gateway of the cluster in one process, told apart by the address that is asked. */
class Models {
  readonly #replicas = new Map<string, Replica>();
  readonly #clients = new Map<string, Clients>();
  readonly #claims = new Map<string, PinnedLoad>();
  readonly pods = new ModelPods(
    (pod) => {
      const known = this.#replicas.get(pod.address);
      if (known?.pod.name === pod.name) {
        known.seen(pod, performance.now());
        return;
      }
      const replica = new Replica(pod, performance.now());
      replica.claim = this.#claims.get(pod.workload);
      this.#replicas.set(pod.address, replica);
      this.clientsOf(pod.workload).add(replica);
    },
    (pod) => {
      const replica = this.#replicas.get(pod.address);
      if (replica?.pod.name !== pod.name) return;
      this.#replicas.delete(pod.address);
      this.clientsOf(pod.workload).drop(replica);
    },
  );

  clientsOf(workload: string): Clients {
    const known = this.#clients.get(workload) ?? new Clients();
    this.#clients.set(workload, known);
    return known;
  }

  obey(command: ModelCommand): void {
    const nowMs = performance.now();
    const { workload } = command;
    if (command.kind === 'keep-open') this.clientsOf(workload).keepOpen(command.requests, nowMs);
    else if (command.kind === 'send-short') this.clientsOf(workload).sendShort(command.requests, nowMs);
    else if (command.kind === 'pin') this.#pin(workload, command.claim);
    else this.#misbehave(command);
  }

  step(): void {
    const nowMs = performance.now();
    for (const clients of this.#clients.values()) clients.step(nowMs);
  }

  loads(): object {
    return Object.fromEntries([...this.#clients].map(([workload, clients]) => [workload, clients.load()]));
  }

  /** The KEDA HTTP add-on's queue: a request counts from its arrival to the end of its answer. */
  queue(): object {
    const entries = [...this.#clients].map(([workload, clients]) => {
      return [workload, { Concurrency: clients.load().open, RequestCount: clients.arrived }] as const;
    });
    return Object.fromEntries(entries);
  }

  #pin(workload: string, claim: PinnedLoad | undefined): void {
    if (claim === undefined) this.#claims.delete(workload);
    else this.#claims.set(workload, claim);
    for (const replica of this.#replicasOf(workload)) replica.claim = claim;
  }

  #misbehave({ workload, pods, fault }: Extract<ModelCommand, { kind: 'fault' }>): void {
    for (const replica of this.#replicasOf(workload)) {
      if (pods === undefined || pods.includes(replica.pod.name)) replica.fault = fault;
    }
  }

  #replicasOf(workload: string): Replica[] {
    return [...this.#replicas.values()].filter(({ pod }) => pod.workload === workload);
  }

  answerPage(request: IncomingMessage, response: ServerResponse): void {
    const replica = this.#replicas.get(request.socket.localAddress ?? '');
    const fault = replica?.fault;
    // A server listens only once its model is loaded. Who asks for a completion may have heard of that sooner.
    const listens = replica?.pod.isReady || replica?.pod.isTerminating || request.method === 'POST';
    if (replica === undefined || !listens || fault === 'refuse') {
      request.socket.resetAndDestroy();
      return;
    }
    if (request.method === 'POST') {
      const { completions } = this.clientsOf(replica.pod.workload);
      completions.take(replica, request, response).catch(() => response.destroy());
      return;
    }
    this.clientsOf(replica.pod.workload).pageRead();
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    if (fault === 'hang') return;
    if (fault === 'reset') {
      const body = replica.page();
      response.writeHead(200, { 'content-type': pageContentType, 'content-length': Buffer.byteLength(body) });
      response.write(body.slice(0, body.length / 2), () => request.socket.resetAndDestroy());
    } else if (fault === 'garbage') {
      response.writeHead(200, { 'content-type': pageContentType }).end('vllm:num_requests_running{engine= 0 what\n');
    } else if (fault === 'redirect') {
      response.writeHead(302, { location: 'http://169.254.169.254/metrics' }).end();
    } else {
      response.writeHead(200, { 'content-type': pageContentType }).end(replica.page());
    }
  }
}

async function main([caFile = '', certFile = '', keyFile = '', server = '']: readonly string[]): Promise<void> {
  const models = new Models();
  const stop = new AbortController();
  models.pods.follow(new Kube({ server, caFile, certFile, keyFile }), stop.signal);
  setInterval(() => models.step(), stepEveryMs);
  createServer((request, response) => models.answerPage(request, response)).listen(enginePort, '0.0.0.0');
  createServer((request, response) => {
    if (request.url !== '/queue') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(models.queue()));
  }).listen(gatewayPort, '0.0.0.0');
  createServer((request, response) => {
    control(models, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  }).listen(controlPort, '127.0.0.1');
}

async function control(models: Models, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const commands = JSON.parse(Buffer.concat(chunks).toString('utf8')) as readonly ModelCommand[];
    for (const command of commands) models.obey(command);
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(models.loads()));
}

await main(process.argv.slice(2));
