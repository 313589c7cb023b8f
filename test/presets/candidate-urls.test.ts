import { expect, it } from 'vitest';
import type { Endpoint, EndpointPort } from '../../src/discovery/endpoint.ts';
import type { PageAddress } from '../../src/presets/candidate-urls.ts';
import { candidateUrls } from '../../src/presets/candidate-urls.ts';
import { knownPaths } from '../../src/presets/catalogue/presets.ts';
import { pod } from '../fakes/fake-world.ts';

const auto: PageAddress = { engine: { kind: 'auto' }, port: undefined, path: undefined, scheme: 'http' };
const port = (number: number, name?: string): EndpointPort => ({ name, number });
const at = (ports: readonly EndpointPort[], more: Partial<Endpoint> = {}): Endpoint => ({
  ...pod('a'),
  address: '10.0.0.9',
  ports,
  ...more,
});

function first(endpoint: Endpoint, page: Partial<PageAddress> = {}): string {
  const found = candidateUrls(endpoint, { ...auto, ...page });
  return found.ok ? found.urls[0]! : found.problem;
}

function last(endpoint: Endpoint, page: Partial<PageAddress>): string | undefined {
  const found = candidateUrls(endpoint, { ...auto, ...page });
  return found.ok ? found.urls.at(-1) : found.problem;
}

const named = (name: 'sglang' | 'trtllm-serve' | 'triton') => ({ engine: { kind: 'preset', name } }) as const;
it.each([
  ['tries the only declared port first', first(at([port(9000)])), 'http://10.0.0.9:9000/metrics'],
  [
    'prefers a port named for metrics',
    first(at([port(8000, 'http'), port(9100, 'metrics')])),
    'http://10.0.0.9:9100/metrics',
  ],
  ['prefers a usual port to a strange one', first(at([port(4321), port(8000)])), 'http://10.0.0.9:8000/metrics'],
  ['prefers a sidecar last', first(at([port(15090, 'http-envoy-prom'), port(3000)])), 'http://10.0.0.9:3000/metrics'],
  ['tries the usual ports where none is declared', first(at([])), 'http://10.0.0.9:8000/metrics'],
  [
    "tries the preset's port and path where it is named",
    first(at([]), named('sglang')),
    'http://10.0.0.9:30000/metrics',
  ],
  [
    "tries the preset's path on a declared port",
    first(at([port(8123)]), named('trtllm-serve')),
    'http://10.0.0.9:8123/prometheus/metrics',
  ],
  [
    'looks on the port of a named preset last, though it is not declared',
    last(at([port(8000), port(8001)]), { ...named('triton'), path: '/metrics' }),
    'http://10.0.0.9:8002/metrics',
  ],
  ['takes the number asked for', first(at([]), { port: 9999 }), 'http://10.0.0.9:9999/metrics'],
  [
    "takes the port that a Service's number leads to",
    first(at([port(8000)]), { port: 80 }),
    'http://10.0.0.9:8000/metrics',
  ],
  [
    'takes the name asked for',
    first(at([port(8000, 'http'), port(9100, 'side')]), { port: 'side' }),
    'http://10.0.0.9:9100/metrics',
  ],
  [
    'takes the path and scheme asked for',
    first(at([port(8000)]), { path: '/x', scheme: 'https' }),
    'https://10.0.0.9:8000/x',
  ],
  ['puts IPv6 in brackets', first(at([port(8000)], { address: 'fd00::9' })), 'http://[fd00::9]:8000/metrics'],
  ['uses a static URL as it is', first(at([], { url: 'http://host:1/page?x=1' })), 'http://host:1/page?x=1'],
  ['looks for the page under a bare static URL', first(at([], { url: 'http://host:1' })), 'http://host:1/metrics'],
  [
    'says which ports there are when the name is not among them',
    first(at([port(8000, 'http'), port(9100)]), { port: 'metrix' }),
    'expected a port named "metrix", found "http" (8000), 9100; set "port" to one of them',
  ],
  [
    'says that no port is declared',
    first(at([]), { port: 'metrics' }),
    'expected a port named "metrics", found no declared port; set "port" to one of them',
  ],
])('%s', (_name, found, want) => expect(found).toBe(want));

it('tries the usual ports after all that are declared, for a sidecar may be all that declares one', () => {
  const found = candidateUrls(at([port(15_090, 'http-envoy-prom')]), auto);
  const urls = found.ok ? found.urls : [];
  const firstUsual = urls.indexOf('http://10.0.0.9:8000/metrics');
  expect(urls.slice(0, firstUsual).every((url) => url.startsWith('http://10.0.0.9:15090/'))).toBe(true);
  expect(urls.slice(firstUsual)).toEqual(
    [8000, 30_000, 8080, 3000, 80, 8002].map((usual) => `http://10.0.0.9:${usual}/metrics`),
  );
  const named = candidateUrls(at([port(15_090, 'envoy')]), { ...auto, port: 'envoy' });
  expect(named.ok && named.urls.every((url) => url.startsWith('http://10.0.0.9:15090/'))).toBe(true);
});

it('tries every known path on the only port, /metrics first', () => {
  const found = candidateUrls(at([port(8000)]), auto);
  const onIt = found.ok ? found.urls.filter((url) => new URL(url).port === '8000') : [];
  const paths = onIt.map((url) => new URL(url).pathname);
  expect(paths).toEqual([...knownPaths]);
  expect(paths).toEqual(expect.arrayContaining(['/metrics', '/queue', '/v1/loads', '/stats/prometheus']));
  expect(paths[0]).toBe('/metrics');
});

it('tries the usual path on every port before any other path', () => {
  const found = candidateUrls(at([port(8000), port(9100)]), auto);
  expect(found.ok && found.urls.slice(0, 2)).toEqual(['http://10.0.0.9:8000/metrics', 'http://10.0.0.9:9100/metrics']);
});

it('tries no more than a handful of pages', () => {
  const many = candidateUrls(at(Array.from({ length: 20 }, (_, index) => port(7000 + index))), auto);
  expect(many.ok && many.urls.length).toBe(18);
});
