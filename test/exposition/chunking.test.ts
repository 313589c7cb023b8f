import fc from 'fast-check';
import { expect, it } from 'vitest';
import { vllmPage, vllmWantedNames } from '../../bench/vllm-page.ts';
import { PageParser } from '../../src/exposition/page-parser.ts';
import { everyName, wantedNames } from '../../src/exposition/wanted-names.ts';
import { goodPage, openMetrics, readPage, text } from './read-page.ts';

const wanted = wantedNames(['a', 'b_total', 'c']);
const good = [
  '\uFEFF\n \r\n# HELP a Some help: a 9\n# TYPE a gauge\r\n',
  'a{x="1",y="} # é \\"\\n"} 41 1700000000000\n\ta 42.5\r\n',
  '# TYPE b counter\nb_total{} 1.5e3 # {id="a 7"} 0.5 1.5\n\n{"c",z="日本"} +Inf\n',
  'other{le="0.1"} 12\nother_longer 3 4\nc 12345',
].join('');
const pages: [name: string, body: string, contentType: string][] = [
  ['a good page', good, text],
  ['an OpenMetrics page', `${good}\n# EOF\n`, openMetrics],
  ['an OpenMetrics page without its end', good, openMetrics],
  ['a page with a broken line', `${good}\na{x="1" 7\nb 1\n# TYPE a bla\n`, text],
  ['a page with two broken lines', 'a\n<html>\na\na 1\n', text],
  ['JSON', ' \n{"a": [1, 2, {"b": "日本"}]}\n', text],
  ['a page that begins with a quoted name', '{"c"} 7\na 1\nc', text],
  ['HTML', ' <html>\na 1\n', text],
];

it.each(pages)('reads %s the same wherever it is split in two', (_name, body, contentType) => {
  const bytes = Buffer.from(body);
  for (const names of [wanted, everyName]) {
    const whole = readPage(bytes, { wanted: names, contentType });
    for (let split = 0; split <= bytes.length; split++) {
      const parser = new PageParser(names, contentType);
      parser.push(Uint8Array.from(bytes.subarray(0, split)));
      parser.push(Uint8Array.from(bytes.subarray(split)));
      expect(parser.end()).toEqual(whole);
    }
  }
});

it.each([1, 2, 7, 13, 100, 1448, 5792])('reads every page the same in chunks of %i bytes', (chunkBytes) => {
  const large: typeof pages = [['a large page', vllmPage(50_000), text]];
  const names = wantedNames([...vllmWantedNames, 'a', 'b_total', 'c']);
  for (const [, body, contentType] of [...pages, ...large]) {
    const reading = { wanted: names, contentType };
    expect(readPage(body, { ...reading, chunkBytes })).toEqual(readPage(body, reading));
  }
});

it('reads any page the same in chunks of any sizes, and bounded in any way', () => {
  const lines = fc.constantFrom(...good.split('\n'), '', 'a', '# EOF', `a{x="${'y'.repeat(60)}"} 1`, '{"a":1}', 'a 1');
  const page = fc.array(lines).map((parts) => parts.join('\n'));
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1 });
  const limits = fc.record({ maxLineBytes: fc.nat(80), maxBodyBytes: fc.nat(300), maxSamples: fc.nat(5) });
  const property = fc.property(
    page,
    sizes,
    limits,
    fc.constantFrom(text, openMetrics),
    (body, cuts, some, contentType) => {
      const bytes = Buffer.from(body);
      const reading = { wanted, contentType, limits: some };
      const whole = readPage(bytes, reading);
      for (const chunkBytes of new Set(cuts.filter((cut) => cut > 0)))
        expect(readPage(bytes, { ...reading, chunkBytes })).toEqual(whole);
    },
  );
  fc.assert(property, { numRuns: 500 });
});

it('finds the same in a large page as when every sample is materialised', () => {
  const names = new Set<string>(vllmWantedNames.map((name) => name.replace(':', '_')));
  const all = goodPage(vllmPage(80_000));
  const some = goodPage(vllmPage(80_000), { wanted: wantedNames(vllmWantedNames) });
  expect(some.samples).toHaveLength(16);
  expect(some.samples).toEqual(all.samples.filter(({ name }) => names.has(name)));
  expect(some.sampleLines).toBe(all.samples.length);
});
