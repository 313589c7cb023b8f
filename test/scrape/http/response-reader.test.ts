import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadProgress } from '../../../src/scrape/http/chunked-body.ts';
import { parseResponseHead } from '../../../src/scrape/http/response-head.ts';
import { maxHeadBytes, ResponseReader } from '../../../src/scrape/http/response-reader.ts';

interface Read {
  readonly progress: ReadProgress | 'truncated';
  readonly heads: number;
  readonly body: string;
  readonly reusable: boolean;
}

/** Reads `bytes` in pieces of the given sizes, over and over; then the connection ends. */
function readInPieces(bytes: Buffer, sizes: readonly number[]): Read {
  const body: Buffer[] = [];
  let heads = 0;
  const reader = new ResponseReader({
    head: () => {
      heads++;
      return true;
    },
    body: (piece) => body.push(Buffer.from(piece)) > 0,
  });
  let progress: ReadProgress | 'truncated' = 'more';
  let at = 0;
  for (let nth = 0; at < bytes.length && progress === 'more'; nth++) {
    const end = at + sizes[nth % sizes.length]!;
    // A copy that is overwritten afterwards: nothing may be kept of what was handed over.
    const piece = Buffer.from(bytes.subarray(at, end));
    progress = reader.push(piece);
    piece.fill(0xee);
    at = end;
  }
  if (progress === 'more') progress = reader.end();
  const reusable = reader.reusable && at >= bytes.length;
  return { progress, heads, body: Buffer.concat(body).toString('latin1'), reusable };
}

const body = 'vllm:num_requests_running{model_name="x"} 3\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n';
const chunk = (text: string, extension = ''): string => `${text.length.toString(16)}${extension}\r\n${text}\r\n`;
const responses: [name: string, text: string][] = [
  ['a length', `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`],
  ['bare line feeds', `HTTP/1.1 200 OK\nContent-Length:${body.length}\n\n${body}`],
  [
    'interim responses',
    `HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 102 X\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  ],
  ['one chunk', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk(body)}0\r\n\r\n`],
  [
    'a chunk for each byte',
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${[...body].map((each) => chunk(each)).join('')}0\r\n\r\n`,
  ],
  [
    'extensions and trailers',
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk(body, ';a="b"')}000;z\r\nx: y\r\nz: w\r\n\r\n`,
  ],
  ['the end of the connection', `HTTP/1.0 200 OK\r\n\r\n${body}`],
];

describe('a response with', () => {
  it.each(responses)('%s reads the same however it is cut', (_name, text) => {
    const bytes = Buffer.from(text, 'latin1');
    const whole = readInPieces(bytes, [bytes.length]);
    expect(whole).toMatchObject({ progress: 'done', heads: 1, body });
    for (let split = 1; split < bytes.length; split++) {
      expect(readInPieces(bytes, [split, bytes.length])).toEqual(whole);
    }
    for (const size of [1, 2, 3, 7, 13]) expect(readInPieces(bytes, [size])).toEqual(whole);
  });

  it.each(responses.filter(([name]) => name !== 'the end of the connection'))(
    '%s is cut at every shorter length',
    (_name, text) => {
      const bytes = Buffer.from(text, 'latin1');
      for (let length = 0; length < bytes.length; length++) {
        expect(readInPieces(bytes.subarray(0, length), [4096]).progress).toBe('truncated');
      }
    },
  );

  it.each(responses.filter(([name]) => name !== 'the end of the connection'))(
    '%s may be followed only by nothing',
    (_name, text) => {
      expect(readInPieces(Buffer.from(text), [4096]).reusable).toBe(true);
      expect(readInPieces(Buffer.from(`${text}x`), [4096])).toMatchObject({ progress: 'done', body, reusable: false });
    },
  );
});

const valid = fc
  .record({
    content: fc.uint8Array({ maxLength: 300 }),
    framing: fc.constantFrom('length', 'chunked', 'close'),
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 }),
    headers: fc.array(fc.stringMatching(/^x-[a-z]{1,8}: ?[ -~]{0,20}$/), { maxLength: 4 }),
    extension: fc.stringMatching(/^(;[a-z]{1,5}(=[a-z]{1,5})?){0,2}$/),
  })
  .map(({ content, framing, sizes, headers, extension }) => {
    const bytes = Buffer.from(content);
    const lines = ['HTTP/1.1 200 OK', ...headers];
    if (framing === 'length') lines.push(`content-length: ${bytes.length}`);
    if (framing === 'chunked') lines.push('transfer-encoding: chunked');
    const parts = [Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)];
    if (framing !== 'chunked') parts.push(bytes);
    for (let at = 0, nth = 0; framing === 'chunked' && at <= bytes.length; nth++) {
      const piece = bytes.subarray(at, at + sizes[nth % sizes.length]!);
      parts.push(Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from('\r\n'));
      at += Math.max(1, piece.length);
      if (piece.length === 0) break;
      if (at >= bytes.length) {
        parts.push(Buffer.from('0\r\n\r\n'));
        break;
      }
    }
    return { response: Buffer.concat(parts), content: bytes.toString('latin1') };
  });

it('gives the same bytes for any split of any valid response', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 10 });
  const property = fc.property(valid, cuts, ({ response, content }, sizes) => {
    expect(readInPieces(response, sizes)).toMatchObject({ progress: 'done', heads: 1, body: content });
  });
  fc.assert(property, { numRuns: 500 });
});

it('takes any bytes without throwing, and never more than came', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.stringMatching(/^HTTP\/1\.[01] 200 [ -~\r\n]{0,200}$/).map((text) => Buffer.from(text)),
    fc.tuple(valid, fc.nat(500), fc.nat(255)).map(([{ response }, place, byte]) => {
      const broken = Buffer.from(response);
      broken[place % broken.length] = byte;
      return broken;
    }),
  );
  const property = fc.property(noise, fc.integer({ min: 1, max: 50 }), (bytes, size) => {
    const pieces = readInPieces(Buffer.from(bytes), [size]);
    const whole = readInPieces(Buffer.from(bytes), [bytes.length || 1]);
    expect(pieces.body.length).toBeLessThanOrEqual(bytes.length);
    expect({ ...pieces, reusable: false }).toEqual({ ...whole, reusable: false });
  });
  fc.assert(property, { numRuns: 1000 });
});

it('reads a head of the largest size and not one byte more, however it is cut', () => {
  const fixed = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: \r\n\r\n';
  const head = (bytes: number) => Buffer.from(fixed.replace('x: ', `x: ${'y'.repeat(bytes - fixed.length)}`));
  for (const sizes of [[1 << 20], [1], [1000]]) {
    expect(readInPieces(head(maxHeadBytes), sizes).progress).toBe('done');
    expect(readInPieces(head(maxHeadBytes + 1), sizes).progress).toBe('malformed');
  }
});

describe('parseResponseHead', () => {
  it.each([
    ['HTTP/1.1 200 OK', { status: 200, framing: 'close', keepAlive: false, contentType: '', contentEncoding: '' }],
    ['HTTP/1.1 200\r\nContent-Length: 0', { framing: 'length', contentLength: 0, keepAlive: true }],
    ['HTTP/1.1 200 \r\ncontent-length:\t7 \t', { framing: 'length', contentLength: 7 }],
    ['HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: CHUNKED', { framing: 'chunked', keepAlive: true }],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: TE, Close', { keepAlive: false }],
    ['HTTP/1.0 200 OK\r\ncontent-length: 1', { keepAlive: false }],
    ['HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive', { keepAlive: true }],
    ['HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8', { contentType: 'text/plain; charset=utf-8' }],
    ['HTTP/1.1 200 OK\r\ncontent-encoding: GZip', { contentEncoding: 'gzip' }],
    ['HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-encoding: br', { contentEncoding: 'gzip, br' }],
  ])('reads %j', (text, head) => expect(parseResponseHead(text)).toMatchObject(head));

  it.each([
    '',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/2.0 200 OK',
    'http/1.1 200 OK',
    ' HTTP/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\nname',
    'HTTP/1.1 200 OK\r\nname : x',
    'HTTP/1.1 200 OK\r\n: x',
    'HTTP/1.1 200 OK\r\n x: folded',
    'HTTP/1.1 200 OK\r\ncontent-length: 0x10',
    'HTTP/1.1 200 OK\r\ncontent-length: +1',
    'HTTP/1.1 200 OK\r\ncontent-length: 1, 1',
    'HTTP/1.1 200 OK\r\ncontent-length: ',
    'HTTP/1.1 200 OK\r\ncontent-length: 9999999999999999',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: identity',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked',
  ])('refuses %j', (text) => expect(parseResponseHead(text)).toBeUndefined());
});
