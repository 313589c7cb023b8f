import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterAll, describe, expect, it } from 'vitest';
import { fetchPage } from '../../src/scrape/http/fetch-page.ts';
import { servePage } from '../fakes/page-host.ts';
import { ask, askUntil, closeLater, quick, refusal, runService, until } from '../fakes/running-service.ts';
import { protectedBy, serveSecure } from '../fakes/secure-page.ts';
import { makeAuthority } from '../grpc/make-certificate.ts';

/** Nothing that anybody can see may hold one of these, nor what is made of them. */
const secrets = ['sentinel-token-1f9c', 'sentinel-user-77aa', 'sentinel-password-03bd'] as const;
const [token, username, password] = secrets;
const basicHeader = `Basic ${btoa(`${username}:${password}`)}`;
const forbiddenWords = [...secrets, basicHeader.slice('Basic '.length)];

const authority = makeAuthority('own');
const folder = mkdtempSync(join(tmpdir(), 'scrape-credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const bearerTokenFile = file('token', `${token}\n`);
const basic = { usernameFile: file('username', username), passwordFile: file('password', `${password}\n`) };
const caFile = file('ca.crt', authority.certPem);

async function serviceWith(...rules: readonly Record<string, unknown>[]) {
  const written = rules.map((rule) => ({ namespaces: ['models'], hosts: ['127.0.0.0/8'], ...rule }));
  const rulesFile = file('rules.json', JSON.stringify(written));
  return runService(['--endpoint-allow-cidrs', '127.0.0.0/8', '--scrape-credentials-file', rulesFile]);
}

const refTo = (url: string, namespace = 'models', more: Record<string, string> = {}) => ({
  namespace,
  name: 'llama',
  scalerMetadata: { ...quick, endpoints: url, ...more },
});

const secure = async (header: string, running: number) =>
  closeLater(
    await serveSecure(
      authority.issue('page'),
      protectedBy(() => header, running),
    ),
  );

async function pageOf(address: string, path: string): Promise<string> {
  const { body } = await fetchPage(`http://${address}${path}`, { timeoutMs: 5000, maxBodyBytes: 1 << 22 });
  return Buffer.from(body).toString();
}

it('reads protected pages for those who may, tells others why not, and shows the secrets nowhere', async () => {
  const [withToken, withPassword] = [await secure(`Bearer ${token}`, 3), await secure(basicHeader, 4)];
  const service = await serviceWith(
    { ports: [withToken.port], bearerTokenFile, caFile },
    { ports: [withPassword.port], basic, caFile },
    { namespaces: ['research'], caFile },
  );
  const { client } = service;
  await askUntil(client, refTo(withToken.url), 3);
  await askUntil(client, refTo(withPassword.url), 4);
  const strangers = await until(
    () => refusal(ask(client, refTo(withToken.url, 'research'))),
    ({ details }) => details.includes('401'),
  );
  expect(strangers.code).toBe(status.UNAVAILABLE);
  expect(strangers.details).toContain('401 and no credential was sent; let the scaler read the page without one');
  // A token that is no longer good.
  const outdated = await secure('Bearer another', 1);
  const wrong = await serviceWith({ ports: [outdated.port], bearerTokenFile, caFile });
  const refused = await until(
    () => refusal(ask(wrong.client, refTo(outdated.url))),
    ({ details }) => details.includes('401'),
  );
  expect(refused.details).toContain('401 although a credential was sent; is it still valid');

  const seen = await Promise.all(
    [service, wrong].flatMap(({ adminAddress, status: triggers, lines }) => [
      pageOf(adminAddress, '/status'),
      pageOf(adminAddress, '/status/models/llama'),
      pageOf(adminAddress, '/metrics'),
      JSON.stringify(triggers()),
      lines.join(''),
    ]),
  );
  expect(seen).toHaveLength(10);
  for (const text of seen) expect(text.length).toBeGreaterThan(100);
  const everything = [...seen, strangers.details, refused.details].join('\n');
  expect(forbiddenWords.filter((word) => everything.includes(word))).toEqual([]);
  expect(new Set(withToken.shown)).toEqual(new Set([`Bearer ${token}`, undefined]));
  expect(new Set(withPassword.shown)).toEqual(new Set([basicHeader]));
});

it('sends nothing to a server whose certificate is not of the named authority', async () => {
  const impostor = closeLater(
    await serveSecure(
      makeAuthority('own').issue('page'),
      protectedBy(() => `Bearer ${token}`),
    ),
  );
  const { client } = await serviceWith({ bearerTokenFile, caFile });
  const refused = await until(
    () => refusal(ask(client, refTo(impostor.url))),
    ({ details }) => details.includes('certificate'),
  );
  expect(refused.details).toContain('a certificate of 127.0.0.1:');
  expect(refused.details).toContain('that the authority named for it did not sign');
  expect(impostor.shown).toEqual([]);
});

it('cannot be led by metadata to show a credential where the operator names no host', async () => {
  const shown: (string | undefined)[] = [];
  const mine = closeLater(
    await servePage((response, { headers }) => {
      shown.push(headers.authorization);
      response.writeHead(401).end();
    }),
  );
  const rules = { hosts: ['llm.example.com', '10.0.0.0/8'], bearerTokenFile, allowPlainHttp: true };
  const { client } = await serviceWith(rules);
  const spellings = ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'].map(
    (host) => `http://${host}:${mine.port}/metrics?host=llm.example.com`,
  );
  for (const url of spellings) {
    const { details } = await until(
      () => refusal(ask(client, refTo(url))),
      (answer) => answer.details.includes('401'),
    );
    expect(details).toContain('no credential was sent');
  }
  expect(new Set(shown)).toEqual(new Set([undefined]));
  const keys = ['bearerTokenFile', 'scrapeCredential', 'authorization', 'tokenFromEnv', 'caFile'];
  for (const key of keys) {
    const { code, details } = await refusal(ask(client, refTo(spellings[0]!, 'models', { [key]: bearerTokenFile })));
    expect([code, details]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining(`"${key}"`)]);
  }
});

it('warns once of each rule that verifies nothing, and of no other', async () => {
  const stranger = closeLater(
    await serveSecure(
      makeAuthority('other').issue('page', -5, -1),
      protectedBy(() => `Bearer ${token}`, 5),
    ),
  );
  const { client, lines } = await serviceWith(
    { ports: [1], bearerTokenFile },
    { bearerTokenFile, insecureSkipVerify: true },
  );
  await askUntil(client, refTo(stranger.url), 5);
  const warnings = lines.filter((line) => line.includes('not verified')).map((line) => JSON.parse(line));
  expect(warnings).toMatchObject([{ level: 'warn', logger: 'credentials', rule: 2 }]);
});

describe('the service does not start', () => {
  it.each([
    ['with a rule that is wrong', { ports: ['x'] }, /rule 1: "ports\[0\]" must be a port; .*bearerTokenFil" is not a/],
    ['with a token that is none', {}, /rule 1: .*bad-token: expected one token of visible ASCII characters/],
  ])('%s', async (_name, more, words) => {
    const bad = file('bad-token', `${token} ${token}`);
    const key = 'ports' in more ? 'bearerTokenFil' : 'bearerTokenFile';
    const refused = await refusal(serviceWith({ [key]: bad, ...more }));
    expect(String(refused)).toMatch(words);
    expect(String(refused)).not.toContain(token);
  });
});
