import { once } from 'node:events';
import { createServer as createHttp2 } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { addressPolicy } from '../../../src/config/access/address-policy.ts';
import { fetchPage } from '../../../src/scrape/http/fetch-page.ts';
import { HttpClient } from '../../../src/scrape/http/http-client.ts';
import type { HttpConnection } from '../../../src/scrape/http/http-connection.ts';
import type { ScrapeOutcome } from '../../../src/scrape/scrape-outcome.ts';
import { readPage } from '../page-reading.ts';
import { answering, closingAfter, serveRaw } from '../raw-server.ts';
import { selfSigned } from '../self-signed.ts';

const policy = addressPolicy({ allowCidrs: ['127.0.0.0/8'] });
const servers: Server[] = [];
const connections: HttpConnection[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<string> {
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/** As the scrape loop reads, and as `probe` does. */
const readers: [string, (url: string) => Promise<ScrapeOutcome>][] = [
  [
    'the scrape loop',
    (url) => {
      const connection = new HttpClient({ policy }).connection();
      connections.push(connection);
      return readPage(connection, url).outcome;
    },
  ],
  ['probe', async (url) => (await fetchPage(url, { timeoutMs: 5000, maxBodyBytes: 1000 }, { policy })).outcome],
];

describe.each(readers)('%s', (_reader, outcomeOf) => {
  it('says that a server speaks TLS which answers a plain request with an alert', async () => {
    const { url } = await serveRaw(closingAfter('\x15\x03\x01\x00\x02\x02\x46'));
    const outcome = await outcomeOf(url);
    expect(outcome).toMatchObject({ ok: false, failure: 'malformed-response' });
    expect(outcome.ok || outcome.detail).toMatch(/got TLS from 127\.0\.0\.1:\d+; set scheme: https$/);
  });

  it('says that a server speaks HTTP/2 alone', async () => {
    const url = await listening(createHttp2());
    const outcome = await outcomeOf(url);
    expect(outcome.ok || outcome.detail).toMatch(
      /got HTTP\/2 alone from 127\.0\.0\.1:\d+, while pages are read in HTTP\/1/,
    );
  });

  it('does not take other bytes for either', async () => {
    const { url } = await serveRaw(closingAfter('SSH-2.0-OpenSSH_9.2\r\n\r\n'));
    const outcome = await outcomeOf(url);
    expect(outcome.ok || outcome.detail).toMatch(
      /a response that is not HTTP\/1; is this the right port and scheme\?$/,
    );
  });
});

const scrape = readers[0]![1];

it.each([
  ["Go's server", 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'],
  [
    'nginx',
    'HTTP/1.1 400 Bad Request\r\ncontent-length: 66\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>    \n',
  ],
])('says scheme: https where %s says so', async (_name, bytes) => {
  const { url } = await serveRaw(answering(bytes));
  const outcome = await scrape(url);
  expect(outcome.ok || outcome.detail).toMatch(/got TLS from .*; set scheme: https$/);
});

it('does not call every bad request one for TLS', async () => {
  const { url } = await serveRaw(answering('HTTP/1.1 400 Bad Request\r\ncontent-length: 5\r\n\r\nhost?'));
  expect(await scrape(url)).toMatchObject({ failure: 'http-status' });
});

it('says of a TLS server that hangs up on plain requests that it may speak TLS', async () => {
  const { key, certificate } = selfSigned();
  const url = await listening(createTls({ key, cert: certificate }));
  const outcome = await scrape(url);
  expect(outcome.ok || outcome.detail).toContain('scheme: https');
});
