import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CompletionCounts, CompletionRequest } from './protocol.ts';
import { completionTokens, lastEvent } from './protocol.ts';
import type { Replica } from './replica.ts';

/** The Service may name a replica before this process has been told that it is ready. */
const newsLateByMs = 1000;
const promptTokens = 64;

interface Open {
  readonly replica: Replica;
  readonly asked: CompletionRequest;
  readonly response: ServerResponse;
}

/** Requests that came over HTTP to the replicas of one workload, from their arrival to their answers' end. */
export class Completions {
  /** By the name that the engine has for it; none of two arrivals is the same. */
  readonly #open = new Map<string, Open>();
  /** Arrivals by the client's own name for the request. */
  readonly #arrivals = new Map<string, number>();
  readonly #first = new Map<Replica, CompletionCounts['first'][number]>();
  #mostAtOneReplica = 0;
  #nextId = 0;

  async take(replica: Replica, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAtMs = performance.timeOrigin + performance.now();
    const asked = JSON.parse(await text(request)) as CompletionRequest;
    this.#arrivals.set(asked.id, (this.#arrivals.get(asked.id) ?? 0) + 1);
    for (let waitedMs = 0; !replica.takesRequests && waitedMs < newsLateByMs; waitedMs += 10) await sleep(10);
    if (!replica.takesRequests) return void response.writeHead(503).end(`${replica.pod.name} takes no requests\n`);
    if (!this.#first.has(replica)) {
      const readyAtMs = performance.timeOrigin + replica.readyAtMs!;
      this.#first.set(replica, { address: replica.pod.address, readyAtMs, arrivedAtMs });
    }
    const id = `http-${this.#nextId++}`;
    this.#open.set(id, { replica, asked, response });
    const here = [...this.#open.values()].filter((open) => open.replica === replica).length;
    this.#mostAtOneReplica = Math.max(this.#mostAtOneReplica, here);
    replica.submit(id, { prompt: promptTokens, output: completionTokens }, performance.now());
  }

  /** Tells the client what its replica has come to. Returns whether the request is one of these. */
  tell(id: string, kind: 'first-token' | 'finished' | 'lost'): boolean {
    const open = this.#open.get(id);
    if (open === undefined) return false;
    if (kind !== 'first-token') this.#open.delete(id);
    const { asked, response } = open;
    if (kind === 'lost') response.destroy();
    else if (asked.stream) stream(asked, response, kind);
    else if (kind === 'finished') {
      const body = { id: asked.id, usage: { completion_tokens: completionTokens } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
    return true;
  }

  get open(): number {
    return this.#open.size;
  }

  counts(): CompletionCounts {
    const repeated = [...this.#arrivals].filter(([, times]) => times > 1).map(([id]) => id);
    const first = [...this.#first.values()];
    return { ids: this.#arrivals.size, repeated, mostAtOneReplica: this.#mostAtOneReplica, first };
  }
}

function stream({ id }: CompletionRequest, response: ServerResponse, kind: 'first-token' | 'finished'): void {
  const event = (index: number): string => `data: ${JSON.stringify({ id, index })}\n\n`;
  if (kind === 'first-token') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event(0));
    return;
  }
  for (let index = 1; index < completionTokens; index += 1) response.write(event(index));
  response.end(`data: ${lastEvent}\n\n`);
}
