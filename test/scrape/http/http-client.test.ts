import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { addressPolicy } from '../../../src/config/access/address-policy.ts';
import { HttpClient } from '../../../src/scrape/http/http-client.ts';
import type { HttpConnection } from '../../../src/scrape/http/http-connection.ts';
import { detailOf, nameOf, readPage } from '../page-reading.ts';
import type { RawRequest } from '../raw-server.ts';
import { answering, closingAfter, serveRaw } from '../raw-server.ts';

const loopback = addressPolicy({ allowCidrs: ['127.0.0.0/8'] });
const page = 'vllm:num_requests_running 3\nvllm:num_requests_waiting 1\n';
const type = 'content-type: text/plain; version=0.0.4\r\n';
const good = `HTTP/1.1 200 OK\r\n${type}content-length: ${page.length}\r\n\r\n${page}`;

const connections: HttpConnection[] = [];
function connectionOf(client = new HttpClient({ policy: loopback })): HttpConnection {
  const connection = client.connection();
  connections.push(connection);
  return connection;
}
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

const lengthOf = (body: string | Buffer, headers = ''): string =>
  `HTTP/1.1 200 OK\r\n${type}${headers}content-length: ${body.length}\r\n\r\n`;

describe('a good page', () => {
  const rows: [name: string, answer: (request: RawRequest) => void][] = [
    ['with a length', answering(good)],
    ['in chunks', answering(`HTTP/1.1 200 OK\r\n${type}transfer-encoding: chunked\r\n\r\n38\r\n${page}\r\n0\r\n\r\n`)],
    [
      'in chunks with extensions and trailers',
      answering(
        `HTTP/1.1 200 OK\r\n${type}Transfer-Encoding: Chunked\r\n\r\n` +
          `1c;a=b;c="d"\r\n${page.slice(0, 28)}\r\n001C \r\n${page.slice(28)}\r\n0;last\r\nx-sum: 1\r\nx-more: 2\r\n\r\n`,
      ),
    ],
    ['that ends with the connection', closingAfter(`HTTP/1.1 200 OK\r\n${type}\r\n${page}`)],
    ['of HTTP/1.0', closingAfter(`HTTP/1.0 200 OK\r\n${type}\r\n${page}`)],
    ['without a reason phrase', answering(good.replace('200 OK', '200'))],
    ['after interim responses', answering(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n${good}`)],
    ['with bare line feeds', answering(good.replaceAll('\r\n', '\n'))],
    ['whose encoding is identity', answering(lengthOf(page, 'Content-Encoding: Identity\r\n') + page)],
    ['with the length said twice', answering(lengthOf(page, `content-length: ${page.length}\r\n`) + page)],
  ];
  it.each(rows)('%s is handed on whole', async (_name, answer) => {
    const server = await serveRaw(answer);
    const reading = readPage(connectionOf(), server.url);
    const contentType = 'text/plain; version=0.0.4';
    expect(await reading.outcome).toEqual({ ok: true, contentType, bodyBytes: page.length });
    expect(reading.body()).toBe(page);
    expect(reading.started).toEqual([contentType]);
  });

  it('may be empty', async () => {
    const server = await serveRaw(answering('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    const reading = readPage(connectionOf(), server.url);
    expect(await reading.outcome).toEqual({ ok: true, contentType: '', bodyBytes: 0 });
    expect(reading.started).toEqual(['']);
  });

  it('may be JSON that ends with the connection and without a line feed', async () => {
    const server = await serveRaw(closingAfter('HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{"a":1}'));
    const reading = readPage(connectionOf(), server.url);
    expect(nameOf(await reading.outcome)).toBe('ok');
    expect(reading.body()).toBe('{"a":1}');
  });

  it('is asked for in the plain text format, uncompressed, with a host header', async () => {
    const server = await serveRaw(answering(good));
    await readPage(connectionOf(), `${server.url}/a%20b?x=1`).outcome;
    expect(server.requests).toEqual([
      `GET /metrics/a%20b?x=1 HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\naccept: text/plain;version=0.0.4\r\n` +
        'accept-encoding: identity\r\nuser-agent: keda-llm-scaler\r\nconnection: keep-alive\r\n\r\n',
    ]);
  });
});

describe('the cap on the body', () => {
  const chunked = (body: string): string =>
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  it.each([
    ['with a length', (body: string) => lengthOf(body) + body],
    ['in chunks', chunked],
    ['until the connection ends', (body: string) => `HTTP/1.1 200 OK\r\n\r\n${body}`],
  ])('lets the largest page through and not one byte more, %s', async (_name, respond) => {
    const body = `${'x'.repeat(9999)}\n`;
    const largest = await serveRaw(closingAfter(respond(body)));
    const larger = await serveRaw(closingAfter(respond(`${body}\n`)));
    const reading = readPage(connectionOf(), largest.url, { maxBodyBytes: 10_000 });
    expect(nameOf(await reading.outcome)).toBe('ok');
    expect(reading.body()).toBe(body);
    const refused = readPage(connectionOf(), larger.url, { maxBodyBytes: 10_000 });
    const outcome = await refused.outcome;
    expect(nameOf(outcome)).toBe('body-too-large');
    expect(detailOf(outcome)).toContain('got more than 10000 bytes');
    expect(refused.body().length).toBeLessThanOrEqual(10_000);
  });

  it('refuses a length that is too large before the body comes, and hangs up', async () => {
    const server = await serveRaw(answering('HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n'));
    expect(nameOf(await readPage(connectionOf(), server.url).outcome)).toBe('body-too-large');
    await server.closed(1);
  });

  it('ends an endless body and hangs up', async () => {
    const server = await serveRaw(({ socket }) => {
      const more = (): void => {
        while (socket.writable && socket.write('a 1\n'.repeat(10_000)));
      };
      socket.on('drain', more);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      more();
    });
    expect(nameOf(await readPage(connectionOf(), server.url).outcome)).toBe('body-too-large');
    await server.closed(1);
  });
});

describe('a failure', () => {
  const header = (count: number): string => `x-${'a'.repeat(98)}: ${'b'.repeat(98)}\r\n`.repeat(count);
  const respond = (status: string): string =>
    `HTTP/1.1 ${status}\r\nlocation: http://secret/\r\ncontent-length: 6\r\n\r\nsecret`;
  const chunkedHead = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  const rows: [failure: string, words: string, answer: (request: RawRequest) => void][] = [
    ['not-found', '404; metrics may be switched off on the server', answering(respond('404 Not Found'))],
    ['unauthorized', 'got 401', answering(respond('401 Unauthorized'))],
    ['unauthorized', 'got 403', answering(respond('403 Forbidden'))],
    ['redirect', 'got 302; redirects are not followed', answering(respond('302 Found'))],
    ['redirect', 'got 308', answering(respond('308 Permanent Redirect'))],
    ['http-status', 'status 503', answering(respond('503 Service Unavailable'))],
    ['http-status', 'status 500', answering(respond('500 secret'))],
    ['http-status', 'status 204', answering('HTTP/1.1 204 No Content\r\n\r\n')],
    ['http-status', 'status 304', answering('HTTP/1.1 304 Not Modified\r\n\r\n')],
    ['http-status', 'status 101', answering('HTTP/1.1 101 Switching Protocols\r\nupgrade: secret\r\n\r\n')],
    ['truncated', 'cut after 20 bytes', closingAfter(lengthOf(page) + page.slice(0, 20))],
    ['truncated', 'cut after 20 bytes', closingAfter(`${chunkedHead}38\r\n${page.slice(0, 20)}`)],
    ['truncated', 'cut after 56 bytes', closingAfter(`${chunkedHead}38\r\n${page}\r\n`)],
    ['truncated', 'cut after 55 bytes', closingAfter(`HTTP/1.1 200 OK\r\n${type}\r\n${page.slice(0, 55)}`)],
    ['truncated', 'cut after 0 bytes', closingAfter('HTTP/1.1 200 OK\r\ncontent-le')],
    ['unreachable', 'no response from 127.0.0.1:', closingAfter('')],
    ['unreachable', 'reset before it answered', ({ socket }) => socket.resetAndDestroy()],
    ['malformed-response', 'not HTTP/1', answering('SSH-2.0-secret\r\n\r\n')],
    ['malformed-response', 'not HTTP/1', answering('HTTP/2 200\r\n\r\n')],
    ['malformed-response', 'not HTTP/1', answering('\r\n\r\n')],
    ['malformed-response', 'not HTTP/1', answering(`HTTP/1.1 200 OK\r\nno header\r\n\r\n`)],
    ['malformed-response', 'not HTTP/1', answering(`HTTP/1.1 200 OK\r\n folded: x\r\n\r\n`)],
    ['malformed-response', 'not HTTP/1', answering(`HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n`)],
    ['malformed-response', 'not HTTP/1', answering(lengthOf(page, 'content-length: 5\r\n') + page)],
    ['malformed-response', 'not HTTP/1', answering(lengthOf(page, 'transfer-encoding: chunked\r\n') + page)],
    ['malformed-response', 'not HTTP/1', answering('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n')],
    ['malformed-response', 'not HTTP/1', answering('HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n')],
    ['malformed-response', 'not HTTP/1', answering(`HTTP/1.1 200 OK\r\n${header(90)}\r\n`)],
    ['malformed-response', 'not HTTP/1', answering('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000))],
    ['malformed-response', 'not HTTP/1', answering(`HTTP/1.1 200 OK\r\n${'x'.repeat(20_000)}`)],
    ['malformed-response', 'not HTTP/1', answering(`${chunkedHead}xyz\r\n`)],
    ['malformed-response', 'not HTTP/1', answering(`${chunkedHead}\r\n`)],
    ['malformed-response', 'not HTTP/1', answering(`${chunkedHead}fffffffff\r\n`)],
    ['malformed-response', 'not HTTP/1', answering(`${chunkedHead}1\r\nab\r\n`)],
    ['malformed-response', 'not HTTP/1', answering(`${chunkedHead}1;${'x'.repeat(17_000)}`)],
    ['malformed-response', 'not HTTP/1', answering(`${chunkedHead}0\r\n${header(90)}`)],
    ['malformed-response', 'an encoding other than gzip', answering(lengthOf(page, 'content-encoding: br\r\n') + page)],
    ['malformed-response', 'an encoding other', answering(lengthOf(page, 'content-encoding: gzip, gzip\r\n') + page)],
    ['malformed-response', 'not the gzip it claims', answering(lengthOf(page, 'content-encoding: gzip\r\n') + page)],
  ];
  it.each(rows)('%s: %s', async (failure, words, answer) => {
    const server = await serveRaw(answer);
    const outcome = await readPage(connectionOf(), server.url).outcome;
    expect(nameOf(outcome)).toBe(failure);
    expect(detailOf(outcome)).toContain(`expected a metrics page at ${server.url}, got `);
    expect(detailOf(outcome)).toContain(words);
    expect(detailOf(outcome)).not.toContain('secret');
    await server.closed(1);
  });

  it('truncated: a reset, even where the connection’s end would be the page’s end', async () => {
    const sockets: Socket[] = [];
    const server = await serveRaw(({ socket }) => {
      sockets.push(socket);
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${page}`);
    });
    const reading = readPage(connectionOf(), server.url);
    await reading.chunked(1);
    sockets[0]!.resetAndDestroy();
    expect(nameOf(await reading.outcome)).toBe('truncated');
  });

  it('says who refused the connection', async () => {
    const server = await serveRaw(answering(good));
    await server.close();
    const outcome = await readPage(connectionOf(), server.url).outcome;
    expect(nameOf(outcome)).toBe('refused');
    expect(detailOf(outcome)).toContain(`connection refused by 127.0.0.1:${server.port}; is the server up`);
  });

  it.each(['ftp://h/x', '/metrics', '', 'http://user:pass@127.0.0.1/', 'http://127.0.0.1/#x', 'http://'])(
    'for the URL "%s", which is not repeated',
    async (url) => {
      const outcome = await readPage(connectionOf(), url).outcome;
      expect(nameOf(outcome)).toBe('denied-by-policy');
      expect(detailOf(outcome)).toContain('expected a URL such as http://host:port/metrics');
      expect(detailOf(outcome)).not.toContain('pass@');
    },
  );
});

describe('compression', () => {
  const zipped = gzipSync(page);
  it('is taken off although nobody asked, and counts as the page', async () => {
    const head = Buffer.from(lengthOf(zipped, 'content-encoding: gzip\r\n'));
    const server = await serveRaw(answering(Buffer.concat([head, zipped])));
    const reading = readPage(connectionOf(), server.url);
    expect(await reading.outcome).toMatchObject({ ok: true, bodyBytes: page.length });
    expect(reading.body()).toBe(page);
  });

  it('may come in many pieces', async () => {
    const large = `${randomBytes(200_000).toString('hex')}\n`;
    const body = gzipSync(large);
    const head = Buffer.from(lengthOf(body, 'content-encoding: gzip\r\n'));
    const server = await serveRaw(answering(Buffer.concat([head, body])));
    const reading = readPage(connectionOf(), server.url);
    expect(nameOf(await reading.outcome)).toBe('ok');
    expect(reading.body()).toBe(large);
  });

  it('is asked for where that is set', async () => {
    const server = await serveRaw(answering(good));
    await readPage(connectionOf(new HttpClient({ policy: loopback, gzip: true })), server.url).outcome;
    expect(server.requests[0]).toContain('\r\naccept-encoding: gzip\r\n');
  });

  it.each([
    ['a bomb is not opened', gzipSync(Buffer.alloc(50_000_000)), 'body-too-large'],
    [
      'a bomb of many parts is not opened',
      Buffer.concat(Array(40).fill(gzipSync(Buffer.alloc(40_000)))),
      'body-too-large',
    ],
    ['one byte more than allowed is refused', gzipSync(Buffer.alloc(1_000_001, 10)), 'body-too-large'],
    ['the largest page is read', gzipSync(Buffer.alloc(1_000_000, 10)), 'ok'],
    ['a cut stream is a cut page', zipped.subarray(0, -9), 'truncated'],
  ])('%s', async (_name, body, want) => {
    const head = Buffer.from(lengthOf(body, 'content-encoding: gzip\r\n'));
    const server = await serveRaw(answering(Buffer.concat([head, body])));
    const reading = readPage(connectionOf(), server.url, { maxBodyBytes: 1_000_000 });
    expect(nameOf(await reading.outcome)).toBe(want);
    expect(reading.chunks).toHaveLength(want === 'ok' ? 1 : 0);
  });
});

describe('the deadline', () => {
  it.each([
    ['silence', '', 0, 'got no response within 500 ms'],
    [
      'headers, then silence',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n',
      0,
      'only the first 0 bytes within 500 ms',
    ],
    ['half a body, then silence', `${lengthOf(page)}${page.slice(0, 9)}`, 1, 'only the first 9 bytes within 500 ms'],
  ])('ends %s and hangs up', async (_name, text, chunks, words) => {
    const server = await serveRaw(answering(text));
    const connection = connectionOf();
    const reading = readPage(connection, server.url, { timeoutMs: 500 });
    await expect.poll(() => server.requests.length).toBe(1);
    if (text !== '') await expect.poll(() => reading.started.length).toBe(1);
    await reading.chunked(chunks);
    connection.tick(499);
    const before = await Promise.race([reading.outcome, Promise.resolve('still reading')]);
    expect(before).toBe('still reading');
    connection.tick(500);
    const outcome = await reading.outcome;
    expect(nameOf(outcome)).toBe('timeout');
    expect(detailOf(outcome)).toContain(words);
    await server.closed(1);
  });

  it('covers a byte every 20 ms', async () => {
    const server = await serveRaw(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const drip = setInterval(() => socket.write('a'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const connection = connectionOf();
    const reading = readPage(connection, server.url, { timeoutMs: 100 });
    await reading.chunked(5);
    connection.tick(100);
    expect(nameOf(await reading.outcome)).toBe('timeout');
    await server.closed(1);
  });

  it('covers the resolver, and nothing is sent when that answers later', async () => {
    const server = await serveRaw(answering(good));
    let answerLate = () => {};
    const client = new HttpClient({
      policy: loopback,
      resolve: (_name, found) => {
        answerLate = () => found(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    const connection = connectionOf(client);
    const reading = readPage(connection, `http://replica.test:${server.port}/metrics`);
    connection.tick(800);
    const outcome = await reading.outcome;
    expect(nameOf(outcome)).toBe('timeout');
    expect(detailOf(outcome)).toContain('got no connection within 800 ms');
    answerLate();
    await readPage(connectionOf(), server.url).outcome;
    expect(server.requests).toHaveLength(1);
  });
});

describe('a page of megabytes', () => {
  const big = Buffer.alloc(3_000_000, `${'x'.repeat(99)}\n`);

  it.each([
    ['with a length', (socket: Socket) => socket.write(Buffer.concat([Buffer.from(lengthOf(big)), big]))],
    ['that ends with the connection', (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\n${type}\r\n${big}`)],
  ])('%s is read over several turns of the thread, so that others have theirs', async (_name, answer) => {
    const server = await serveRaw(({ socket }) => answer(socket));
    const bytesOfTurns = [0];
    const turn = (): void => {
      bytesOfTurns.push(0);
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    const reading = readPage(connectionOf(), server.url, {
      maxBodyBytes: 1 << 22,
      onChunk: (bytes) => {
        bytesOfTurns[bytesOfTurns.length - 1]! += bytes;
      },
    });
    expect(await reading.outcome).toMatchObject({ ok: true, bodyBytes: big.length });
    clearImmediate(immediate);
    expect(Buffer.concat(reading.chunks).equals(big)).toBe(true);
    expect(Math.max(...bytesOfTurns)).toBeLessThan(400_000);
  });

  it('leaves the connection ready for the next', async () => {
    const server = await serveRaw(({ socket, nth }) =>
      socket.write(nth === 1 ? Buffer.concat([Buffer.from(lengthOf(big)), big]) : good),
    );
    const connection = connectionOf();
    expect(await readPage(connection, server.url, { maxBodyBytes: 1 << 22 }).outcome).toMatchObject({ ok: true });
    const next = readPage(connection, server.url);
    expect(await next.outcome).toMatchObject({ ok: true });
    expect(next.body()).toBe(page);
    expect(server.connections()).toBe(1);
  });
});

describe('keep-alive', () => {
  it('uses one connection for many pages', async () => {
    const server = await serveRaw(answering(good));
    const client = new HttpClient({ policy: loopback });
    const connection = connectionOf(client);
    for (let nth = 0; nth < 5; nth++) {
      const reading = readPage(connection, server.url, { startedAtMs: nth * 1000 });
      expect(nameOf(await reading.outcome)).toBe('ok');
      expect(reading.body()).toBe(page);
    }
    expect(server.connections()).toBe(1);
    expect(server.requests).toHaveLength(5);
    expect(client.counters).toEqual({ connections: 1, retries: 0 });
  });

  it.each([
    ['the server says close', good.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')],
    ['HTTP/1.0 does not say keep-alive', good.replace('HTTP/1.1', 'HTTP/1.0')],
    ['bytes follow the page', `${good}x`],
    ['the status is not 200', 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'],
  ])('ends where %s', async (_name, text) => {
    const server = await serveRaw(answering(text));
    const connection = connectionOf();
    await readPage(connection, server.url).outcome;
    await server.closed(1);
    await readPage(connection, server.url).outcome;
    expect(server.connections()).toBe(2);
  });

  it('goes on where HTTP/1.0 says keep-alive', async () => {
    const server = await serveRaw(
      answering(good.replace('HTTP/1.1', 'HTTP/1.0').replace('\r\n\r\n', '\r\nConnection: Keep-Alive\r\n\r\n')),
    );
    const connection = connectionOf();
    await readPage(connection, server.url).outcome;
    await readPage(connection, server.url).outcome;
    expect(server.connections()).toBe(1);
  });

  it('ends before servers end it: an idle connection is closed by the tick', async () => {
    const server = await serveRaw(answering(good));
    const connection = connectionOf();
    await readPage(connection, server.url).outcome;
    connection.tick(4499);
    await readPage(connection, server.url, { startedAtMs: 4499 }).outcome;
    expect(server.connections()).toBe(1);
    connection.tick(9000);
    await server.closed(1);
  });

  it('is not trusted after a long pause, tick or not', async () => {
    const server = await serveRaw(answering(good));
    const connection = connectionOf();
    await readPage(connection, server.url).outcome;
    await readPage(connection, server.url, { startedAtMs: 4500 }).outcome;
    expect(server.connections()).toBe(2);
  });

  it('is per host and port: another one gets its own connection', async () => {
    const [one, two] = [await serveRaw(answering(good)), await serveRaw(answering(good))];
    const connection = connectionOf();
    await readPage(connection, one.url).outcome;
    await readPage(connection, two.url).outcome;
    await one.closed(1);
    expect(two.requests).toHaveLength(1);
  });

  it('drops what comes unasked', async () => {
    const asked: RawRequest[] = [];
    const server = await serveRaw((request) => {
      asked.push(request);
      request.socket.write(good);
    });
    const connection = connectionOf();
    expect(nameOf(await readPage(connection, server.url).outcome)).toBe('ok');
    asked[0]!.socket.write(good);
    await server.closed(1);
    expect(nameOf(await readPage(connection, server.url).outcome)).toBe('ok');
    expect(server.connections()).toBe(2);
  });
});

describe('a kept connection that is reset', () => {
  const dying = (last: (request: RawRequest) => void) => {
    let served = 0;
    return (request: RawRequest): void => {
      served++;
      if (served === 2) last(request);
      else request.socket.write(good);
    };
  };
  it.each([
    ['reset', dying(({ socket }) => socket.resetAndDestroy())],
    ['closed', dying(({ socket }) => socket.end())],
  ])('%s before a byte: the request is sent once more', async (_name, answer) => {
    const server = await serveRaw(answer);
    const client = new HttpClient({ policy: loopback });
    const connection = connectionOf(client);
    await readPage(connection, server.url).outcome;
    const reading = readPage(connection, server.url);
    expect(nameOf(await reading.outcome)).toBe('ok');
    expect(reading.body()).toBe(page);
    expect(client.counters).toEqual({ connections: 2, retries: 1 });
  });

  it('is tried again once, never twice', async () => {
    let served = 0;
    const server = await serveRaw(({ socket }) => {
      served++;
      if (served === 1) socket.write(good);
      else socket.resetAndDestroy();
    });
    const connection = connectionOf();
    await readPage(connection, server.url).outcome;
    expect(nameOf(await readPage(connection, server.url).outcome)).toBe('unreachable');
    expect(server.requests).toHaveLength(3);
  });

  it('is not tried again after the first byte', async () => {
    const server = await serveRaw(dying(({ socket }) => socket.end('H')));
    const connection = connectionOf();
    await readPage(connection, server.url).outcome;
    expect(nameOf(await readPage(connection, server.url).outcome)).toBe('truncated');
    expect(server.requests).toHaveLength(2);
  });

  it('a new connection that is reset is not tried again', async () => {
    const server = await serveRaw(({ socket }) => socket.resetAndDestroy());
    expect(nameOf(await readPage(connectionOf(), server.url).outcome)).toBe('unreachable');
    expect(server.requests).toHaveLength(1);
  });
});

it('calls nobody after close', async () => {
  const server = await serveRaw(answering(good));
  const connection = connectionOf();
  const reading = readPage(connection, server.url);
  connection.close();
  await readPage(connectionOf(), server.url).outcome;
  expect(reading.chunks).toHaveLength(0);
  expect(await Promise.race([reading.outcome, Promise.resolve('never')])).toBe('never');
});

it('reads one page at a time', async () => {
  const server = await serveRaw(answering(good));
  const connection = connectionOf();
  const reading = readPage(connection, server.url);
  await expect(readPage(connection, server.url).outcome).rejects.toThrow('being read already');
  expect(nameOf(await reading.outcome)).toBe('ok');
});
