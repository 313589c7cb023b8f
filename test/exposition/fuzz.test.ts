import fc from 'fast-check';
import { expect, it } from 'vitest';
import { vllmPage, vllmWantedNames } from '../../bench/vllm-page.ts';
import { canonicalName } from '../../src/exposition/page.ts';
import { everyName, wantedNames } from '../../src/exposition/wanted-names.ts';
import { samplesOf } from './line-oracle.ts';
import { openMetrics, readPage, text } from './read-page.ts';

const names = [...vllmWantedNames, 'a', 'b_total'];
const wanted = wantedNames(names);
const wantedSet = new Set(names.map(canonicalName));
const failures = ['malformed', 'empty', 'html', 'truncated', 'too-many-samples', 'unsupported-format'];

const corpus = [
  vllmPage(3000),
  '# TYPE a gauge\na{x="1",y="} # \\"\\n\\\\"} 41 1700000000000\na 42.5\nb_total{} 1.5e3 # {id="a 7"} 0.5 1.5\n# EOF\n',
  'a{x="1",} NaN\r\na{ y = "日本" , } +Inf\r\na -0.25\r\nb_total 9007199254740993\r\n',
  '{"a",x="1"} 7\na{"x y"="1"} 1.15e+011\n',
  '{"a": [1, 2, {"b": null}]}\n',
  '\uFEFF\n\n  a 1\n',
].map((page) => Buffer.from(page));

/** Splices and flips bytes as a broken writer, proxy or disk would; the bytes that mean something are the likeliest. */
const telling = Buffer.from('{}"\\=,#: \t\r\n0123456789.eE+-_aNIn<[\u0000\u00ff', 'latin1');
const mutation = fc.record({
  at: fc.nat(),
  remove: fc.nat(3),
  insert: fc.uint8Array({ maxLength: 3 }).map((bytes) => bytes.map((byte) => telling[byte % telling.length]!)),
});
const mutated = fc
  .tuple(fc.constantFrom(...corpus), fc.array(mutation, { maxLength: 4 }))
  .map(([page, mutations]) => mutations.reduce(mutate, page));

function mutate(page: Buffer, { at, remove, insert }: { at: number; remove: number; insert: Uint8Array }): Buffer {
  const start = at % (page.length + 1);
  return Buffer.concat([page.subarray(0, start), insert, page.subarray(start + remove)]);
}

it('never throws, and says the same of the same bytes', () => {
  const body = fc.oneof(mutated, fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }).map(Buffer.from));
  const contentType = fc.constantFrom(text, openMetrics, '', 'text/html', 'application/json');
  const property = fc.property(body, contentType, fc.integer({ min: 1, max: 200 }), (bytes, type, chunkBytes) => {
    for (const some of [wanted, everyName]) {
      const outcome = readPage(bytes, { wanted: some, contentType: type });
      expect(readPage(bytes, { wanted: some, contentType: type, chunkBytes })).toEqual(outcome);
      if (outcome.ok) continue;
      expect(failures).toContain(outcome.failure);
      expect(outcome.message).toMatch(/^[^\p{C}]{1,400}$/u);
      expect(outcome.line ?? 1).toBeLessThanOrEqual(Buffer.from(bytes).toString('latin1').split('\n').length);
    }
  });
  fc.assert(property, { numRuns: 800, seed: 7 });
});

it('never gives a value that is not what the line says', () => {
  let read = 0;
  const property = fc.property(mutated, (bytes) => {
    for (const some of [wanted, everyName]) {
      const outcome = readPage(bytes, { wanted: some });
      if (!outcome.ok || outcome.page.format === 'json' || /^\s*\{/m.test(bytes.toString())) continue;
      read++;
      const isWanted = (name: string) => some.every || wantedSet.has(name);
      expect(outcome.page.samples).toEqual(samplesOf(bytes.toString(), isWanted));
    }
  });
  fc.assert(property, { numRuns: 3000, seed: 11 });
  expect(read).toBeGreaterThan(1000);
});

it.each([
  ['open braces', 'a{'],
  ['open quotes', 'a{x="'],
  ['backslashes', 'a{x="\\'],
  ['blank lines', '\n'],
  ['comment signs', '#'],
  ['TYPE lines', '# TYPE a gauge\n'],
  ['JSON arrays', '['],
  ['quotes behind a brace', '{"'],
  ['labels', 'a{x="1",'],
  ['digits', '1'],
  ['a quoted name of backslashes', '{"\\\\'],
])('takes 4 MiB of %s in its stride', (_name, unit) => {
  const body = Buffer.alloc(5 * 1024 * 1024, unit);
  for (const some of [wanted, everyName]) {
    const startMs = performance.now();
    expect(readPage(body, { wanted: some, chunkBytes: 65_536 }).ok).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(5_000);
  }
});
