import { gunzipSync } from 'node:zlib';
import type { ScrapeFailure } from '../scrape-outcome.ts';

/** Collects a compressed body, which is opened when it is whole: cheaper than a stream, and bounded in one place. */
export class GzipBody {
  #bytes = Buffer.alloc(0);
  #length = 0;

  add(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length, 16 * 1024));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** One layer of gzip taken off, or why it could not be. Stops as soon as the result would be over `maxBodyBytes`. */
export function gunzipPage(bytes: Uint8Array, maxBodyBytes: number): Uint8Array | ScrapeFailure {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return 'body-too-large';
    return code === 'Z_BUF_ERROR' ? 'truncated' : 'malformed-response';
  }
}
