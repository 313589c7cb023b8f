import type { ApiError } from './http/api-error.ts';
import { errorEvent } from './http/api-error.ts';
import type { Exchange } from './http/exchange.ts';
import { writeHead } from './http/write-head.ts';

/** Of an answer that is no stream, this much is kept to tell the client of it. */
const mostErrorBytes = 64 * 1024;

/**
 * A client that asked for a stream, while it waits for the first byte of one. After the first heartbeat its status is
 * sent, 200, so what goes wrong later is told as the stream's last event.
 */
export class StreamWait {
  readonly #exchange: Exchange;
  readonly #everyMs: number;
  #nextBeatMs: number;
  #hasBegun = false;
  #isOver = false;
  #failure: { readonly status: number; readonly chunks: Buffer[]; bytes: number } | undefined;

  constructor(exchange: Exchange, everyMs: number, nowMs: number) {
    this.#exchange = exchange;
    this.#everyMs = everyMs;
    this.#nextBeatMs = nowMs + everyMs;
  }

  /** The client has been sent a status already. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** A replica's answer has begun: what is sent from here on is that. */
  get isAnswered(): boolean {
    return this.#isOver;
  }

  /** The body of the answer is not to be passed on, but brought here. */
  get takesBody(): boolean {
    return this.#failure !== undefined;
  }

  /** Sends a comment when one is due. True when it did. */
  beat(nowMs: number): boolean {
    if (this.#isOver || nowMs < this.#nextBeatMs) return false;
    this.#nextBeatMs = nowMs + this.#everyMs;
    const { response } = this.#exchange;
    // A client that doesn't read gets no more to not read.
    if (response.writableNeedDrain || response.destroyed) return false;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      const type = ['content-type', 'text/event-stream; charset=utf-8'];
      writeHead(this.#exchange, 200, [...type, 'cache-control', 'no-cache', 'x-accel-buffering', 'no']);
    }
    response.write(': waiting for a replica\n\n');
    return true;
  }

  /** An answer is here; no more comments. True when its head must not be written, because one has been. */
  take(status: number, contentType: string | undefined): boolean {
    this.#isOver = true;
    if (!this.#hasBegun) return false;
    const isStream = status === 200 && /^text\/event-stream\b/i.test(contentType ?? '');
    if (!isStream) this.#failure = { status, chunks: [], bytes: 0 };
    return true;
  }

  takeBody(chunk: Buffer): void {
    const failure = this.#failure!;
    if (failure.bytes < mostErrorBytes) failure.chunks.push(chunk);
    failure.bytes += chunk.byteLength;
  }

  /** The whole answer that was no stream is here: it becomes the last event. */
  endBody(): void {
    const { status, chunks, bytes } = this.#failure!;
    const text = bytes <= mostErrorBytes ? Buffer.concat(chunks).toString('utf8') : '';
    this.#exchange.response.end(eventOf(this.#exchange.path, status, text));
  }

  /** No answer will come. */
  fail(error: ApiError): void {
    this.#isOver = true;
    this.#exchange.response.end(errorEvent(this.#exchange.path, error));
  }
}

/** The replica's own JSON where it sent some, in the form clients look for; else words of ours. */
function eventOf(path: string, status: number, text: string): string {
  const json = asJson(text);
  if (json === undefined) {
    const message = `the replica answered ${status} instead of a stream`;
    return errorEvent(path, { status: status < 400 ? 502 : status, code: 'replica_failed', message });
  }
  if (status < 400) return `data: ${JSON.stringify(json)}\n\ndata: [DONE]\n\n`;
  const kind = json.type === 'error' ? 'event: error\n' : '';
  return `${kind}data: ${JSON.stringify('error' in json ? json : { error: json })}\n\n`;
}

function asJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
