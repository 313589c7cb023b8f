import { Completions } from './completions.ts';
import type { WorkloadLoad } from './protocol.ts';
import type { Replica } from './replica.ts';

const longRequest = { prompt: 64, output: 200 } as const;
const shortRequest = { prompt: 8, output: 1 } as const;

/** The clients of one workload and the gateway before it, which holds what no replica can take yet. */
export class Clients {
  /** Those that come over HTTP, by way of whatever stands in front. */
  readonly completions = new Completions();
  readonly #replicas = new Set<Replica>();
  #wanted = 0;
  #open = 0;
  #arrived = 0;
  #finished = 0;
  #lost = 0;
  #nextId = 0;
  #pagesRead = 0;
  #held: string[] = [];
  readonly #extra = new Set<string>();

  add(replica: Replica): void {
    this.#replicas.add(replica);
  }

  /** A replica went away with everything in it; its clients come back at once. */
  drop(replica: Replica): void {
    if (!this.#replicas.delete(replica)) return;
    for (const { id } of replica.unfinished()) {
      if (this.completions.tell(id, 'lost')) continue;
      this.#lost += 1;
      this.#end(id);
    }
  }

  keepOpen(requests: number, nowMs: number): void {
    // What has finished by now is no longer there to be broken off, and must not be counted out twice.
    this.step(nowMs);
    this.#wanted = requests;
    for (const replica of this.#replicas) {
      if (this.#open <= requests) break;
      for (const request of replica.unfinished().slice(0, this.#open - requests)) {
        replica.abort(request, nowMs);
        this.#end(request.id);
      }
    }
    while (this.#open > requests && this.#held.length > 0) this.#end(this.#held.pop()!);
    this.step(nowMs);
  }

  sendShort(requests: number, nowMs: number): void {
    for (let sent = 0; sent < requests; sent += 1) this.#extra.add(this.#arrive());
    this.step(nowMs);
  }

  /** Ends what has ended, sends what is wanted, lets held ones through. */
  step(nowMs: number): void {
    for (const replica of this.#replicas) {
      for (const { kind, request } of replica.advance(nowMs)) {
        if (this.completions.tell(request.id, kind) || kind !== 'finished') continue;
        this.#finished += 1;
        this.#end(request.id);
      }
    }
    while (this.#open - this.#extra.size < this.#wanted) this.#arrive();
    this.#release(nowMs);
  }

  pageRead(): void {
    this.#pagesRead += 1;
  }

  load(): WorkloadLoad {
    const readyPods = [...this.#replicas].filter((replica) => replica.takesRequests).length;
    const ended = { finished: this.#finished, lost: this.#lost };
    const open = this.#open + this.completions.open;
    const completions = this.completions.counts();
    return { open, held: this.#held.length, ...ended, readyPods, pagesRead: this.#pagesRead, completions };
  }

  get arrived(): number {
    return this.#arrived;
  }

  #arrive(): string {
    const id = `r${this.#nextId++}`;
    this.#arrived += 1;
    this.#open += 1;
    this.#held.push(id);
    return id;
  }

  #end(id: string): void {
    this.#open -= 1;
    this.#extra.delete(id);
  }

  #release(nowMs: number): void {
    const takers = [...this.#replicas].filter((replica) => replica.takesRequests);
    if (takers.length === 0) return;
    const open = new Map(takers.map((replica) => [replica, replica.openRequests]));
    for (const id of this.#held.splice(0)) {
      const [least] = [...open].reduce((a, b) => (b[1] < a[1] ? b : a));
      open.set(least, open.get(least)! + 1);
      least.submit(id, this.#extra.has(id) ? shortRequest : longRequest, nowMs);
    }
  }
}
