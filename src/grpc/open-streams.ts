/** A stream that can be ended with status OK. */
export interface EndableStream {
  end(): void;
}

/** Ending them all at once would stop the event loop for as long as thousands of them take. */
const endedAtOnce = 250;

/** Every open stream of the server, so that each one is ended with status OK: only that keeps KEDA's back-off short. */
export class OpenStreams {
  readonly #streams = new Map<EndableStream, NodeJS.Timeout | undefined>();
  #draining = false;

  get size(): number {
    return this.#streams.size;
  }

  /** Ends the stream with OK after `lifetimeMs`, or at once while draining. */
  add(stream: EndableStream, lifetimeMs: number | undefined): void {
    if (this.#draining) {
      stream.end();
      return;
    }
    const timer = lifetimeMs === undefined ? undefined : setTimeout(() => stream.end(), lifetimeMs).unref();
    this.#streams.set(stream, timer);
  }

  remove(stream: EndableStream): void {
    clearTimeout(this.#streams.get(stream));
    this.#streams.delete(stream);
  }

  /** Ends every stream, a slice in each turn of the event loop, and every later one as it opens. */
  async endAll(): Promise<void> {
    this.#draining = true;
    const streams = [...this.#streams.keys()];
    for (let first = 0; first < streams.length; first += endedAtOnce) {
      for (const stream of streams.slice(first, first + endedAtOnce)) stream.end();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
