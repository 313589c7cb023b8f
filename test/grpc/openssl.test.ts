import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Certificate } from './make-certificate.ts';
import { makeAuthority } from './make-certificate.ts';
import { startScripted } from './scripted-scaler.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const authority = makeAuthority('own');
const stranger = makeAuthority('stranger');
const [first, second] = [authority.issue('first'), authority.issue('second')];
const folder = mkdtempSync(join(tmpdir(), 'openssl-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The pair as flags of openssl. */
function shown(name: string, { certPem, keyPem }: Certificate): readonly string[] {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  writeFileSync(cert, certPem);
  writeFileSync(key, keyPem);
  return ['-cert', cert, '-key', key];
}

const caFile = join(folder, 'ca.crt');
writeFileSync(caFile, authority.certPem);
const kedas = shown('keda', authority.issue('keda'));
/** OpenSSL itself turns off what is older than 1.2 unless told otherwise. */
const oldTls = ['-cipher', 'ALL:@SECLEVEL=0'];

/** A SETTINGS frame: length, type 4, no flags, stream 0. Only who accepts a client sends one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: frames are made of them.
const settingsFrame = /\0[\0-\xff]{2}\x04\0\0\0\0\0/;

interface Connected {
  /** `refused`: the server hung up. */
  readonly end: 'accepted' | 'refused' | 'silence';
  readonly said: string;
}

/** Connects as `openssl s_client` does, until the server accepts us or hangs up, and tells what was said. */
function connect(port: number, ...flags: readonly string[]): Promise<Connected> {
  const fixed = ['s_client', '-connect', `127.0.0.1:${port}`, '-alpn', 'h2', '-CAfile', caFile, '-verify_return_error'];
  const client = spawn('openssl', [...fixed, '-ign_eof', ...flags]);
  let said = '';
  let end: Connected['end'] = 'refused';
  const finish = (how: Connected['end']): void => {
    end = how;
    client.kill();
  };
  const impatience = setTimeout(() => finish('silence'), 10_000);
  // HTTP/2's preface and empty settings, to which whoever accepts us answers with settings.
  client.stdin.on('error', () => {});
  client.stdin.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0', 'latin1');
  for (const output of [client.stdout, client.stderr]) {
    output.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
      if (settingsFrame.test(said)) finish('accepted');
    });
  }
  return new Promise((resolve) => {
    client.on('close', () => {
      clearTimeout(impatience);
      resolve({ end, said });
    });
  });
}

describe.skipIf(!hasOpenssl)('TLS as openssl sees it', () => {
  const mutual = { ...first, clientCaPem: authority.certPem };

  it.each([
    ['1.2', '-tls1_2'],
    ['1.3', '-tls1_3'],
  ])('version %s is spoken, with HTTP/2 and a certificate that can be verified', async (version, flag) => {
    const { server } = await startScripted({ tls: mutual });
    const { end, said } = await connect(server.port, flag, ...kedas);
    expect(said).toContain('ALPN protocol: h2');
    expect(said).toContain('Verify return code: 0 (ok)');
    expect(said).toMatch(new RegExp(`New, TLSv${version}`));
    expect(end).toBe('accepted');
  });

  it.each([
    ['1.1', '-tls1_1'],
    ['1.0', '-tls1'],
  ])('version %s is refused by us, not by the client', async (_version, flag) => {
    const { server } = await startScripted({ tls: mutual });
    const { end, said } = await connect(server.port, flag, ...oldTls, ...kedas);
    expect(said).toMatch(/alert protocol version|alert number 70/);
    expect(end).toBe('refused');
  });

  it.each([
    ['no certificate', []],
    ['a certificate of another authority', shown('stranger', stranger.issue('keda'))],
    ['an expired certificate', shown('expired', authority.issue('keda', -5, -1))],
  ])('a client with %s is refused before a frame is sent', async (_name, flags) => {
    const { server } = await startScripted({ tls: mutual });
    for (const version of ['-tls1_2', '-tls1_3']) {
      const { end, said } = await connect(server.port, version, ...flags);
      expect([version, end, said]).toEqual([version, 'refused', expect.stringContaining('CONNECTED')]);
    }
  });

  it('a client needs no certificate where none is asked for', async () => {
    const { server } = await startScripted({ tls: first });
    expect((await connect(server.port)).end).toBe('accepted');
  });

  it('the certificate is the new one after a reload, and the last good one after a bad one', async () => {
    const { server } = await startScripted({ tls: mutual });
    const subject = async () => /subject=CN = (\w+)/.exec((await connect(server.port, ...kedas)).said)?.[1];
    expect(await subject()).toBe('first');
    server.setTls({ ...second, clientCaPem: authority.certPem });
    expect(await subject()).toBe('second');
    expect(() => server.setTls({ certPem: first.certPem, keyPem: second.keyPem })).toThrow('does not belong');
    expect(await subject()).toBe('second');
  });

  it('the client authority is the new one after a reload', async () => {
    const { server } = await startScripted({ tls: mutual });
    const strangers = shown('stranger', stranger.issue('keda'));
    server.setTls({ ...second, clientCaPem: stranger.certPem });
    expect((await connect(server.port, ...strangers)).end).toBe('accepted');
    expect((await connect(server.port, ...kedas)).end).toBe('refused');
  });
});
