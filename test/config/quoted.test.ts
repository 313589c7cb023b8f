import { expect, it } from 'vitest';
import { quoted } from '../../src/config/quoted.ts';

it.each([
  ['plain text', 'vllm', '"vllm"'],
  ['quotes and line ends', 'a"b\nc', '"a\\"b\\nc"'],
  ['marks that terminals or editors obey', '\x1b[31m\u0085\u2028\u202e', '"\\u001b[31m\\u0085\\u2028\\u202e"'],
  ['half of a surrogate pair', '\ud800', '"\ufffd"'],
  ['long text, cut', 'x'.repeat(81), `"${'x'.repeat(80)}…"`],
  ['credentials of every URL, left out', 'http://a:b@c,http://d@e/f@g', '"http://…@c,http://…@e/f@g"'],
  ['queries of every URL, left out', 'http://a/?k=1,HTTP://b?k=2', '"http://a/?…,HTTP://b?…"'],
])('shows %s', (_name, text, shown) => expect(quoted(text)).toBe(shown));
