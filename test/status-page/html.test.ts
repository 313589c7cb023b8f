import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, ownMarkup } from '../../src/status-page/html.ts';

describe('a template', () => {
  it('escapes what could end a text or an attribute', () => {
    expect(String(html`<a title="${`<b> & "q" 'a' \``}">${'</a><script>'}</a>`)).toBe(
      '<a title="&lt;b&gt; &amp; &quot;q&quot; &#39;a&#39; &#96;">&lt;/a&gt;&lt;script&gt;</a>',
    );
  });

  it.each([
    ['a control', '\u0007', '\\u{7}'],
    ['a line end', 'a\nb', 'a\\u{a}b'],
    ['an escape sequence', '\u001b[2J\u009b', '\\u{1b}[2J\\u{9b}'],
    ['an override of the direction', '\u202egnp.exe\u202c', '\\u{202e}gnp.exe\\u{202c}'],
    ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['what has no width', 'a\u200b\u200d\ufeffb\u00ad', 'a\\u{200b}\\u{200d}\\u{feff}b\\u{ad}'],
    ['a line separator', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['a tag character', '\u{e0041}', '\\u{e0041}'],
    ['a filler that looks like a space', '\u3164', '\\u{3164}'],
    ['half a character', '\ud800x', '\ufffdx'],
    ['other writing, untouched', 'מודל 模型 modèle', 'מודל 模型 modèle'],
  ])('shows %s', (_name, text, shown) => {
    expect(String(html`${text}`)).toBe(shown);
  });

  it('leaves out what is not there, and joins lists', () => {
    expect(String(html`${undefined}${false}${0}${['a', [html`<b>`, '<']]}`)).toBe('0a<b>&lt;');
  });

  it('takes markup from nobody but itself', () => {
    const forged = { toString: () => '<script>' } as unknown as string;
    expect(() => String(html`${forged}`)).toThrow();
    expect(String(html`${JSON.parse('"<i>"')}${ownMarkup('<i>')}`)).toBe('&lt;i&gt;<i>');
    expect(() => String(html`${runInNewContext('({})')}`)).toThrow();
  });

  it('never lets any text be more than text', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'<>&"\'`/=!-script \u202e') }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const shown = String(html`${text}`);
        expect(shown).not.toMatch(/[<>"'`]|[\p{Cc}\p{Cf}]/u);
        expect(shown.replace(/&(amp|lt|gt|quot|#39|#96);/g, '')).not.toContain('&');
      }),
      { numRuns: 500 },
    );
  });
});
