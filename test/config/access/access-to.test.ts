import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessSubject } from '../../../src/config/access/access-to.ts';
import { accessTo } from '../../../src/config/access/access-to.ts';
import { parseScrapeCredentials } from '../../../src/config/access/scrape-credentials.ts';

type Change = Record<string, unknown>;

function rulesOf(...changes: readonly Change[]) {
  const whole = { namespaces: ['models'], hosts: ['llm.example.com'], bearerTokenFile: '/token' };
  const parsed = parseScrapeCredentials(JSON.stringify(changes.map((change) => ({ ...whole, ...change }))));
  if (!parsed.ok) throw new Error(parsed.faults.join('; '));
  return parsed.value;
}

const models: AccessSubject = { namespace: 'models' };
const fits = (url: string, change: Change, reader: AccessSubject = models): boolean =>
  accessTo(url, reader, rulesOf(change)) === 0;

describe('a host', () => {
  const rows: readonly [host: string, url: string, fits: boolean][] = [
    ['llm.example.com', 'https://llm.example.com/metrics', true],
    ['LLM.example.com', 'https://llm.EXAMPLE.com:8443/', true],
    ['llm.example.com', 'https://llm.example.com./', true],
    ['llm.example.com', 'https://a.llm.example.com/', false],
    ['llm.example.com', 'https://llm.example.com.evil.test/', false],
    ['llm.example.com', 'https://evil.test/llm.example.com', false],
    ['llm.example.com', 'https://evil.test/?llm.example.com', false],
    ['*.example.com', 'https://llm.example.com/', true],
    ['*.example.com', 'https://a.b.example.com/', true],
    ['*.example.com', 'https://example.com/', false],
    ['*.example.com', 'https://evilexample.com/', false],
    ['*.example.com', 'https://llm.example.com.evil.test/', false],
    ['10.0.0.0/8', 'https://10.1.2.3:8000/metrics', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['10.1.2.3', 'https://10.1.2.3/', true],
    ['10.1.2.3', 'https://10.1.2.4/', false],
    // Decimal, octal and hexadecimal spellings are read as the address they mean.
    ['127.0.0.0/8', 'https://2130706433/', true],
    ['10.0.0.0/8', 'https://0x7f.1/', false],
    // What leads to an address by way of a translation is another host.
    ['10.0.0.0/8', 'https://[::ffff:10.0.0.1]/', false],
    ['10.0.0.0/8', 'https://[64:ff9b::10.0.0.1]/', false],
    ['10.0.0.0/8', 'https://[2002:0a00:0001::]/', false],
    ['fd00::/8', 'https://[fd12::1]:8000/', true],
    ['fd00::/8', 'https://[fe12::1]/', false],
    ['0.0.0.0/0', 'https://[fd12::1]/', false],
    ['0.0.0.0/0', 'https://llm.example.com/', false],
    ['10.0.0.0/8', 'https://10.example.com/', false],
    ['10.0.0.0/8', 'https://10.0.0.1.example.com/', false],
  ];
  it.each(rows)('%s and %s: %s', (host, url, expected) => expect(fits(url, { hosts: [host] })).toBe(expected));
});

describe('a scheme', () => {
  it.each([
    ['http://llm.example.com/', {}, false],
    ['http://llm.example.com/', { allowPlainHttp: true }, true],
    ['https://llm.example.com/', { allowPlainHttp: true }, true],
    ['http://llm.example.com/', { bearerTokenFile: undefined, caFile: '/ca' }, false],
    ['ftp://llm.example.com/', { allowPlainHttp: true }, false],
    ['llm.example.com', { allowPlainHttp: true }, false],
  ])('%s with %j: %s', (url, change, expected) => expect(fits(url, change)).toBe(expected));
});

describe('a port', () => {
  it.each([
    ['https://llm.example.com/', [443], true],
    ['https://llm.example.com/', [8000], false],
    ['https://llm.example.com:8000/', [443, 8000], true],
    ['https://llm.example.com:8000/', [443], false],
    ['https://llm.example.com:12345/', undefined, true],
  ])('%s with %j: %s', (url, ports, expected) => expect(fits(url, { ports })).toBe(expected));

  it('of http is 80', () => {
    expect(fits('http://llm.example.com/', { allowPlainHttp: true, ports: [80] })).toBe(true);
    expect(fits('http://llm.example.com/', { allowPlainHttp: true, ports: [443] })).toBe(false);
  });
});

describe('a reader', () => {
  const url = 'https://llm.example.com/';
  it.each<[reader: AccessSubject, change: Change, fits: boolean]>([
    [{ namespace: 'models' }, {}, true],
    [{ namespace: 'models2' }, {}, false],
    [{ namespace: '' }, {}, false],
    [{ namespace: '*' }, {}, false],
    [{ namespace: 'anything' }, { namespaces: ['*'] }, true],
    [{ namespace: 'models' }, { namespaces: undefined, gpuExporters: true }, false],
    ['gpu-exporters', { namespaces: ['*'] }, false],
    ['gpu-exporters', { gpuExporters: true }, true],
    [{ namespace: 'gpu-exporters' }, { namespaces: undefined, gpuExporters: true }, false],
  ])('%j with %j: %s', (reader, change, expected) => expect(fits(url, change, reader)).toBe(expected));
});

it('gets the first rule that fits', () => {
  const rules = rulesOf({ namespaces: ['a'] }, { hosts: ['h'] }, { bearerTokenFile: '/b' }, {});
  expect(accessTo('https://llm.example.com/', models, rules)).toBe(2);
  expect(accessTo('https://h/', models, rules)).toBe(1);
  expect(accessTo('https://h/', { namespace: 'a' }, rules)).toBeUndefined();
});

it('of another namespace gets nothing, whatever the URL', () => {
  const rules = rulesOf({ hosts: ['0.0.0.0/0', '::/0', '*.com', 'localhost'], allowPlainHttp: true });
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), (url, namespace) => {
      fc.pre(namespace !== 'models');
      expect(accessTo(url, { namespace }, rules)).toBeUndefined();
    }),
  );
});

it('never gets a name for a host that only ends like it', () => {
  const rules = rulesOf({ hosts: ['*.example.com', 'example.com'], allowPlainHttp: true });
  fc.assert(
    fc.property(fc.domain(), (domain) => {
      const place = accessTo(`https://${domain}example.com.${domain}/`, models, rules);
      expect(place).toBeUndefined();
    }),
  );
});
