/** How the end of a body is told: by its length, by chunks, or by the end of the connection. */
export type BodyFraming = 'length' | 'chunked' | 'close';

/** What of a response's head decides how the rest is read. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  /** Lower case; empty where the body is not encoded. */
  readonly contentEncoding: string;
  readonly framing: BodyFraming;
  /** Bytes of the body as sent; 0 unless `framing` is `length`. */
  readonly contentLength: number;
  /** Whether the connection outlives the response. */
  readonly keepAlive: boolean;
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/;
const headerLine = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Reads a status line and header lines, without the empty line that ends them. `undefined` where they are not
 * HTTP/1, or where they leave open where the body ends.
 */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const status = statusLine.exec(lines[0]!);
  const headers = parseHeaders(lines.slice(1));
  if (status === null || headers === undefined) return undefined;
  const modern = status[1] === '1';
  const length = headers.get('content-length');
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  if (coding !== undefined && (coding !== 'chunked' || !modern || length !== undefined)) return undefined;
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return undefined;
  const framing = coding !== undefined ? 'chunked' : length !== undefined ? 'length' : 'close';
  return {
    status: Number(status[2]),
    contentType: headers.get('content-type') ?? '',
    contentEncoding: encodingOf(headers.get('content-encoding')),
    framing,
    contentLength: length === undefined ? 0 : Number(length),
    keepAlive: framing !== 'close' && persists(modern, headers.get('connection')),
  };
}

/** The headers that matter, by lower-case name. `undefined` for a line that is no header, or for two lengths. */
function parseHeaders(lines: readonly string[]): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = headerLine.exec(line);
    if (match === null) return undefined;
    const name = match[1]!.toLowerCase();
    const value = match[2]!;
    const before = headers.get(name);
    if (name === 'content-length' && before !== undefined && before !== value) return undefined;
    const listed = before !== undefined && name !== 'content-length' && name !== 'content-type';
    headers.set(name, listed ? `${before}, ${value}` : value);
  }
  return headers;
}

/** A `Content-Encoding` in lower case; empty where it says nothing. */
export function encodingOf(header: string | undefined): string {
  const encoding = header?.toLowerCase() ?? '';
  return encoding === 'identity' ? '' : encoding;
}

function persists(modern: boolean, connection: string | undefined): boolean {
  const options = (connection ?? '').toLowerCase().split(/[ \t,]+/);
  return modern ? !options.includes('close') : options.includes('keep-alive');
}
