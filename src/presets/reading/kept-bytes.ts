/** A page without requests is small; a larger one is told apart when it comes again. */
const mostBytes = 65_536;

/** The bytes of a page that may have to be read again for other names, as long as it is small. */
export class KeptBytes {
  #chunks: Uint8Array[] | undefined = [];
  #bytes = 0;

  /** Copies the chunk, which is valid during the call alone. */
  take(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > mostBytes) this.#chunks = undefined;
    this.#chunks?.push(chunk.slice());
  }

  /** What came, or `undefined` where it was more than is kept. */
  get chunks(): readonly Uint8Array[] | undefined {
    return this.#chunks;
  }
}
