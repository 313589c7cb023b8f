import { expect, it } from 'vitest';
import { parseEndpointUrls } from '../../../src/config/metadata/endpoint-urls.ts';

it.each([
  ['http://a', ['http://a']],
  ['http://a/', ['http://a']],
  ['http://a:80/x/', ['http://a/x/']],
  [' http://a:8000/metrics , https://B:443/ ', ['http://a:8000/metrics', 'https://b']],
  ['http://[fd00::1]:8000/?format=prometheus', ['http://[fd00::1]:8000/?format=prometheus']],
  ['http://0x7f.1/', ['http://127.0.0.1']],
  ['http://a/x@y', ['http://a/x@y']],
])('reads %s', (text, urls) => expect(parseEndpointUrls(text)).toEqual({ ok: true, value: urls }));

it.each([
  ['ftp://a', ['has "ftp://a", which is no http:// or https:// URL']],
  ['llama:8000', ['has "llama:8000", which is no http:// or https:// URL']],
  ['http:a', ['has "http:a", which is no http:// or https:// URL']],
  ['file:///etc/passwd', ['has "file:///etc/passwd", which is no http:// or https:// URL']],
  ['http://', ['has "http://", which is not a valid URL']],
  ['http://a:99999', ['has "http://a:99999", which is not a valid URL']],
  ['http://a:0', ['has "http://a:0", which is not a valid URL']],
  ['http://a b', ['has "http://a b", which is not a valid URL']],
  ['http://a/\tb', ['has "http://a/\\tb", which is not a valid URL']],
  ['http://u:secret@a', ['has "http://…@a", a URL with user info: metadata is no place for credentials']],
  ['http://@a', ['has "http://…@a", a URL with user info: metadata is no place for credentials']],
  ['http://a/x#y', ['has "http://a/x#y", a URL with a fragment: leave "#…" out']],
  ['http://a#', ['has "http://a#", a URL with a fragment: leave "#…" out']],
  ['http://a?token=secret#x', ['has "http://a?…", a URL with a fragment: leave "#…" out']],
  ['http://a,http://A:80/', ['has "http://A:80/" twice: each endpoint counts once']],
  ['http://a,,http://b', ['has an empty item: separate items with single commas']],
  ['x,y', ['has "x", which is no http:// or https:// URL', 'has "y", which is no http:// or https:// URL']],
])('refuses %s', (text, faults) => expect(parseEndpointUrls(text)).toEqual({ ok: false, faults }));

it('reads 1000 URLs, and not 1001', () => {
  const urls = Array.from({ length: 1001 }, (_unused, place) => `http://a${place}`);
  expect(parseEndpointUrls(urls.slice(1).join())).toEqual({ ok: true, value: urls.slice(1) });
  expect(parseEndpointUrls(urls.join())).toEqual({ ok: false, faults: ['must have at most 1000 URLs, has 1001'] });
});
