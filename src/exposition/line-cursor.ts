import { isBlank, RETURN } from './bytes.ts';

const excerptBytes = 40;
const nothing = new Uint8Array();
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/**
 * A place in one line, moved forward by whoever reads it. A reader that meets what it cannot read says so with
 * `expected` and gives up; the first such complaint is the line's fault.
 */
export class LineCursor {
  bytes: Uint8Array = nothing;
  at = 0;
  end = 0;
  problem: string | undefined;

  /** Puts the cursor at `at` of a line that ends before `end`. The line's carriage return is no part of it. */
  place(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end > at && bytes[end - 1] === RETURN ? end - 1 : end;
    this.problem = undefined;
  }

  /** The byte here, or -1 at the end of the line. */
  peek(): number {
    return this.at < this.end ? this.bytes[this.at]! : -1;
  }

  skipBlanks(): void {
    while (this.at < this.end && isBlank(this.bytes[this.at])) this.at++;
  }

  /** Steps over `byte` if it is here. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    return true;
  }

  /** The index of the first blank from here on, or the end of the line. */
  tokenEnd(): number {
    let end = this.at;
    while (end < this.end && !isBlank(this.bytes[end])) end++;
    return end;
  }

  /** The text from `start` to `end`, or undefined with a complaint where it is no UTF-8. */
  text(start: number, end: number): string | undefined {
    const { bytes } = this;
    // Nearly all text on a page is ASCII, which needs no decoder.
    if (Buffer.isBuffer(bytes) && isAscii(bytes, start, end)) return bytes.toString('latin1', start, end);
    try {
      return strict.decode(bytes.subarray(start, end));
    } catch {
      return this.expected('UTF-8 text', start);
    }
  }

  /** Notes that `what` should stand at `at`; what stands there is quoted. Always undefined, so that readers can return it. */
  expected(what: string, at = this.at): undefined {
    this.problem ??= `expected ${what}, found ${excerptOf(this.bytes, at, this.end)}`;
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let at = start; at < end; at++) seen |= bytes[at]!;
  return seen < 0x80;
}

/** At most 40 bytes from `start`, quoted, with everything unprintable escaped. */
export function excerptOf(bytes: Uint8Array, start: number, end: number): string {
  if (start >= end) return 'the end of the line';
  const cut = end - start > excerptBytes;
  const shown = lenient.decode(bytes.subarray(start, cut ? start + excerptBytes : end));
  return `\`${escapeUnprintable(shown)}\`${cut ? '…' : ''}`;
}

/** Text from outside made fit for one line of a log: control, format and replacement characters as `\u{…}`. */
export function escapeUnprintable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, (odd) => `\\u{${odd.codePointAt(0)!.toString(16)}}`);
}
