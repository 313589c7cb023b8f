import { describe, expect, it } from 'vitest';
import { authorities, basicHeader, bearerHeader, usernameIn } from '../../../src/scrape/http/access-text.ts';
import { selfSigned } from '../self-signed.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

function refusal(read: () => string): string {
  try {
    return `taken: ${read()}`;
  } catch (error) {
    return String(error);
  }
}

describe('a bearer token', () => {
  it.each(['abc.DEF-123_~+/==', 'x', '"quoted"', 'a'.repeat(8000)])('is taken: %.30s', (token) => {
    for (const end of ['', '\n', '\r\n']) expect(bearerHeader(bytes(token + end))).toBe(`Bearer ${token}`);
  });

  it.each([
    ['nothing', ''],
    ['an empty line', '\n'],
    ['a header behind it', 'hunter2\r\nx-more: 1'],
    ['a second line', 'hunter2\nhunter3\n'],
    ['two line ends', 'hunter2\n\n'],
    ['a carriage return', 'hunter2\rx'],
    ['a zero byte', 'hunter2\0'],
    ['a delete character', 'hunter2\x7f'],
    ['a blank', 'hunter2 x'],
    ['a blank before it', ' hunter2'],
    ['a tab', 'hunter2\t'],
    ['a letter beyond ASCII', 'hunter2é'],
    ['a line separator', 'hunter2\u2028'],
    ['a C1 control', 'hunter2\u0085x'],
    ['too much', `hunter2${'a'.repeat(8192)}`],
  ])('is refused with %s, and not repeated', (_name, text) => {
    const words = refusal(() => bearerHeader(bytes(text)));
    expect(words).toMatch(/^Error: expected /);
    expect(words).not.toContain('hunter2');
  });

  it('is refused when it is no text', () => {
    expect(refusal(() => bearerHeader(Buffer.from([0xff, 0xfe, 0x41])))).toBe('Error: expected UTF-8 text');
  });
});

describe('a user name and password', () => {
  it('are taken, whatever letters they have', () => {
    const header = basicHeader(usernameIn(bytes('Jörg\n')), bytes('pass: word ✓\n'));
    expect(Buffer.from(header.replace('Basic ', ''), 'base64').toString()).toBe('Jörg:pass: word ✓');
    expect(header).toMatch(/^Basic [\w+/=]+$/);
  });

  it.each([
    ['an empty name', '', 'hunter2'],
    ['an empty password', 'name', '\n'],
    ['a colon in the name', 'hunter2:x', 'hunter2'],
    ['a line end in the name', 'hunter2\nx', 'hunter2'],
    ['a line end in the password', 'name', 'hunter2\r\nx: y'],
  ])('are refused with %s, and not repeated', (_name, username, password) => {
    const words = refusal(() => basicHeader(usernameIn(bytes(username)), bytes(password)));
    expect(words).toMatch(/^Error: expected /);
    expect(words).not.toContain('hunter2');
  });
});

describe('authorities', () => {
  const one = selfSigned().certificate;

  it('are taken, many of them and with words between', () => {
    const text = authorities(bytes(`# the first\n${one}\n# the second\n${one}`));
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(text).not.toContain('#');
  });

  it.each([
    ['nothing', ''],
    ['something else', 'hunter2'],
    ['a key', selfSigned().key],
    ['half of one', one.slice(0, 200)],
    ['one that is none', one.replace(/\n[A-Za-z0-9]{8}/, '\nAAAAAAAA')],
    ['a good one before one that is none', one + one.replace(/\n[A-Za-z0-9]{8}/, '\nAAAAAAAA')],
  ])('are refused with %s', (_name, text) => {
    expect(refusal(() => authorities(bytes(text)))).toBe('Error: expected certificates in PEM');
  });
});
