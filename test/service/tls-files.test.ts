import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TlsPems } from '../../src/grpc/tls-credentials.ts';
import { expiresAtMs } from '../../src/grpc/tls-credentials.ts';
import { readTlsFiles, tlsLook } from '../../src/service/tls-files.ts';
import type { Certificate } from '../grpc/make-certificate.ts';
import { makeAuthority } from '../grpc/make-certificate.ts';

const authority = makeAuthority('an authority');
const [first, second, third] = [authority.issue('first'), authority.issue('second', -1, 5), authority.issue('third')];

let folder: string;
let files: { readonly certFile: string; readonly keyFile: string; readonly clientCaFile: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-files-'));
  files = {
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
    clientCaFile: join(folder, 'ca.crt'),
  };
  writeFileSync(files.clientCaFile, authority.certPem);
  write(first);
});

afterEach(() => rmSync(folder, { recursive: true }));

function write({ certPem, keyPem }: Certificate): void {
  writeFileSync(files.certFile, certPem);
  writeFileSync(files.keyFile, keyPem);
}

/** A server that takes what it is told to, and what was said of it. */
async function followed() {
  const taken: TlsPems[] = [];
  const said: string[] = [];
  const server = { refusal: undefined as string | undefined, tries: 0 };
  const setTls = (pems: TlsPems): void => {
    server.tries += 1;
    if (server.refusal !== undefined) throw new Error(server.refusal);
    taken.push(pems);
  };
  const look = tlsLook(
    files,
    await readTlsFiles(files),
    { setTls },
    {
      certificateLoaded: (atMs) => said.push(`loaded ${atMs}`),
      reloadFailed: (error) => said.push(error instanceof Error ? error.message : String(error)),
    },
  );
  return { look, server, taken, said };
}

const loaded = ({ certPem }: Certificate): string => `loaded ${expiresAtMs(certPem)}`;

it('tells when the loaded certificate ends, and does nothing while the files stay', async () => {
  const { look, server, said } = await followed();
  await look();
  await look();
  expect(said).toEqual([loaded(first)]);
  expect(server.tries).toBe(0);
});

it('gives the server a new set once', async () => {
  const { look, server, taken, said } = await followed();
  write(second);
  await look();
  await look();
  expect(taken).toEqual([{ ...second, clientCaPem: authority.certPem }]);
  expect(said).toEqual([loaded(first), loaded(second)]);
  expect(server.tries).toBe(1);
});

it.each(['certFile', 'keyFile', 'clientCaFile'] as const)('notices that %s alone is new', async (file) => {
  const { look, taken } = await followed();
  writeFileSync(files[file], 'other');
  await look();
  expect(taken).toHaveLength(1);
});

it('tells once of a set that is refused, and tries it until it is taken', async () => {
  const { look, server, taken, said } = await followed();
  write(second);
  server.refusal = 'not valid yet';
  await look();
  await look();
  await look();
  expect(said).toEqual([loaded(first), 'not valid yet']);
  server.refusal = undefined;
  await look();
  await look();
  expect(taken).toHaveLength(1);
  expect(said).toEqual([loaded(first), 'not valid yet', loaded(second)]);
  expect(server.tries).toBe(4);
});

it('tells of another refused set, and of the same one when the good one was there in between', async () => {
  const { look, server, said } = await followed();
  server.refusal = 'refused';
  for (const pair of [second, third, first, third]) {
    write(pair);
    await look();
    await look();
  }
  expect(said).toEqual([loaded(first), 'refused', 'refused', 'refused']);
});

it('tells of a file that cannot be read, and goes on', async () => {
  const { look, taken, said } = await followed();
  rmSync(files.keyFile);
  await look();
  expect(said).toEqual([loaded(first), expect.stringContaining('tls.key')]);
  write(second);
  await look();
  expect(taken).toHaveLength(1);
});
