import { expect, it } from 'vitest';
import { parsePageUrl } from '../../../src/scrape/http/page-url.ts';

it.each([
  ['http://10.0.0.1:8000/metrics', 'http://10.0.0.1:8000', '10.0.0.1', 8000, true, '/metrics'],
  ['http://replica.svc/metrics?a=b', 'http://replica.svc', 'replica.svc', 80, false, '/metrics?a=b'],
  ['https://replica.svc', 'https://replica.svc', 'replica.svc', 443, false, '/'],
  ['https://[fd00::1]:8443/x', 'https://[fd00::1]:8443', 'fd00::1', 8443, true, '/x'],
  ['http://0x7f.1/', 'http://127.0.0.1', '127.0.0.1', 80, true, '/'],
  ['http://h/a b\r\nx: y', 'http://h', 'h', 80, false, '/a%20bx:%20y'],
])('takes %s apart', (text, origin, host, port, literal, path) => {
  const secure = text.startsWith('https');
  const authority = origin.replace(/^https?:\/\//, '');
  expect(parsePageUrl(text)).toEqual({ text, secure, host, port, literal, authority, origin, path });
});

it.each([
  '',
  'metrics',
  '//h/x',
  'ftp://h/',
  'file:///etc/x',
  'http://u@h/',
  'http://u:p@h/',
  'http://h/#x',
  'http://h:99999/',
])('refuses "%s"', (text) => expect(parsePageUrl(text)).toBeUndefined());
