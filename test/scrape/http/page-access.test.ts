import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { addressPolicy } from '../../../src/config/access/address-policy.ts';
import { fetchPage } from '../../../src/scrape/http/fetch-page.ts';
import { HttpClient } from '../../../src/scrape/http/http-client.ts';
import type { HttpConnection } from '../../../src/scrape/http/http-connection.ts';
import type { AccessMaterial } from '../../../src/scrape/http/page-access.ts';
import { AccessTable, pageAccess } from '../../../src/scrape/http/page-access.ts';
import type { SecurePage } from '../../fakes/secure-page.ts';
import { protectedBy, serveSecure } from '../../fakes/secure-page.ts';
import type { Certificate } from '../../grpc/make-certificate.ts';
import { makeAuthority } from '../../grpc/make-certificate.ts';
import { detailOf, nameOf, readPage } from '../page-reading.ts';
import { serveRaw } from '../raw-server.ts';

const policy = addressPolicy({ allowCidrs: ['127.0.0.0/8'] });
const authority = makeAuthority('own');
const caPem = authority.certPem.toString();
const bearer = 'Bearer hunter2';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function material(more: Partial<AccessMaterial> = {}): AccessMaterial {
  return { authorization: bearer, caPem, serverName: undefined, verify: true, ...more };
}

function connect(): { connection: HttpConnection; client: HttpClient } {
  const client = new HttpClient({ policy });
  const connection = client.connection();
  opened.push(connection);
  return { connection, client };
}

async function secure(certificate: Certificate = authority.issue('page')): Promise<SecurePage> {
  const server = await serveSecure(
    certificate,
    protectedBy(() => bearer),
  );
  opened.push(server);
  return server;
}

describe('a credential', () => {
  it('is sent with each request, over one connection', async () => {
    const server = await secure();
    const { connection, client } = connect();
    const access = pageAccess(material());
    for (let nth = 0; nth < 3; nth++) {
      expect(nameOf(await readPage(connection, server.url, { access }).outcome)).toBe('ok');
    }
    expect(server.shown).toEqual([bearer, bearer, bearer]);
    expect(client.counters.connections).toBe(1);
  });

  it('is not sent with the next request, which has none', async () => {
    const server = await serveRaw(({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na 1\n'));
    const { connection } = connect();
    await readPage(connection, server.url, { access: pageAccess(material()) }).outcome;
    await readPage(connection, server.url).outcome;
    await readPage(connection, server.url, { access: pageAccess(material({ authorization: undefined })) }).outcome;
    expect(server.requests.map((request) => /authorization: (.*)\r/.exec(request)?.[1])).toEqual([
      bearer,
      undefined,
      undefined,
    ]);
  });

  it('stands in the request as one header line', async () => {
    const server = await serveRaw(({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na 1\n'));
    const { connection } = connect();
    await readPage(connection, server.url, { access: pageAccess(material()) }).outcome;
    expect(server.requests).toEqual([
      `GET /metrics HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\naccept: text/plain;version=0.0.4\r\n` +
        `accept-encoding: identity\r\nuser-agent: keda-llm-scaler\r\nauthorization: ${bearer}\r\n` +
        'connection: keep-alive\r\n\r\n',
    ]);
  });

  it('goes along once more where a kept connection turned out to be closed', async () => {
    let served = 0;
    const server = await serveRaw(({ socket }) => {
      served++;
      if (served === 2) socket.end();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na 1\n');
    });
    const { connection } = connect();
    const access = pageAccess(material());
    await readPage(connection, server.url, { access }).outcome;
    expect(nameOf(await readPage(connection, server.url, { access }).outcome)).toBe('ok');
    expect(server.requests.filter((request) => request.includes(bearer))).toHaveLength(3);
  });

  it('follows no redirect, to the same host or another', async () => {
    const asked: string[] = [];
    const elsewhere: Server = createServer((request, response) => {
      asked.push(request.headers.authorization ?? 'none');
      response.end('a 1\n');
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    opened.push(elsewhere);
    const { port } = elsewhere.address() as AddressInfo;
    for (const [status, location] of [
      [301, `http://127.0.0.1:${port}/`],
      [302, '/other'],
      [307, `http://127.0.0.1:${port}/metrics`],
      [308, `//127.0.0.1:${port}/`],
    ] as const) {
      const server = await serveRaw(({ socket }) =>
        socket.write(`HTTP/1.1 ${status} Go\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`),
      );
      const { connection } = connect();
      const outcome = await readPage(connection, server.url, { access: pageAccess(material()) }).outcome;
      const fetched = await fetchPage(server.url, { timeoutMs: 5000, maxBodyBytes: 1000 }, { access: material() });
      expect([nameOf(outcome), nameOf(fetched.outcome)]).toEqual(['redirect', 'redirect']);
      expect(server.requests).toHaveLength(2);
    }
    expect(asked).toEqual([]);
  });

  it('is a new one from the next request on, over the same connection', async () => {
    const server = await secure();
    const { connection, client } = connect();
    const table = new AccessTable([material()]);
    await readPage(connection, server.url, { access: table.at(0)! }).outcome;
    table.replace(0, material({ authorization: 'Bearer hunter3' }));
    const outcome = await readPage(connection, server.url, { access: table.at(0)! }).outcome;
    expect(nameOf(outcome)).toBe('unauthorized');
    expect(server.shown).toEqual([bearer, 'Bearer hunter3']);
    expect(client.counters.connections).toBe(1);
  });
});

describe('401 and 403', () => {
  const refusing = (status: number) =>
    serveRaw(({ socket }) => socket.write(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));

  it.each([401, 403])('%i says that a credential was sent, and not which', async (status) => {
    const server = await refusing(status);
    const outcome = await readPage(connect().connection, server.url, { access: pageAccess(material()) }).outcome;
    expect(nameOf(outcome)).toBe('unauthorized');
    expect(detailOf(outcome)).toBe(
      `expected a metrics page at ${server.url}, got ${status} although a credential was sent; is it still valid, and may it read this page?`,
    );
  });

  it.each([401, 403])('%i says that none was sent, and what helps', async (status) => {
    const server = await refusing(status);
    const outcome = await readPage(connect().connection, server.url).outcome;
    expect(detailOf(outcome)).toContain(`got ${status} and no credential was sent; let the scaler read the page`);
    expect(detailOf(outcome)).toContain('(--scrape-credentials-file), which goes over plain http only with allow');
  });
});

/** What a client is to make of a certificate: the words, or that it is read. */
const other = makeAuthority('other');
const certificates: readonly [
  name: string,
  certificate: Certificate,
  more: Partial<AccessMaterial>,
  words: string | undefined,
][] = [
  ['of the authority', authority.issue('page'), {}, undefined],
  ['of the authority for the name that is given', authority.issue('page'), { serverName: 'localhost' }, undefined],
  ['of another authority', other.issue('page'), {}, 'the authority named for it did not sign; the operator must'],
  [
    'of another authority of the same name',
    makeAuthority('own').issue('page'),
    {},
    'the authority named for it did not sign',
  ],
  ['of an authority where none was named', other.issue('page'), { caPem: undefined }, 'that no known authority signed'],
  ['that has expired', authority.issue('page', -5, -1), {}, 'that has expired; renew it'],
  ['that is not valid yet', authority.issue('page', 1, 5), {}, 'that is not valid yet; wait, or set the clocks right'],
  [
    'for another name',
    authority.issue('page'),
    { serverName: 'llm.example.com' },
    'that is for another name than llm.example.com; dial it by its name, have the operator give that (serverName',
  ],
  ['of anybody, unverified by choice', other.issue('x', -5, -1), { caPem: undefined, verify: false }, undefined],
];

describe('a certificate', () => {
  it.each(certificates)('%s', async (_name, certificate, more, words) => {
    const server = await secure(certificate);
    const access = material(more);
    const outcome = await readPage(connect().connection, server.url, { access: pageAccess(access) }).outcome;
    const fetched = await fetchPage(server.url, { timeoutMs: 5000, maxBodyBytes: 10_000 }, { policy, access });
    for (const each of [outcome, fetched.outcome]) {
      expect(nameOf(each)).toBe(words === undefined ? 'ok' : 'unreachable');
      expect(detailOf(each)).toContain(words ?? '');
      expect(detailOf(each)).not.toContain('hunter2');
    }
    // What is not trusted sees no request, and so no credential.
    expect(server.shown).toEqual(words === undefined ? [bearer, bearer] : []);
  });

  it('is asked for again where another authority has been named, whatever connection is open', async () => {
    const server = await secure();
    const { connection } = connect();
    const table = new AccessTable([material()]);
    expect(nameOf(await readPage(connection, server.url, { access: table.at(0)! }).outcome)).toBe('ok');
    table.replace(0, material({ caPem: other.certPem.toString() }));
    expect(nameOf(await readPage(connection, server.url, { access: table.at(0)! }).outcome)).toBe('unreachable');
    expect(nameOf(await readPage(connection, server.url).outcome)).toBe('unreachable');
    expect(server.shown).toHaveLength(1);
  });

  it('is verified again by whoever may not skip that, whatever connection is open', async () => {
    const server = await secure();
    const { connection } = connect();
    const unverified = pageAccess(material({ caPem: undefined, verify: false }));
    expect(nameOf(await readPage(connection, server.url, { access: unverified }).outcome)).toBe('ok');
    expect(nameOf(await readPage(connection, server.url).outcome)).toBe('unreachable');
    expect(server.shown).toHaveLength(1);
  });
});

it('of an address that is denied when connected shows it nothing', async () => {
  const server = await secure();
  let asked = 0;
  const turning = {
    check: () => (++asked === 1 ? { allowed: true as const } : { allowed: false as const, rule: 'changed' }),
  };
  const connection = new HttpClient({ policy: turning }).connection();
  opened.push(connection);
  const outcome = await readPage(connection, server.url, { access: pageAccess(material()) }).outcome;
  expect(nameOf(outcome)).toBe('denied-by-policy');
  expect(server.shown).toEqual([]);
});
