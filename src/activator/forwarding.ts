import type { Dispatcher } from 'undici';
import type { Exchange } from './http/exchange.ts';
import { firstValue, responseHeaders } from './http/forward-headers.ts';
import { writeHead } from './http/write-head.ts';
import type { StreamWait } from './stream-wait.ts';

/** How one try to have a replica answer ended. */
export type ForwardEnd =
  | { readonly kind: 'done' }
  /** Nothing was sent: another replica may be asked. */
  | { readonly kind: 'not-connected'; readonly error: Error }
  /** It was sent, and may have run. */
  | { readonly kind: 'failed'; readonly error: Error };

export interface ForwardListener {
  /** The whole request has been written. */
  sent?(): void;
  /** The replica's status line is here. */
  answered?(status: number): void;
  /** A piece of its body has been passed on. */
  passed?(chunk: Buffer): void;
  ended(end: ForwardEnd): void;
}

/**
 * Passes one replica's answer on, as fast as the client takes it and no faster. For undici: its callbacks are the
 * answer's events.
 */
export class Forwarding implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #wait: StreamWait | undefined;
  readonly #listener: ForwardListener;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  #isFlushed = false;

  constructor(exchange: Exchange, wait: StreamWait | undefined, listener: ForwardListener) {
    this.#exchange = exchange;
    this.#wait = wait;
    this.#listener = listener;
  }

  /** The client has gone. */
  abort(): void {
    this.#isOver = true;
    this.#controller?.abort(new Error('the client has gone'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('the client has gone'));
  }

  onRequestSent(): void {
    this.#listener.sent?.();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#isOver || status < 200) return;
    const headers = responseHeaders(controller.rawHeaders as Buffer[]);
    this.#listener.answered?.(status);
    if (this.#wait?.take(status, firstValue(headers, 'content-type')) === true) return;
    writeHead(this.#exchange, status, headers);
    // With a body that is here already it makes one packet; without, it must not wait for one.
    queueMicrotask(() => this.#flush());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    this.#isFlushed = true;
    const { response } = this.#exchange;
    if (this.#wait?.takesBody === true) this.#wait.takeBody(chunk);
    else if (!response.write(chunk)) {
      controller.pause();
      response.once('drain', () => controller.resume());
    }
    this.#listener.passed?.(chunk);
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: Record<string, string | string[]>): void {
    if (this.#isOver) return;
    this.#isFlushed = true;
    const { response } = this.#exchange;
    if (this.#wait?.takesBody === true) this.#wait.endBody();
    else {
      const named = Object.entries(trailers ?? {});
      if (named.length > 0) response.addTrailers(trailers as Record<string, string>);
      response.end();
    }
    this.#end({ kind: 'done' });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#isFlushed = true;
    this.#end({ kind: this.#controller === undefined ? 'not-connected' : 'failed', error });
  }

  #end(end: ForwardEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.ended(end);
  }

  #flush(): void {
    if (!this.#isFlushed && !this.#isOver) this.#exchange.response.flushHeaders();
  }
}
