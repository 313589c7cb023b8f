import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wantedNames } from '../../src/exposition/wanted-names.ts';
import { goodPage, openMetrics, readPage, text } from './read-page.ts';

const dir = process.env.FIXTURES_DIR ?? '../shared/fixtures';
const file = (...path: string[]): Buffer => readFileSync(join(dir, ...path));

interface Expected {
  readonly file: string;
  readonly contentType?: string;
  readonly declaredFamilies?: number;
  readonly samples?: number;
}

describe.skipIf(!existsSync(dir))('pages kept by other projects', () => {
  it('reads all 44 valid pages of the OpenMetrics suite, and survives the 167 others', () => {
    const cases = readdirSync(join(dir, 'parser/OpenMetrics'));
    const valid = cases.filter((name) => JSON.parse(String(file('parser/OpenMetrics', name, 'test.json'))).shouldParse);
    const read = (name: string) => {
      const outcome = readPage(file('parser/OpenMetrics', name, 'metrics'), { contentType: openMetrics });
      return outcome.ok ? 'read' : `${name}: ${outcome.message}`;
    };
    const outcomes = cases.map(read);
    expect(outcomes).toHaveLength(211);
    expect(valid).toHaveLength(44);
    expect(valid.map(read)).toEqual(valid.map(() => 'read'));
  });

  it.each([
    ['prometheus_common/fuzz_ok/from_test_parse_1.prom', text, undefined, 3],
    ['prometheus_common/fuzz_ok/from_test_parse_2.prom', text, 2, 4],
    ['prometheus_common/fuzz_ok/from_test_parse_3.prom', text, 2, 12],
    ['prometheus_common/fuzz_ok/from_test_parse_4.prom', text, 1, 7],
    ['prometheus_common/testdata_text.prom', text, 37, 248],
    ['prometheus_textparse/alltypes.237mfs.prom', text, 237, 1857],
    ['prometheus_textparse/alltypes.237mfs.nometa.prom', text, 0, 1857],
    ['prometheus_textparse/alltypes.5mfs.om.txt', openMetrics, 5, 53],
    ['prometheus_textparse/1histogram.om.txt', openMetrics, 1, 42],
  ])('reads %s', (path, contentType, families, samples) => {
    const page = goodPage(file('parser', path), { contentType });
    expect(page.samples).toHaveLength(samples);
    expect(page.declaredFamilies).toBe(families ?? page.declaredFamilies);
  });

  it('calls a page of blank lines empty', () => {
    const outcome = readPage(file('parser/prometheus_common/fuzz_ok/from_test_parse_0.prom'));
    expect(outcome).toMatchObject({ failure: 'empty' });
  });

  it('fails each page of prometheus/common that has a line no reader can read', () => {
    const broken = [2, 3, 5, 6, 8, 10, 11, 15, 16, 17, 18];
    const failed = Array.from({ length: 20 }, (_, index) => index).filter(
      (index) => !readPage(file(`parser/prometheus_common/fuzz_error/from_test_parse_error_${index}.prom`)).ok,
    );
    expect(failed).toEqual(broken);
  });

  const expected: Expected[] = existsSync(dir) ? JSON.parse(String(file('expected.json'))) : [];
  const pages = expected.filter((page) => page.samples !== undefined && page.samples !== null);

  it('knows the text pages', () => expect(pages.length).toBeGreaterThan(40));

  it.each(pages)('counts the families and samples of $file', (page) => {
    const read = goodPage(file(page.file), { contentType: page.contentType ?? text });
    expect(read).toMatchObject({ declaredFamilies: page.declaredFamilies, sampleLines: page.samples });
    expect(read.samples).toHaveLength(page.samples!);
  });

  it.each(pages)('finds every single name of $file alone', (page) => {
    const all = goodPage(file(page.file)).samples;
    for (const name of new Set(all.map((sample) => sample.name))) {
      const alone = goodPage(file(page.file), { wanted: wantedNames([name]) }).samples;
      expect(alone).toEqual(all.filter((sample) => sample.name === name));
    }
  });

  it('finds any set of names of a large page', () => {
    const body = file('vllm/generated_v1_head_dp4_loaded.prom');
    const all = goodPage(body).samples;
    const names = [...new Set(all.map((sample) => sample.name))];
    for (const step of [1, 2, 3, 5]) {
      const some = new Set(names.filter((_, index) => index % step === 0));
      const found = goodPage(body, { wanted: wantedNames(some) }).samples;
      expect(found).toEqual(all.filter((sample) => some.has(sample.name)));
    }
  });
});
