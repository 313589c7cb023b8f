import type { OpenRequest } from './open-request.ts';

/** Requests in the order of their arrival, each with the same span until something is due. */
export class Deadlines {
  readonly #spanMs: number;
  #waiting: OpenRequest[] = [];
  #first = 0;

  /** `Infinity`: nothing is ever due, and nothing is kept. */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  add(request: OpenRequest): void {
    if (this.#spanMs !== Number.POSITIVE_INFINITY) this.#waiting.push(request);
  }

  /** When the first one that still matters is due; those that do not are forgotten. */
  nextMs(matters: (request: OpenRequest) => boolean): number {
    while (this.#first < this.#waiting.length && !matters(this.#waiting[this.#first]!)) this.#drop();
    const next = this.#waiting[this.#first];
    return next === undefined ? Number.POSITIVE_INFINITY : next.arrivedMs + this.#spanMs;
  }

  /** Takes the first one. */
  take(): OpenRequest {
    const request = this.#waiting[this.#first]!;
    this.#drop();
    return request;
  }

  #drop(): void {
    this.#first += 1;
    if (this.#first < 1024 || this.#first * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
