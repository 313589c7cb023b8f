import type { PageRequest } from '../page-client.ts';
import type { ScrapeOutcome } from '../scrape-outcome.ts';
import type { FailedScrape } from './failure-detail.ts';
import { bodyTooLarge, malformedResponse, statusFailure, truncatedAfter } from './failure-detail.ts';
import { GzipBody, gunzipPage } from './gzip-body.ts';
import type { ResponseHead } from './response-head.ts';
import type { ResponseTaker } from './response-reader.ts';

const LF = 10;

/**
 * Judges a response and hands its body on. One layer of gzip is taken off whether it was asked for or not: a server
 * that compresses unasked still says the truth.
 */
export class PageTaker implements ResponseTaker {
  readonly #request: PageRequest;
  #head: ResponseHead | undefined;
  #refusal: FailedScrape | undefined;
  #gzip: GzipBody | undefined;
  #bodyBytes = 0;
  #lastByte = LF;

  constructor(request: PageRequest) {
    this.#request = request;
  }

  /** Why the response was refused, once it has been. */
  get refusal(): FailedScrape | undefined {
    return this.#refusal;
  }

  /** How far the response has come, in words. */
  get seen(): string {
    return !this.begun ? 'no response' : `only the first ${this.#bodyBytes} bytes`;
  }

  /** Whether the head of the response has come. */
  get begun(): boolean {
    return this.#head !== undefined;
  }

  /** Of the body as sent. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  head(head: ResponseHead): boolean {
    const { url, maxBodyBytes, sink, access } = this.#request;
    this.#head = head;
    const sentCredential = access?.authorization !== undefined;
    if (head.status !== 200) return this.#refuse(statusFailure(head.status, url, sentCredential));
    if (head.contentLength > maxBodyBytes) return this.#refuse(bodyTooLarge(url, maxBodyBytes));
    if (head.contentEncoding === 'gzip' || head.contentEncoding === 'x-gzip') this.#gzip = new GzipBody();
    else if (head.contentEncoding !== '') {
      return this.#refuse(malformedResponse(url, 'a body in an encoding other than gzip'));
    }
    sink.start(head.contentType);
    return true;
  }

  body(bytes: Uint8Array): boolean {
    const { url, maxBodyBytes, sink } = this.#request;
    this.#bodyBytes += bytes.length;
    if (this.#bodyBytes > maxBodyBytes) return this.#refuse(bodyTooLarge(url, maxBodyBytes));
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
    if (this.#gzip !== undefined) this.#gzip.add(bytes);
    else sink.chunk(bytes);
    return true;
  }

  /** What came of it, once the whole response is there. */
  finish(): ScrapeOutcome {
    const head = this.#head!;
    if (this.#gzip !== undefined) return this.#finishGzip(this.#gzip, head);
    // Without a length nothing but the last line tells a whole page from a cut one. JSON tells by itself.
    if (head.framing === 'close' && this.#lastByte !== LF && !/\bjson\b/i.test(head.contentType)) {
      return truncatedAfter(this.#request.url, this.#bodyBytes);
    }
    return { ok: true, contentType: head.contentType, bodyBytes: this.#bodyBytes };
  }

  #finishGzip(gzip: GzipBody, { contentType }: ResponseHead): ScrapeOutcome {
    const { url, maxBodyBytes, sink } = this.#request;
    const page = gunzipPage(gzip.bytes, maxBodyBytes);
    if (page === 'body-too-large') return bodyTooLarge(url, maxBodyBytes);
    if (page === 'truncated') return truncatedAfter(url, this.#bodyBytes);
    if (typeof page === 'string') return malformedResponse(url, 'a body that is not the gzip it claims to be');
    sink.chunk(page);
    return { ok: true, contentType, bodyBytes: page.length };
  }

  #refuse(refusal: FailedScrape): false {
    this.#refusal = refusal;
    return false;
  }
}
