import { ByteBuffer } from './byte-buffer.ts';
import { isBlank, LESS_THAN, NEWLINE, OPEN_BRACE, OPEN_BRACKET, RETURN } from './bytes.ts';
import { beginsWithQuotedName, parseJsonPage } from './json-page.ts';
import { escapeUnprintable } from './line-cursor.ts';
import type { PageFailure, PageOutcome } from './page.ts';
import type { LineLimits } from './page-lines.ts';
import { PageLines } from './page-lines.ts';
import type { WantedNames } from './wanted-names.ts';

/** What one page may cost. All in bytes, but for `maxSamples`. */
export interface PageLimits extends LineLimits {
  /** The whole body, after decompression. */
  readonly maxBodyBytes: number;
  /** One line, without its newline. */
  readonly maxLineBytes: number;
  /** Samples of wanted names. */
  readonly maxSamples: number;
  /** A label name, or a metric name in quotes, on a wanted line. */
  readonly maxLabelNameBytes: number;
  readonly maxLabelValueBytes: number;
}

export const defaultPageLimits: PageLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxLineBytes: 64 * 1024,
  maxSamples: 10_000,
  maxLabelNameBytes: 128,
  maxLabelValueBytes: 1024,
};

/** What a parser says of a page that it has let go of. */
const released: PageOutcome = { ok: false, failure: 'empty', message: 'expected a page, found one that was let go' };
const byteOrderMark = [0xef, 0xbb, 0xbf];
/** Enough of a first line to tell a quoted name from the first key of an object. */
const headBytes = 4096;

/**
 * Reads a metrics page from its bytes as they come, in chunks of any size: Prometheus text, OpenMetrics, or JSON. Text
 * is walked line by line and never kept; only wanted samples become objects. Never throws. Memory is bounded by the
 * limits. One parser reads one page at a time; `reset` makes it ready for the next.
 */
export class PageParser {
  readonly #limits: PageLimits;
  /** The start of a line whose end has not come yet, or the JSON read so far. */
  readonly #kept = new ByteBuffer();
  #stage: 'blank' | 'text' | 'json' | 'failed' = 'blank';
  readonly #lines: PageLines;
  #openMetrics = false;
  #bodyBytes = 0;
  #markBytes = 0;
  #outcome: PageOutcome | undefined;

  constructor(wanted: WantedNames, contentType: string, limits: PageLimits = defaultPageLimits) {
    this.#limits = limits;
    this.#lines = new PageLines(wanted, limits);
    this.#begin(contentType);
  }

  /** Forgets the page and begins another, of this Content-Type. Nothing of the last outcome may be read after it. */
  reset(contentType: string): void {
    this.#begin(contentType);
  }

  /** Takes the next bytes of the body; does not keep the chunk. After a failure the rest is ignored. */
  push(chunk: Uint8Array): void {
    if (this.#outcome !== undefined || this.#stage === 'failed') return;
    const room = this.#limits.maxBodyBytes - this.#bodyBytes;
    const fits = chunk.length <= room;
    // A Buffer finds newlines a third faster than a plain Uint8Array does.
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, fits ? chunk.length : room);
    this.#take(bytes);
    this.#bodyBytes += bytes.length;
    if (!fits)
      this.#fail('malformed', `expected a body of at most ${this.#limits.maxBodyBytes} bytes, found a larger one`);
  }

  /** Says what the page was. The last line counts with or without a newline. */
  end(): PageOutcome {
    this.#outcome ??= this.#conclude();
    this.#kept.clear();
    return this.#outcome;
  }

  /**
   * Lets go of the page: thousands of samples must not wait in memory for the next one. Nothing of the outcome may be
   * read after it.
   */
  release(): void {
    this.#lines.release();
    this.#kept.clear();
    this.#outcome = released;
  }

  #begin(contentType: string): void {
    const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
    this.#openMetrics = type === 'application/openmetrics-text';
    this.#lines.begin(this.#openMetrics);
    this.#kept.clear();
    this.#stage = 'blank';
    this.#bodyBytes = 0;
    this.#markBytes = 0;
    this.#outcome = undefined;
    if (/protobuf/.test(type)) {
      const message = `expected metrics as text or JSON, found the content type ${escapeUnprintable(type.slice(0, 80))}`;
      this.#fail('unsupported-format', message);
    }
  }

  #take(bytes: Buffer): void {
    const start = this.#stage === 'blank' ? this.#skipToFirstByte(bytes) : 0;
    if (this.#stage === 'json') this.#kept.append(bytes, start, bytes.length);
    else if (this.#stage === 'text') this.#takeLines(bytes, start);
  }

  /** Moves to the first byte that is not blank and sees from it what the page is. */
  #skipToFirstByte(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && this.#isBlankStart(bytes[at]!, this.#bodyBytes + at)) {
      if (bytes[at] === NEWLINE) this.#lines.lineNumber++;
      at++;
    }
    if (at === bytes.length) return at;
    const first = bytes[at];
    if (first === LESS_THAN) this.#fail('html', 'expected a metrics page, found HTML or XML');
    else if (this.#markBytes % byteOrderMark.length !== 0)
      this.#fail('malformed', 'expected a metrics page, found a part of a byte order mark');
    else this.#stage = first === OPEN_BRACE || first === OPEN_BRACKET ? 'json' : 'text';
    return at;
  }

  #isBlankStart(byte: number, offset: number): boolean {
    if (byte !== byteOrderMark[offset]) return isBlank(byte) || byte === NEWLINE || byte === RETURN;
    this.#markBytes++;
    return true;
  }

  #takeLines(bytes: Buffer, from: number): void {
    const lines = this.#lines;
    let start = from;
    if (this.#kept.length > 0) {
      const newline = bytes.indexOf(NEWLINE, start);
      if (newline < 0) {
        this.#keep(bytes, start);
        return;
      }
      this.#kept.append(bytes, start, newline);
      this.#takeKept();
      start = newline + 1;
    }
    if (lines.failure === undefined) start = lines.addAll(bytes, start);
    if (lines.failure !== undefined) this.#stage = 'failed';
    else if (start < bytes.length) this.#keep(bytes, start);
  }

  /** Puts a line without an end aside, unless it is too long already. */
  #keep(bytes: Buffer, start: number): void {
    if (this.#kept.length + bytes.length - start <= this.#limits.maxLineBytes) {
      this.#kept.append(bytes, start, bytes.length);
      return;
    }
    this.#lines.lineNumber++;
    this.#lines.tooLong();
    this.#stage = 'failed';
  }

  #takeKept(): void {
    this.#lines.add(this.#kept.bytes, 0, this.#kept.length);
    this.#kept.clear();
  }

  /** The fault of the body, not of a line. An earlier one stands. */
  #fail(failure: PageFailure, message: string): void {
    this.#lines.failure ??= { ok: false, failure, message };
    this.#stage = 'failed';
  }

  #conclude(): PageOutcome {
    if (this.#stage === 'json') return this.#concludeJson();
    if (this.#stage === 'blank') this.#fail('empty', 'expected a metrics page, found an empty body');
    else if (this.#stage === 'text') this.#concludeText();
    return this.#lines.outcome();
  }

  #concludeText(): void {
    const lines = this.#lines;
    const isEnd =
      this.#kept.length < 16 && /^# EOF[ \t\r]*$/.test(this.#kept.bytes.toString('latin1', 0, this.#kept.length));
    const cut = this.#openMetrics && !lines.ended && !isEnd;
    // A line that OpenMetrics left open is known to be cut: reading it would only hide that.
    if (this.#kept.length > 0 && !cut) this.#takeKept();
    if (cut) this.#fail('truncated', 'expected an OpenMetrics page to end with `# EOF`, found the end of the body');
  }

  #concludeJson(): PageOutcome {
    const body = this.#kept.bytes.subarray(0, this.#kept.length);
    if (!beginsWithQuotedName(body.toString('latin1', 0, headBytes)))
      return parseJsonPage(body, this.#lines.lineNumber);
    const copy = Buffer.from(body);
    this.#kept.clear();
    this.#stage = 'text';
    this.#takeLines(copy, 0);
    if (this.#stage === 'text') this.#concludeText();
    return this.#lines.outcome();
  }
}
