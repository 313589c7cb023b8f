import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { addressPolicy } from '../../../src/config/access/address-policy.ts';
import { fetchPage } from '../../../src/scrape/http/fetch-page.ts';
import { detailOf, nameOf } from '../page-reading.ts';
import type { RawRequest } from '../raw-server.ts';
import { answering, closingAfter, serveRaw } from '../raw-server.ts';

const loopback = addressPolicy({ allowCidrs: ['127.0.0.0/8'] });
const strict = addressPolicy({ allowCidrs: [] });
const limits = { timeoutMs: 5000, maxBodyBytes: 1000 };
const page = 'a 1\n';
const good = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\na 1\n';

it('reads a page, asking as the scrape loop asks', async () => {
  const server = await serveRaw(answering(good));
  const fetched = await fetchPage(server.url, limits, { policy: loopback });
  expect(fetched.outcome).toEqual({ ok: true, contentType: 'text/plain', bodyBytes: 4 });
  expect(Buffer.from(fetched.body).toString()).toBe(page);
  const request = server.requests[0]!.toLowerCase();
  for (const header of [
    'accept: text/plain;version=0.0.4',
    'accept-encoding: identity',
    'user-agent: keda-llm-scaler',
  ]) {
    expect(request).toContain(`\r\n${header}\r\n`);
  }
});

it('reads a page that came compressed', async () => {
  const zipped = gzipSync(page);
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}\r\n\r\n`;
  const server = await serveRaw(answering(Buffer.concat([Buffer.from(head), zipped])));
  const fetched = await fetchPage(server.url, limits, { policy: loopback });
  expect(fetched.outcome).toMatchObject({ ok: true, bodyBytes: 4 });
  expect(Buffer.from(fetched.body).toString()).toBe(page);
});

const rows: [failure: string, words: string, answer: (request: RawRequest) => void][] = [
  ['not-found', 'got 404; metrics may be switched off', answering('HTTP/1.1 404 Not Found\r\n\r\n')],
  ['unauthorized', 'got 401', answering('HTTP/1.1 401 No\r\n\r\n')],
  ['redirect', 'got 302', answering('HTTP/1.1 302 Found\r\nlocation: http://secret/\r\ncontent-length: 0\r\n\r\n')],
  ['http-status', 'status 503', answering('HTTP/1.1 503 Busy\r\ncontent-length: 6\r\n\r\nsecret')],
  ['body-too-large', 'more than 1000 bytes', answering('HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n')],
  ['body-too-large', 'more than 1000 bytes', answering(`HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(5000)}`)],
  ['truncated', 'cut after 2 bytes', closingAfter('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab')],
  ['truncated', 'cut after 3 bytes', closingAfter('HTTP/1.1 200 OK\r\n\r\na 1')],
  ['truncated', 'cut after 2 bytes', closingAfter('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nab')],
  ['unreachable', 'reset before it answered', ({ socket }) => socket.resetAndDestroy()],
  ['malformed-response', 'not HTTP/1', answering('secret\r\n\r\n')],
];
it.each(rows)('%s: %s', async (failure, words, answer) => {
  const server = await serveRaw(answer);
  const { outcome } = await fetchPage(server.url, limits, { policy: loopback });
  expect(nameOf(outcome)).toBe(failure);
  expect(detailOf(outcome)).toContain(words);
  expect(detailOf(outcome)).not.toContain('secret');
  await server.closed(1);
});

it('says who refused the connection', async () => {
  const server = await serveRaw(answering(good));
  await server.close();
  const { outcome } = await fetchPage(server.url, limits);
  expect(detailOf(outcome)).toContain(`connection refused by 127.0.0.1:${server.port}`);
});

it.each([
  ['silence', ''],
  ['half a page, then silence', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'],
])('ends %s at the deadline and hangs up', async (_name, text) => {
  const server = await serveRaw(answering(text));
  const { outcome, body } = await fetchPage(server.url, { ...limits, timeoutMs: 150 }, { policy: loopback });
  expect(nameOf(outcome)).toBe('timeout');
  expect(body.length).toBe(text === '' ? 0 : 2);
  await server.closed(1);
});

it('ends a byte each 20 ms at the deadline', async () => {
  const server = await serveRaw(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const drip = setInterval(() => socket.write('a'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  const { outcome } = await fetchPage(server.url, { ...limits, timeoutMs: 150 }, { policy: loopback });
  expect(nameOf(outcome)).toBe('timeout');
  await server.closed(1);
});

describe('the address policy', () => {
  it.each(['http://127.0.0.1:PORT/', 'http://0x7f.1:PORT/', 'http://localhost:PORT/'])('denies %s', async (url) => {
    const server = await serveRaw(answering(good));
    const { outcome } = await fetchPage(url.replace('PORT', String(server.port)), limits, { policy: strict });
    expect(nameOf(outcome)).toBe('denied-by-policy');
    expect(detailOf(outcome)).toContain('(loopback)');
    expect(server.connections()).toBe(0);
  });

  it('is asked once more when connected, before a byte is sent', async () => {
    const server = await serveRaw(answering(good));
    let asked = 0;
    const turning = {
      check: () => (++asked === 1 ? { allowed: true as const } : { allowed: false as const, rule: 'changed' }),
    };
    const { outcome } = await fetchPage(server.url, limits, { policy: turning });
    expect(nameOf(outcome)).toBe('denied-by-policy');
    await server.closed(1);
    expect(server.requests).toEqual([]);
  });

  it('denies what is no plain http URL', async () => {
    expect(nameOf((await fetchPage('http://u:p@127.0.0.1/', limits)).outcome)).toBe('denied-by-policy');
  });
});

describe('a proxy in the environment', () => {
  afterEach(() => {
    delete process.env.HTTP_PROXY;
  });
  it('is not used', async () => {
    const [server, proxy] = [await serveRaw(answering(good)), await serveRaw(answering(good))];
    process.env.HTTP_PROXY = proxy.url;
    expect(nameOf((await fetchPage(server.url, limits, { policy: loopback })).outcome)).toBe('ok');
    expect(proxy.connections()).toBe(0);
  });
});
