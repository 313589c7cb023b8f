import type { ReadProgress } from './chunked-body.ts';
import { ChunkedBody } from './chunked-body.ts';
import type { ResponseHead } from './response-head.ts';
import { parseResponseHead } from './response-head.ts';

/** Takes a response as it comes. Both say whether they want more. */
export interface ResponseTaker {
  /** Called once, for the final response; interim ones (1xx) are read over. */
  head(head: ResponseHead): boolean;
  /** The body as sent, without framing. `bytes` are valid only during the call. */
  body(bytes: Uint8Array): boolean;
}

/** Status lines and headers of all responses to one request, chunk extensions and trailers: so many bytes in all. */
export const maxHeadBytes = 16 * 1024;

const LF = 10;
const CR = 13;

/** Reads one HTTP/1 response from bytes, however they are cut. Never throws unless its taker does. */
export class ResponseReader {
  readonly #taker: ResponseTaker;
  #head: ResponseHead | undefined;
  #chunked: ChunkedBody | undefined;
  /** Bytes of a head that came in pieces. */
  #partialHead = '';
  #headBytes = 0;
  #lineBytes = 0;
  #remainingBytes = 0;
  #leftover = false;

  constructor(taker: ResponseTaker) {
    this.#taker = taker;
  }

  /** The head of the final response, once it has been read. */
  get head(): ResponseHead | undefined {
    return this.#head;
  }

  /** Whether another request may follow on the same connection, now that this one is done. */
  get reusable(): boolean {
    return this.#head?.keepAlive === true && !this.#leftover;
  }

  push(bytes: Uint8Array): ReadProgress {
    let at = 0;
    while (this.#head === undefined) {
      const end = this.#findHeadEnd(bytes, at);
      this.#partialHead += latin1(bytes, at, end ?? bytes.length);
      if (this.#headBytes > maxHeadBytes) return 'malformed';
      if (end === undefined) return 'more';
      at = end;
      const progress = this.#readHead();
      if (progress !== 'more') return this.#settle(progress, at < bytes.length);
    }
    return this.#readBody(bytes, at);
  }

  /** The connection has ended: `done` where that is how the body ends, else the response is cut. */
  end(): 'done' | 'truncated' {
    return this.#head?.framing === 'close' ? 'done' : 'truncated';
  }

  /** Where the empty line that ends a head is over; lines may end in CR LF or LF. */
  #findHeadEnd(bytes: Uint8Array, from: number): number | undefined {
    const stop = Math.min(bytes.length, from + maxHeadBytes - this.#headBytes + 1);
    for (let at = from; at < stop; at++) {
      const byte = bytes[at]!;
      if (byte === LF) {
        if (this.#lineBytes === 0) {
          this.#headBytes += at + 1 - from;
          return at + 1;
        }
        this.#lineBytes = 0;
      } else if (byte !== CR) {
        this.#lineBytes++;
      }
    }
    this.#headBytes += stop - from;
    return undefined;
  }

  #readHead(): ReadProgress {
    const head = parseResponseHead(this.#partialHead.replace(/\r?\n\r?\n$/, ''));
    this.#partialHead = '';
    if (head === undefined) return 'malformed';
    // 101 would turn the connection into something else.
    if (head.status < 200 && head.status !== 101) return 'more';
    this.#head = head;
    if (!this.#taker.head(head)) return 'refused';
    this.#remainingBytes = head.contentLength;
    if (head.framing === 'chunked') {
      this.#chunked = new ChunkedBody((data) => this.#taker.body(data), maxHeadBytes - this.#headBytes);
    }
    return head.framing === 'length' && head.contentLength === 0 ? 'done' : 'more';
  }

  #readBody(bytes: Uint8Array, from: number): ReadProgress {
    if (this.#chunked !== undefined) {
      const { progress, at } = this.#chunked.push(bytes, from);
      return this.#settle(progress, at < bytes.length);
    }
    if (from === bytes.length) return 'more';
    const counted = this.#head?.framing === 'length';
    const end = counted ? Math.min(bytes.length, from + this.#remainingBytes) : bytes.length;
    if (!this.#taker.body(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end))) return 'refused';
    if (!counted) return 'more';
    this.#remainingBytes -= end - from;
    return this.#remainingBytes === 0 ? this.#settle('done', end < bytes.length) : 'more';
  }

  #settle(progress: ReadProgress, leftover: boolean): ReadProgress {
    this.#leftover = leftover;
    return progress;
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
