import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { GrpcServer } from '../../src/grpc/start-grpc-server.ts';
import { makeAuthority } from '../grpc/make-certificate.ts';
import { startScripted } from '../grpc/scripted-scaler.ts';

const script = readFileSync('deploy/chart/files/connection-test.mjs', 'utf8');
const authority = makeAuthority('test authority');
const pair = authority.issue('localhost');
const folder = mkdtempSync(join(tmpdir(), 'connection-'));
const caFile = join(folder, 'ca.crt');
writeFileSync(caFile, authority.certPem);
afterAll(() => rmSync(folder, { recursive: true }));

let server: GrpcServer | undefined;

/** Runs the script as the chart's test pod does. */
function run(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; said: string }> {
  const argv = ['--input-type=module', '-e', script, ...words];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { env: { ...process.env, ...env }, timeout: 12_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });
}

type Started = Parameters<typeof startScripted>[0];

async function start(options: Started = {}, serving = true): Promise<string> {
  ({ server } = await startScripted({ ...options, drainGraceMs: 0 }));
  server.setServing(serving);
  return `127.0.0.1:${server.port}`;
}

describe('helm test', () => {
  it('passes where the service serves', async () => {
    const address = await start();
    expect(await run([`http://${address}`])).toEqual({ code: 0, said: `http://${address}: serving\n` });
  });

  it('fails where it does not', async () => {
    const address = await start({}, false);
    expect(await run([`http://${address}`])).toMatchObject({ code: 1, said: expect.stringContaining('not serving') });
  });

  it('fails where nobody listens', async () => {
    const address = await start();
    await server!.drain();
    expect(await run([`http://${address}`])).toMatchObject({ code: 1, said: expect.stringContaining('ECONNREFUSED') });
  });

  it('passes over TLS with the authority of the certificate, and fails without', async () => {
    const address = await start({ tls: pair });
    expect(await run([`https://${address}`], { CA_FILE: caFile })).toMatchObject({ code: 0 });
    expect(await run([`https://${address}`], { CA_FILE: '/nonexistent' })).toMatchObject({ code: 1 });
  });

  it('passes where a client without certificate is turned away, and fails where it is not', async () => {
    const address = await start({ tls: { ...pair, clientCaPem: authority.certPem } });
    const env = { CA_FILE: caFile };
    expect(await run([`https://${address}`, 'refused'], env)).toMatchObject({
      code: 0,
      said: expect.stringContaining('refuses'),
    });
    expect(await run([`https://${address}`], env)).toMatchObject({ code: 1 });
    await server!.drain();
    const open = await start({ tls: pair });
    expect(await run([`https://${open}`, 'refused'], env)).toMatchObject({
      code: 1,
      said: expect.stringContaining('answers'),
    });
  });

  it('does not take a certificate that fails to verify for a refusal', async () => {
    const address = await start({ tls: { ...pair, clientCaPem: authority.certPem } });
    expect(await run([`https://${address}`, 'refused'])).toMatchObject({ code: 1 });
  });
});
