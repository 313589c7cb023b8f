import { expect, it } from 'vitest';
import {
  parseHostName,
  parseKubernetesName,
  parseOwnService,
  parsePath,
  parsePort,
  parseServiceName,
} from '../../../src/config/access/network-name.ts';

const isRead = (parsed: { readonly ok: boolean }) => parsed.ok;

it('reads Kubernetes names as the API server allows them', () => {
  const good = ['a', '0', 'a-b', 'llama3-8b', 'x'.repeat(63)];
  const bad = ['', '-a', 'a-', 'A', 'a_b', 'a.b', 'a b', 'x'.repeat(64), 'ä', 'a\n'];
  expect(good.map(parseKubernetesName).map(isRead)).toEqual(Array(5).fill(true));
  expect(bad.map(parseKubernetesName).map(isRead)).toEqual(Array(10).fill(false));
});

it('reads a Service of its own namespace only', () => {
  expect(parseOwnService('llama')).toEqual({ ok: true, value: 'llama' });
  expect(['a/b', 'a/', '/b', 'a/b/c'].map(parseOwnService).map(isRead)).toEqual(Array(4).fill(false));
});

it('reads a Service with or without namespace', () => {
  expect(parseServiceName('epp')).toEqual({ ok: true, value: { namespace: undefined, service: 'epp' } });
  expect(parseServiceName('edge/epp')).toEqual({ ok: true, value: { namespace: 'edge', service: 'epp' } });
  expect(['a/b/c', '/b', 'a/', 'A/b', 'a/B', ''].map(parseServiceName).map(isRead)).toEqual(Array(6).fill(false));
});

it('reads ports by number and by name', () => {
  const good = ['1', '65535', '08000', 'http', 'http-metrics', 'p1', '8a'];
  expect(good.map(parsePort)).toEqual(
    [1, 65_535, 8000, 'http', 'http-metrics', 'p1', '8a'].map((value) => ({ ok: true, value })),
  );
  const bad = ['0', '65536', '123456', '', '-1', '80.5', 'HTTP', 'a--b', '-a', 'a-', '1-2', 'x'.repeat(16), 'a_b'];
  expect(bad.map(parsePort).map(isRead)).toEqual(Array(13).fill(false));
});

it('reads host names, those of SRV records too', () => {
  const good = ['llama', 'llama.models.svc.cluster.local.', '_http._tcp.llama', 'A-1.example', 'x'.repeat(63)];
  expect(good.map(parseHostName).map(isRead)).toEqual(Array(5).fill(true));
  const bad = ['', '.', 'a..b', '-a', 'a-', 'a b', 'x'.repeat(64), 'http://a', 'a/b', `${'a.'.repeat(127)}aa`];
  expect(bad.map(parseHostName).map(isRead)).toEqual(Array(10).fill(false));
});

it.each(['10.0.0.1', '::1', '[fe80::1]', '::ffff:10.0.0.1', '2130706433'])(
  'sends the address %s elsewhere',
  (address) => {
    const faults = ['is an address, not a name: list addresses as "endpoints"'];
    expect(parseHostName(address)).toEqual({ ok: false, faults });
  },
);

it('tells where the port of a name goes', () => {
  expect(parseHostName('llama:8000')).toEqual({
    ok: false,
    faults: ['must be a name alone: give its port as "port"'],
  });
});

it('reads paths that cannot lead to another host', () => {
  const good = ['/', '/metrics', '/stats/prometheus?usedonly&filter=a', '/%20', '/a/../b', `/${'x'.repeat(1023)}`];
  expect(good.map(parsePath)).toEqual(good.map((value) => ({ ok: true, value })));
  const bad = [
    '',
    'metrics',
    '//evil.example/',
    '/a#b',
    '/a b',
    '/\\evil',
    '/ä',
    '/a\r\nHost:b',
    `/${'x'.repeat(1024)}`,
  ];
  expect(bad.map(parsePath).map(isRead)).toEqual(Array(9).fill(false));
});
