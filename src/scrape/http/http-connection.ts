import type { AddressVerdict } from '../../config/access/address-policy.ts';
import type { PageConnection, PageRequest } from '../page-client.ts';
import type { ScrapeOutcome } from '../scrape-outcome.ts';
import {
  deniedByPolicy,
  givenUp,
  malformedResponse,
  notAPageUrl,
  spokenInstead,
  timedOut,
  truncatedAfter,
  unreachable,
  wantsTls,
} from './failure-detail.ts';
import type { PageAccess } from './page-access.ts';
import { PageTaker } from './page-taker.ts';
import type { PageUrl } from './page-url.ts';
import { parsePageUrl } from './page-url.ts';
import { ResponseReader } from './response-reader.ts';
import type { Wire, WireEnd, WireOptions, WireTls } from './wire.ts';
import { openWire } from './wire.ts';

/** Servers close what idles, many of them after 5 s. Closing first avoids that their close crosses our request. */
const maxIdleMs = 4500;

/** What went on, since the start. */
export interface HttpCounters {
  /** Connections opened, failed ones included. */
  connections: number;
  /** Requests sent again because a kept connection turned out to be closed. */
  retries: number;
}

/** A request under way. */
interface Exchange {
  readonly request: PageRequest;
  readonly url: PageUrl;
  readonly taker: PageTaker;
  readonly reader: ResponseReader;
  /** Whether it was sent on a connection that had served another before; such a one may be closed already. */
  reused: boolean;
  answered: boolean;
}

/** The connection of one endpoint over own sockets. */
export class HttpConnection implements PageConnection {
  readonly #options: WireOptions;
  readonly #acceptEncoding: string;
  readonly #counters: HttpCounters;
  #wire: Wire | undefined;
  #connecting = false;
  #origin = '';
  #tls: WireTls | undefined;
  #url: PageUrl | undefined;
  /** The newest request as it is written, kept because the next one is most often the same. */
  #written: { readonly url: PageUrl; readonly access: PageAccess | undefined; readonly text: string } | undefined;
  #judged: { readonly url: PageUrl; readonly verdict: AddressVerdict } | undefined;
  #exchange: Exchange | undefined;
  #idleSinceMs = 0;
  #nowMs = 0;

  constructor(options: WireOptions, acceptEncoding: string, counters: HttpCounters) {
    this.#options = options;
    this.#acceptEncoding = acceptEncoding;
    this.#counters = counters;
  }

  read(request: PageRequest): void {
    if (this.#exchange !== undefined) throw new Error('a page is being read already');
    this.#nowMs = request.startedAtMs;
    const url = this.#parse(request.url);
    const verdict = url?.literal === true ? this.#judge(url) : undefined;
    if (url === undefined) request.done(notAPageUrl(request.url));
    else if (verdict?.allowed === false) request.done(deniedByPolicy(request.url, verdict.rule));
    else this.#begin(request, url);
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#exchange === undefined) {
      if (this.#idles()) this.#dropWire();
      return;
    }
    const { request } = this.#exchange;
    if (nowMs - request.startedAtMs < request.timeoutMs) return;
    this.#settle(timedOut(request.url, request.timeoutMs, this.#seen(this.#exchange)), false);
  }

  #seen({ taker }: Exchange): string {
    return taker.seen === 'no response' && this.#connecting ? 'no connection' : taker.seen;
  }

  giveUp(nowMs: number): void {
    if (this.#exchange === undefined) return;
    const { request } = this.#exchange;
    this.#settle(givenUp(request.url, nowMs - request.startedAtMs, this.#seen(this.#exchange)), false);
  }

  close(): void {
    this.#exchange = undefined;
    this.#dropWire();
  }

  #begin(request: PageRequest, url: PageUrl): void {
    // A connection is kept only for the server it was opened to, verified as it would be now.
    const tls = request.access?.tls ?? this.#options.tls;
    if (this.#origin !== url.origin || this.#tls !== tls || this.#idles()) this.#dropWire();
    const taker = new PageTaker(request);
    const reused = this.#wire !== undefined;
    const exchange = { request, url, taker, reader: new ResponseReader(taker), reused, answered: false };
    this.#exchange = exchange;
    if (this.#wire === undefined) this.#open(exchange);
    else this.#send(this.#wire, exchange);
  }

  /** The policy never changes, and the URL seldom does. */
  #judge(url: PageUrl): AddressVerdict {
    if (this.#judged?.url !== url) this.#judged = { url, verdict: this.#options.policy.check(url.host) };
    return this.#judged.verdict;
  }

  #parse(text: string): PageUrl | undefined {
    if (this.#url?.text !== text) this.#url = parsePageUrl(text);
    return this.#url;
  }

  #idles(): boolean {
    return this.#wire !== undefined && this.#nowMs - this.#idleSinceMs >= maxIdleMs;
  }

  #open(exchange: Exchange): void {
    const { request, url } = exchange;
    this.#counters.connections++;
    this.#origin = url.origin;
    this.#tls = request.access?.tls ?? this.#options.tls;
    this.#connecting = true;
    const wire: Wire = openWire(url, this.#tls, this.#options, {
      ready: () => {
        this.#connecting = false;
        this.#send(wire, exchange);
      },
      bytes: (bytes) => this.#take(bytes),
      ended: (end) => this.#lost(end),
    });
    this.#wire = wire;
  }

  #send(wire: Wire, { url, request: { access } }: Exchange): void {
    if (this.#written?.url !== url || this.#written.access !== access) {
      this.#written = { url, access, text: requestText(url, this.#acceptEncoding, access?.authorization) };
    }
    wire.write(this.#written.text);
  }

  #take(bytes: Uint8Array): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // Nothing was asked: whatever this is, it must not be taken for the answer to the next request.
      this.#dropWire();
      return;
    }
    const { reader, taker, request, url } = exchange;
    const spoken = exchange.answered ? undefined : spokenInstead(url, bytes);
    exchange.answered = true;
    if (spoken !== undefined) {
      this.#settle(malformedResponse(request.url, spoken), false);
      return;
    }
    const progress = reader.push(bytes);
    if (progress === 'more') return;
    this.#idleSinceMs = this.#nowMs;
    if (progress === 'done') this.#settle(taker.finish(), reader.reusable);
    else if (progress === 'refused') this.#settle(refusalOf(exchange, bytes), false);
    else this.#settle(malformedResponse(request.url, 'a response that is not HTTP/1'), false);
  }

  #lost(end: WireEnd): void {
    this.#dropWire();
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (exchange.reused && !exchange.answered) {
      exchange.reused = false;
      this.#counters.retries++;
      this.#open(exchange);
      return;
    }
    this.#settle(outcomeOfEnd(exchange, end), false);
  }

  #settle(outcome: ScrapeOutcome, reusable: boolean): void {
    const { request } = this.#exchange!;
    this.#exchange = undefined;
    if (!reusable || !outcome.ok) this.#dropWire();
    request.done(outcome);
  }

  #dropWire(): void {
    this.#wire?.destroy();
    this.#wire = undefined;
    this.#connecting = false;
  }
}

function requestText(url: PageUrl, acceptEncoding: string, authorization: string | undefined): string {
  const credential = authorization === undefined ? '' : `authorization: ${authorization}\r\n`;
  return (
    `GET ${url.path} HTTP/1.1\r\nhost: ${url.authority}\r\naccept: text/plain;version=0.0.4\r\n` +
    `accept-encoding: ${acceptEncoding}\r\nuser-agent: keda-llm-scaler\r\n${credential}connection: keep-alive\r\n\r\n`
  );
}

/** An error page may say that TLS was expected, most often in the bytes that its head came with. */
function refusalOf({ request, url, reader, taker }: Exchange, bytes: Uint8Array): ScrapeOutcome {
  const status = reader.head?.status ?? 0;
  if (url.secure || !wantsTls(status, Buffer.from(bytes).toString('latin1'))) return taker.refusal!;
  return malformedResponse(request.url, `TLS from ${url.authority}; set scheme: https`);
}

/** What came of a request whose connection has ended. */
function outcomeOfEnd({ request, url, answered, reader, taker }: Exchange, end: WireEnd): ScrapeOutcome {
  if (end.deniedBy !== undefined) return deniedByPolicy(request.url, end.deniedBy);
  if (!answered) return unreachable(url, end.code, request.access);
  if (end.code === undefined && reader.end() === 'done') return taker.finish();
  return truncatedAfter(request.url, taker.bodyBytes);
}
