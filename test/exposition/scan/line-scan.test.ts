import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../../src/exposition/name-index.ts';
import type { PageOutcome } from '../../../src/exposition/page.ts';
import { canonicalName } from '../../../src/exposition/page.ts';
import { defaultPageLimits, PageParser } from '../../../src/exposition/page-parser.ts';
import { lineScan } from '../../../src/exposition/scan/line-scan.ts';
import type { WantedNames } from '../../../src/exposition/wanted-names.ts';
import { everyName, wantedNames } from '../../../src/exposition/wanted-names.ts';

const wanted = ['vllm:running', 'vllm_waiting', 'requests_total', 'r'];
const names = wantedNames(wanted);
const canonical = new Set(wanted.map(canonicalName));

function read(text: string, by: WantedNames, chunkBytes = Number.POSITIVE_INFINITY, isInPlace = false): PageOutcome {
  const parser = new PageParser(by, 'text/plain', { ...defaultPageLimits, maxSamples: 100_000 });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += Math.min(chunkBytes, bytes.length)) {
    const chunk = bytes.subarray(at, at + Math.min(chunkBytes, bytes.length));
    if (isInPlace) lineScan.readBuffer.set(chunk);
    parser.push(isInPlace ? lineScan.readBuffer.subarray(0, chunk.length) : chunk);
  }
  return parser.end();
}

const name = fc.constantFrom(...wanted, 'vllm:running_2', 'vllm', 'requests_created', 'x', `long_${'n'.repeat(90)}`);
const labels = fc.constantFrom('', '{}', '{a="1"}', '{a="x y\\"}",b="#"} ', `{a="${'v'.repeat(200)}"}`);
const value = fc.constantFrom(' 1', ' 2.5', ' NaN', ' +Inf', ' 1e3 1700000000', '\t3', ' 4\r');
const sample = fc.tuple(name, labels, value).map((parts) => parts.join(''));
const comment = fc
  .tuple(
    fc.constantFrom('# HELP ', '# TYPE ', '#TYPE ', '# Hm ', '#', '# ', '  # TYPE '),
    name,
    fc.constantFrom(' gauge', ' counter', ''),
  )
  .map((parts) => parts.join(''));
const line = fc.oneof({ weight: 4, arbitrary: sample }, comment, fc.constantFrom('', ' ', '\t', '\r'));
const page = fc.array(line, { maxLength: 60 }).map((lines) => `first 1\n${lines.join('\n')}\n`);

describe('a page that is scanned', () => {
  it('has the same samples as one that is read line by line', () => {
    const same = fc.property(page, fc.integer({ min: 1, max: 400 }), fc.boolean(), (text, chunkBytes, isInPlace) => {
      const every = read(text, everyName);
      // A `# TYPE` without a type is read only where its family is wanted.
      fc.pre(every.ok);
      const scanned = read(text, names, chunkBytes, isInPlace);
      if (!every.ok || !scanned.ok) throw new Error(`expected two pages: ${text}`);
      expect(scanned.page.samples).toEqual(every.page.samples.filter((each) => canonical.has(each.name)));
      expect(scanned.page.sampleLines).toBe(every.page.sampleLines);
    });
    fc.assert(same, { numRuns: 500 });
  });

  it.each([
    ['whole', Number.POSITIVE_INFINITY],
    ['in chunks as large as the buffer of reads', 128 * 1024],
    ['in chunks larger than it', 300_000],
  ])('may be larger than any buffer and have more wanted lines than fit into the results: %s', (_how, chunkBytes) => {
    const lines = Array.from({ length: 20_000 }, (_, at) =>
      at % 4 === 0 ? `other{n="${at}"} 0` : `r{n="${at}"} ${at}`,
    );
    const isInPlace = chunkBytes === 128 * 1024;
    const outcome = read(`${lines.join('\n')}\n`, names, chunkBytes, isInPlace);
    if (!outcome.ok) throw new Error(outcome.message);
    expect(outcome.page.sampleLines).toBe(20_000);
    expect(outcome.page.samples.map((each) => each.value)).toEqual(
      Array.from({ length: 20_000 }, (_, at) => at).filter((at) => at % 4 !== 0),
    );
  });

  it('tells the line of a fault, whatever was passed before it', () => {
    const passed = '# HELP x\nx 1\n# TYPE x gauge\nx{a="1"} 2\n\n'.repeat(500);
    expect(read(`${passed}r{`, names)).toMatchObject({ ok: false, failure: 'malformed', line: 2501 });
    expect(read(`${passed}r{\nr 1\n`, names)).toMatchObject({ ok: false, failure: 'malformed', line: 2501 });
    expect(read(`${passed}no number at all\n`, names)).toMatchObject({ ok: false, line: 2501 });
  });

  it('is refused where a line is too long, also one that nobody wants', () => {
    const { maxLineBytes } = defaultPageLimits;
    const lineOf = (bytes: number) => `x{a="${'v'.repeat(bytes - 9)}"} 1`;
    expect(read(`x 1\n${lineOf(maxLineBytes)}\n`, names)).toMatchObject({ ok: true });
    expect(read(`x 1\n${lineOf(maxLineBytes + 1)}\n`, names)).toMatchObject({ ok: false, line: 2 });
    expect(read(`x 1\n${lineOf(4 * maxLineBytes)}\nr 1\n`, names)).toMatchObject({ ok: false, line: 2 });
  });

  it('is read line by line where more names are wanted than a scan has room for', () => {
    const many = Array.from({ length: 3000 }, (_, at) => `name_${at}_${'x'.repeat(80)}`);
    const by = wantedNames(many);
    expect(lineScan.scan(Buffer.from('r 1\n'), 0, by, 1000)).toBe(false);
    const outcome = read(`${many.map((each) => `${each} 7\n`).join('')}other 1\n`, by);
    expect(outcome.ok && outcome.page.samples.length).toBe(3000);
    expect(outcome.ok && outcome.page.sampleLines).toBe(3001);
    // Other names afterwards are not taken for these.
    expect(read('r 1\n', names)).toMatchObject({ ok: true, page: { samples: [{ name: 'r' }] } });
  });
});

it('finds the names that its index finds', () => {
  const piece = fc.stringMatching(/^[a-c_:]{1,6}$/);
  const same = fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), piece, (all, printed) => {
    const index = new NameIndex(new Set(all.map(canonicalName)));
    const none = new NameIndex([]);
    const bytes = Buffer.from(`${printed} 1\n`);
    lineScan.scan(bytes, 0, { sampleIndex: index, familyIndex: none }, 1000);
    const found = lineScan.count === 0 ? undefined : index.nameAt(lineScan.nameOf(0));
    expect(found).toBe(index.find(bytes, 0, bytes.length - 1));
  });
  fc.assert(same, { numRuns: 1000 });
});
