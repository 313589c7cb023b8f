import type { EngineEvent } from '../engine/engine.ts';

interface OpenRequest {
  readonly arrivedMs: number;
  readonly heldAtZero: boolean;
}

export type RequestEnd = 'served' | 'lost';

/** Counts what became of every request; forgets a request once it has ended. */
export class RequestLog {
  readonly #open = new Map<string, OpenRequest>();
  readonly #waiters = new Map<string, (end: RequestEnd) => void>();
  #submitted = 0;
  #served = 0;
  #lost = 0;
  readonly #firstTokenMs: number[] = [];
  readonly #firstTokenFromZeroMs: number[] = [];

  get submitted(): number {
    return this.#submitted;
  }

  get served(): number {
    return this.#served;
  }

  get lost(): number {
    return this.#lost;
  }

  get unfinished(): number {
    return this.#open.size;
  }

  /** Times to first token of all requests in the order of those tokens, milliseconds. */
  get firstTokenMs(): readonly number[] {
    return this.#firstTokenMs;
  }

  /** The same for requests that came while no replica was ready. */
  get firstTokenFromZeroMs(): readonly number[] {
    return this.#firstTokenFromZeroMs;
  }

  /** A new request; returns its id. */
  arrive(nowMs: number, heldAtZero: boolean): string {
    this.#submitted += 1;
    const id = String(this.#submitted);
    this.#open.set(id, { arrivedMs: nowMs, heldAtZero });
    return id;
  }

  note({ kind, id, atMs }: EngineEvent): void {
    const request = this.#open.get(id);
    if (request === undefined) return;
    if (kind === 'finished') {
      this.#end(id, 'served');
    } else {
      this.#firstTokenMs.push(atMs - request.arrivedMs);
      if (request.heldAtZero) this.#firstTokenFromZeroMs.push(atMs - request.arrivedMs);
    }
  }

  lose(id: string): void {
    if (this.#open.has(id)) this.#end(id, 'lost');
  }

  /** Resolves when the request has ended. */
  ended(id: string): Promise<RequestEnd> {
    return new Promise((resolve) => {
      this.#waiters.set(id, resolve);
    });
  }

  #end(id: string, end: RequestEnd): void {
    if (end === 'served') this.#served += 1;
    else this.#lost += 1;
    this.#open.delete(id);
    this.#waiters.get(id)?.(end);
    this.#waiters.delete(id);
  }
}
