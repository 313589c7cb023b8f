import type { OpenRequest, RequestEnd, RequestNotes } from './open-request.ts';

/** Counts what became of every request; forgets a request once it has ended. */
export class RequestLog implements RequestNotes {
  readonly #waiters = new Map<OpenRequest, (end: RequestEnd) => void>();
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

  /** Requests that ended without their answer, for whatever reason. */
  get lost(): number {
    return this.#lost;
  }

  get unfinished(): number {
    return this.#submitted - this.#served - this.#lost;
  }

  /** Times to first token of all requests, milliseconds; of one replica's requests in the order of those tokens. */
  get firstTokenMs(): readonly number[] {
    return this.#firstTokenMs;
  }

  /** The same for requests that came while no replica was ready. */
  get firstTokenFromZeroMs(): readonly number[] {
    return this.#firstTokenFromZeroMs;
  }

  arrived(_request: OpenRequest): void {
    this.#submitted += 1;
  }

  gaveFirstToken({ arrivedMs, firstTokenMs, heldAtZero }: OpenRequest): void {
    this.#firstTokenMs.push(firstTokenMs! - arrivedMs);
    if (heldAtZero) this.#firstTokenFromZeroMs.push(firstTokenMs! - arrivedMs);
  }

  ended(request: OpenRequest): void {
    if (request.end === 'served') this.#served += 1;
    else this.#lost += 1;
    this.#waiters.get(request)?.(request.end!);
    this.#waiters.delete(request);
  }

  /** Resolves when the request has ended. */
  whenEnded(request: OpenRequest): Promise<RequestEnd> {
    return new Promise((resolve) => {
      if (request.end === undefined) this.#waiters.set(request, resolve);
      else resolve(request.end);
    });
  }
}
