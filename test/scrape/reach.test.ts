import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { Server } from 'node:tls';
import { createServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AddressPolicy } from '../../src/config/access/address-policy.ts';
import { addressPolicy } from '../../src/config/access/address-policy.ts';
import { HttpClient } from '../../src/scrape/http/http-client.ts';
import type { HttpConnection } from '../../src/scrape/http/http-connection.ts';
import { pageAccess } from '../../src/scrape/http/page-access.ts';
import type { Resolve } from '../../src/scrape/http/policy-lookup.ts';
import { detailOf, nameOf, readPage } from './page-reading.ts';
import { serveRaw } from './raw-server.ts';
import { selfSigned } from './self-signed.ts';

const strict = addressPolicy({ allowCidrs: [] });
const loopback = addressPolicy({ allowCidrs: ['127.0.0.0/8'] });
const good = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na 1\n';
const serveGood = () => serveRaw(({ socket }) => socket.write(good));

const connections: HttpConnection[] = [];
function connect(policy: AddressPolicy, resolve?: Resolve): HttpConnection {
  const connection = new HttpClient({ policy, ...(resolve && { resolve }) }).connection();
  connections.push(connection);
  return connection;
}
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});
const resolving =
  (...addresses: string[]): Resolve =>
  (_name, found) => {
    setImmediate(
      found,
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

describe('literal addresses', () => {
  it.each([
    ['http://127.0.0.1:PORT/', 'loopback'],
    ['http://2130706433:PORT/', 'loopback'],
    ['http://0x7f.1:PORT/', 'loopback'],
    ['http://0177.0.0.1:PORT/', 'loopback'],
    ['http://[::ffff:127.0.0.1]:PORT/', 'loopback'],
    ['http://[::1]:PORT/', 'loopback'],
    ['http://0.0.0.0:PORT/', 'unspecified'],
    ['http://169.254.169.254/latest/', 'metadata-address'],
    ['http://[fe80::1]/', 'link-local'],
    ['https://127.0.0.1:PORT/', 'loopback'],
  ])('%s is denied by %s before a connection is opened', async (url, rule) => {
    const server = await serveGood();
    const outcome = await readPage(connect(strict), url.replace('PORT', String(server.port))).outcome;
    expect(nameOf(outcome)).toBe('denied-by-policy');
    expect(detailOf(outcome)).toContain(`(${rule})`);
    expect(server.connections()).toBe(0);
  });
});

describe('host names', () => {
  it('are read where every address is allowed', async () => {
    const server = await serveGood();
    const reading = readPage(connect(loopback, resolving('127.0.0.1')), `http://replica.test:${server.port}/`);
    expect(nameOf(await reading.outcome)).toBe('ok');
    expect(server.requests[0]).toContain(`\r\nhost: replica.test:${server.port}\r\n`);
  });

  it.each([
    ['a denied address', ['127.0.0.1'], 'loopback'],
    ['a denied address behind a good one', ['10.0.0.1', '169.254.169.254'], 'metadata-address'],
    ['a denied address in IPv6 clothes', ['::ffff:127.0.0.1'], 'loopback'],
    ['something that is no address', ['10.1'], 'not-an-address'],
  ])('with %s are denied before a connection is opened', async (_name, addresses, rule) => {
    const server = await serveGood();
    const connection = connect(strict, resolving(...addresses));
    const outcome = await readPage(connection, `http://replica.test:${server.port}/`).outcome;
    expect(nameOf(outcome)).toBe('denied-by-policy');
    expect(detailOf(outcome)).toContain(`(${rule})`);
    expect(detailOf(outcome)).not.toContain(addresses[0]);
    expect(server.connections()).toBe(0);
  });

  it('are resolved by the system and checked by default', async () => {
    const server = await serveGood();
    const outcome = await readPage(connect(strict), `http://localhost:${server.port}/`).outcome;
    expect(detailOf(outcome)).toContain('(loopback)');
    expect(server.connections()).toBe(0);
  });

  it.each<[code: string, words: string]>([
    ['ENOTFOUND', 'no address for the name in replica.test'],
    ['EAI_AGAIN', 'no answer from the name server about replica.test'],
    ['EOTHER', 'EOTHER from replica.test'],
  ])('that cannot be resolved (%s) are unreachable', async (code, words) => {
    const resolve: Resolve = (_name, found) => setImmediate(found, Object.assign(new Error('x'), { code }), []);
    const outcome = await readPage(connect(loopback, resolve), 'http://replica.test/').outcome;
    expect(nameOf(outcome)).toBe('unreachable');
    expect(detailOf(outcome)).toContain(words);
  });

  it('without an address are unreachable', async () => {
    const outcome = await readPage(connect(loopback, resolving()), 'http://replica.test/').outcome;
    expect(detailOf(outcome)).toContain('no address for the name in replica.test');
  });

  it('are asked for once at a time, however many wait', async () => {
    const server = await serveGood();
    const asked: string[] = [];
    const client = new HttpClient({
      policy: loopback,
      resolve: (name, found) => {
        asked.push(name);
        setImmediate(found, null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    const both = [client.connection(), client.connection()];
    connections.push(...both);
    const readings = both.map((each) => readPage(each, `http://replica.test:${server.port}/`).outcome);
    expect((await Promise.all(readings)).map(nameOf)).toEqual(['ok', 'ok']);
    expect(asked).toEqual(['replica.test']);
    await readPage(both[0]!, `http://replica.test:${server.port}/`, { startedAtMs: 10_000 }).outcome;
    expect(asked).toHaveLength(2);
  });
});

it('checks the address once more when connected, and sends nothing to a denied one', async () => {
  const server = await serveGood();
  let asked = 0;
  const turning: AddressPolicy = {
    check: () => (++asked === 1 ? { allowed: true } : { allowed: false, rule: 'changed-its-mind' }),
  };
  const outcome = await readPage(connect(turning), server.url).outcome;
  expect(nameOf(outcome)).toBe('denied-by-policy');
  expect(detailOf(outcome)).toContain('(changed-its-mind)');
  await server.closed(1);
  expect(server.requests).toEqual([]);
});

describe('https', () => {
  const { key, certificate } = selfSigned();
  const trusting = pageAccess({ authorization: undefined, caPem: certificate, serverName: undefined, verify: true });
  let server: Server;
  let port = 0;
  const clientBytes: number[] = [];
  const big = Buffer.alloc(3_000_000, 'a 1\n');
  const bigAnswer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${big.length}\r\n\r\n`), big]);
  beforeAll(async () => {
    server = createServer({ key, cert: certificate }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (asked) => socket.write(asked.includes('/big') ? bigAnswer : good));
    });
    server.on('tlsClientError', () => {});
    server.on('connection', (socket: { on(event: 'close', heard: () => void): void; bytesRead: number }) =>
      socket.on('close', () => clientBytes.push(socket.bytesRead)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  it.each(['127.0.0.1', 'localhost'])('is read and kept alive when the authority is known, by %s', async (host) => {
    const resolve = resolving('127.0.0.1');
    const client = new HttpClient({ policy: loopback, resolve });
    const connection = client.connection();
    connections.push(connection);
    for (let nth = 0; nth < 3; nth++) {
      const reading = readPage(connection, `https://${host}:${port}/metrics`, { access: trusting });
      expect(nameOf(await reading.outcome)).toBe('ok');
      expect(reading.body()).toBe('a 1\n');
    }
    expect(client.counters.connections).toBe(1);
  });

  it('is read whole where the page has megabytes, and then again', async () => {
    const connection = connect(loopback);
    for (let nth = 0; nth < 3; nth++) {
      const terms = { access: trusting, maxBodyBytes: 1 << 22 };
      const reading = readPage(connection, `https://127.0.0.1:${port}/big`, terms);
      expect(await reading.outcome).toMatchObject({ ok: true, bodyBytes: big.length });
      expect(Buffer.concat(reading.chunks).equals(big)).toBe(true);
    }
  });

  it('is refused when the authority is unknown', async () => {
    const outcome = await readPage(connect(loopback), `https://127.0.0.1:${port}/metrics`).outcome;
    expect(nameOf(outcome)).toBe('unreachable');
    expect(detailOf(outcome)).toContain('that no known authority signed');
  });

  it('is refused when the certificate is for another name', async () => {
    const connection = connect(loopback, resolving('127.0.0.1'));
    const outcome = await readPage(connection, `https://other.test:${port}/metrics`, { access: trusting }).outcome;
    expect(detailOf(outcome)).toContain('that is for another name');
  });

  it('that is not spoken on the port is said so', async () => {
    const plain = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}/metrics`;
    const outcome = await readPage(connect(loopback), url).outcome;
    plain.close();
    expect(nameOf(outcome)).toBe('unreachable');
    expect(detailOf(outcome)).toContain('no TLS from 127.0.0.1:');
  });

  it('sends not even a hello to an address that is denied when connected', async () => {
    let asked = 0;
    const turning: AddressPolicy = {
      check: () => (++asked === 1 ? { allowed: true } : { allowed: false, rule: 'changed-its-mind' }),
    };
    clientBytes.length = 0;
    const outcome = await readPage(connect(turning), `https://127.0.0.1:${port}/`).outcome;
    expect(nameOf(outcome)).toBe('denied-by-policy');
    await expect.poll(() => clientBytes).toEqual([0]);
  });
});
