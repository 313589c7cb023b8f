import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PageParser } from '../../src/exposition/page-parser.ts';
import { everyName, wantedNames } from '../../src/exposition/wanted-names.ts';
import type { Reading } from './read-page.ts';
import { goodPage, openMetrics, readPage, text } from './read-page.ts';

const wanted = wantedNames(['vllm:num_requests_running']);
const running = (line: string, reading: Reading = {}) => goodPage(line, { wanted, ...reading }).samples;

const survived: [name: string, line: string, value: number, labels: Record<string, string>][] = [
  ['a plain sample', 'vllm:num_requests_running{engine="0"} 7\n', 7, { engine: '0' }],
  ['no labels', 'vllm:num_requests_running 7\n', 7, {}],
  ['empty braces', 'vllm:num_requests_running{} 7\n', 7, {}],
  ['no newline after the last line', 'vllm:num_requests_running 42', 42, {}],
  ['a tab before the value', 'vllm:num_requests_running{engine="0"}\t7\n', 7, { engine: '0' }],
  ['blanks before, between and after', ' \t vllm:num_requests_running \t 7 \t \n', 7, {}],
  ['a blank before the labels', 'vllm:num_requests_running {engine="0"} 7\n', 7, { engine: '0' }],
  ['no blank after the labels', 'vllm:num_requests_running{engine="0"}7\n', 7, { engine: '0' }],
  ['CRLF', 'vllm:num_requests_running{engine="0"} 7\r\n', 7, { engine: '0' }],
  ['a trailing comma', 'vllm:num_requests_running{engine="0",} 7\n', 7, { engine: '0' }],
  ['blanks around = and ,', 'vllm:num_requests_running{ a = "1" ,\tb\t=\t"2" , } 7\n', 7, { a: '1', b: '2' }],
  ['escapes', String.raw`vllm:num_requests_running{a="\\x\"y\nz\t"} 7`, 7, { a: '\\x"y\nz\\t' }],
  ['an escaped backslash before n', String.raw`vllm:num_requests_running{a="\\n\\"} 7`, 7, { a: '\\n\\' }],
  ['} # , = { inside a value', 'vllm:num_requests_running{a="} # 9,b={"} 7\n', 7, { a: '} # 9,b={' }],
  [
    'the name inside a label value',
    'vllm:num_requests_running{a="vllm:num_requests_running 9"} 7\n',
    7,
    {
      a: 'vllm:num_requests_running 9',
    },
  ],
  ['an empty label', 'vllm:num_requests_running{a=""} 7\n', 7, { a: '' }],
  ['UTF-8 in a label', 'vllm:num_requests_running{a="modèle-日本"} 7\n', 7, { a: 'modèle-日本' }],
  ['a label named __proto__', 'vllm:num_requests_running{__proto__="x"} 7\n', 7, { ['__proto__']: 'x' }],
  ['a timestamp in milliseconds', 'vllm:num_requests_running 7 1700000000000\n', 7, {}],
  ['a timestamp in seconds', 'vllm:num_requests_running 7 1700000000.123\n', 7, {}],
  ['a negative timestamp', 'vllm:num_requests_running 7 -1\n', 7, {}],
  ['an exemplar', 'vllm:num_requests_running 7 # {id="} 9"} 0.5 1700000000.1\n', 7, {}],
  ['an exemplar after a timestamp', 'vllm:num_requests_running 7 1 # {} 0.5\n', 7, {}],
  ['_ for :', 'vllm_num_requests_running 7\n', 7, {}],
  ['a quoted name', '{"vllm:num_requests_running",a="1"} 7\n', 7, { a: '1' }],
  ['a quoted name alone', '# a page\n{"vllm:num_requests_running"} 7\n', 7, {}],
  ['a quoted label name', 'vllm:num_requests_running{"a b"="1",c="2"} 7\n', 7, { 'a b': '1', c: '2' }],
  ['a byte order mark', '\uFEFFvllm:num_requests_running 7\n', 7, {}],
  ['leading blank lines', '\n\r\n \t\nvllm:num_requests_running 7\n', 7, {}],
  ['+Inf', 'vllm:num_requests_running +Inf\n', Number.POSITIVE_INFINITY, {}],
  ['-Inf', 'vllm:num_requests_running -Inf\n', Number.NEGATIVE_INFINITY, {}],
  ['inf', 'vllm:num_requests_running inf\n', Number.POSITIVE_INFINITY, {}],
  ['NaN', 'vllm:num_requests_running NaN\n', Number.NaN, {}],
  ['an exponent of three digits', 'vllm:num_requests_running 1.15e+011\n', 1.15e11, {}],
  ['an integer above 2^53', 'vllm:num_requests_running 9223372036854775794\n', 2 ** 63, {}],
];
it.each(survived)('survives %s', (_name, line, value, labels) => {
  for (const names of [wanted, everyName]) {
    const [sample, ...others] = running(line, { wanted: names });
    expect(sample).toEqual({ name: 'vllm_num_requests_running', labels, value });
    expect(others).toEqual([]);
  }
});

it.each([
  ['inside the HELP of another family', '# HELP a vllm:num_requests_running 9\n'],
  ['after a comment sign', '# vllm:num_requests_running 9\n'],
  ['as the start of a longer name', 'vllm:num_requests_running_total 9\n'],
  ['behind a prefix', 'my_vllm:num_requests_running 9\n'],
  ['as a quoted longer name', '{"vllm:num_requests_running.x"} 9\n'],
  ['inside a label value of another', 'b{a="\\"} vllm:num_requests_running 9"} 1\n'],
  ['as a label name of another', 'b{vllm_num_requests_running="9"} 1\n'],
])('does not take the wanted name %s for the sample', (_name, line) => {
  expect(running(line)).toEqual([]);
  expect(running(`${line}vllm:num_requests_running 7\n`)).toHaveLength(1);
});

const broken: [name: string, line: string, message: string][] = [
  ['no value', 'vllm:num_requests_running', 'expected `{` or a blank after the metric name, found the end of the line'],
  ['no value after a blank', 'vllm:num_requests_running ', 'expected a value, found the end of the line'],
  ['no value after labels', 'vllm:num_requests_running{a="1"}', 'expected a value, found the end of the line'],
  ['a word for a value', 'vllm:num_requests_running blubb', 'expected a value, found `blubb`'],
  ['a number cut in half', 'vllm:num_requests_running 1e', 'expected a value, found `1e`'],
  ['an illegal byte in the name', 'vllm:num_requests_running-x 1', 'found `-x 1`'],
  ['an unquoted label value', 'vllm:num_requests_running{a=1} 1', 'expected a quoted text, found `1} 1`'],
  ['a label without a value', 'vllm:num_requests_running{a} 1', 'expected `=` after a label name, found `} 1`'],
  ['an illegal label name', 'vllm:num_requests_running{0a="1"} 1', 'expected a label name, found `0a="1"} 1`'],
  ['a label twice', 'vllm:num_requests_running{a="1",a="2"} 1', 'expected each label once, found `a="2"} 1`'],
  ['no comma between labels', 'vllm:num_requests_running{a="1" b="2"} 1', 'expected `,` or `}`'],
  ['two commas', 'vllm:num_requests_running{a="1",,} 1', 'expected a label name, found `,} 1`'],
  ['an open quote', 'vllm:num_requests_running{a="1} 1', 'expected a text with a closing quote, found `"1} 1`'],
  ['an escaped closing quote', 'vllm:num_requests_running{a="1\\"} 1', 'expected a text with a closing quote'],
  [
    'an open brace',
    'vllm:num_requests_running{a="1"',
    'expected `,` or `}` in the label set, found the end of the line',
  ],
  ['two names', 'vllm:num_requests_running{"other"} 1', 'expected one metric name'],
  ['a label set without a name', '{a="1"} 1', 'expected one metric name'],
  ['a word for a timestamp', 'vllm:num_requests_running 1 now', 'expected a timestamp, found `now`'],
  ['an infinite timestamp', 'vllm:num_requests_running 1 Inf', 'expected a timestamp, found `Inf`'],
  ['two timestamps', 'vllm:num_requests_running 1 2 3', 'expected the end of the line, found `3`'],
  ['a comment behind the value', 'vllm:num_requests_running 1 # 9', 'expected an exemplar'],
  ['an exemplar without a value', 'vllm:num_requests_running 1 # {a="1"}', 'expected the value of an exemplar'],
  ['an exemplar that is open', 'vllm:num_requests_running 1 # {a="1" 9', 'expected `,` or `}`'],
  ['two exemplars', 'vllm:num_requests_running 1 # {} 9 # {} 9', 'expected the end of the line'],
  ['a carriage return inside', 'vllm:num_requests_running 1\r2', 'expected a value, found `1\\u{d}2`'],
  ['a form feed for a blank', 'vllm:num_requests_running\f1', 'found `\\u{c}1`'],
];
it.each(broken)('fails the page at a wanted line with %s', (_name, line, message) => {
  for (const names of [wanted, everyName]) {
    const outcome = readPage(`# a page\n\n  ok 1\n${line}\nok 1\n`, { wanted: names });
    expect(outcome).toEqual({ ok: false, failure: 'malformed', line: 4, message: expect.stringContaining(message) });
  }
});

it('quotes a broken line in part, and on one line', () => {
  const outcome = readPage(`vllm:num_requests_running{a="1"} \u0007${'x'.repeat(500)}\n`, { wanted });
  expect(outcome).toMatchObject({ message: expect.stringMatching(/found `\\u\{7\}x{39}`…$/) });
});

it.each([
  ['HTML after a good start', '<html>', '<html>'],
  ['a binary line', '\u0000\u0001', 'expected a sample, a comment or nothing'],
  ['prose', 'Internal Server Error', 'expected a sample line, which ends in a number'],
  ['a line that begins with a digit', '404 page not found', '404 page not found'],
])('fails the page at an unwanted line of %s', (_name, line, message) => {
  const outcome = readPage(`vllm:num_requests_running 1\n${line}\n`, { wanted });
  expect(outcome).toEqual({ ok: false, failure: 'malformed', line: 2, message: expect.stringContaining(message) });
});

it('reads an unwanted line no further than it must, unless every line is to be checked', () => {
  const page = 'other{a=broken} 1\nvllm:num_requests_running 7\n';
  expect(running(page)).toHaveLength(1);
  expect(readPage(page)).toMatchObject({ ok: false, line: 1 });
});

it('keeps all samples of split, repeated and duplicate series in the order printed', () => {
  const page = '# TYPE a gauge\na{x="1"} 1\nb 2\n# TYPE a gauge\na{x="2"} 3\na{x="1"} 4\n';
  expect(goodPage(page, { wanted: wantedNames(['a']) }).samples.map(({ value }) => value)).toEqual([1, 3, 4]);
});

it('counts sample lines, wanted or not, and families as printed', () => {
  const page = '# TYPE a:b gauge\n# TYPE a_b gauge\n# HELP c\n#\n# c\n\nx 1\n y 2\n{"z"} 3\nx 1';
  expect(goodPage(page)).toMatchObject({ sampleLines: 4, declaredFamilies: 2 });
  expect([...goodPage(page).declared]).toEqual([['a_b', 'gauge']]);
  expect(goodPage(page, { wanted })).toMatchObject({ sampleLines: 4, declaredFamilies: 0, samples: [] });
});

it.each([
  ['no name but a comment', '# nothing here\n'],
  ['HELP and TYPE without text', '# HELP\n# HELP a\n# HELP a \n'],
  ['declarations alone', '# TYPE a gauge\n'],
  ['only # EOF', '# EOF\n'],
])('accepts a page with %s', (_name, page) => expect(goodPage(page).samples).toEqual([]));

const declarations: [name: string, line: string, declared: [string, string][]][] = [
  ['a family', '# TYPE vllm:ttft_sum gauge', [['vllm_ttft_sum', 'gauge']]],
  ['the family without the ending of its sample', '# TYPE vllm:ttft histogram', [['vllm_ttft', 'histogram']]],
  ['_ for :', '# TYPE vllm_ttft histogram', [['vllm_ttft', 'histogram']]],
  ['odd blanks', ' #   TYPE \t vllm:ttft \t histogram \t', [['vllm_ttft', 'histogram']]],
  ['no blank after #', '#TYPE vllm:ttft histogram', [['vllm_ttft', 'histogram']]],
  ['CRLF', '# TYPE vllm:ttft histogram\r', [['vllm_ttft', 'histogram']]],
  ['a quoted name', '# TYPE "vllm:ttft" summary', [['vllm_ttft', 'summary']]],
  ['a repeated TYPE', '# TYPE vllm:ttft gauge\n# TYPE vllm:ttft gauge', [['vllm_ttft', 'gauge']]],
  [
    'every type',
    ['info', 'stateset', 'gaugehistogram', 'unknown', 'untyped', 'counter', 'summary', 'gauge']
      .map((type) => `# TYPE vllm:ttft ${type}`)
      .join('\n'),
    [['vllm_ttft', 'gauge']],
  ],
  ['not a longer name', '# TYPE vllm:ttft_summary gauge', []],
  ['not a name with an illegal ending', '# TYPE vllm:ttft-x gauge', []],
  ['not the same oddly spaced', '#  TYPE vllm:ttft-x gauge', []],
  ['not a family of another', '# TYPE vllm:tt gauge', []],
  ['not a HELP line', '# HELP vllm:ttft gauge', []],
  ['not another keyword', '# TYPED vllm:ttft gauge', []],
];
it.each(declarations)('declares: %s', (_name, line, declared) => {
  expect([...goodPage(`${line}\n`, { wanted: wantedNames(['vllm:ttft_sum']) }).declared]).toEqual(declared);
});

it.each([
  ['an unknown type', '# TYPE a bla', 'expected a metric type, found `bla`'],
  ['no type', '# TYPE a', 'expected a metric type, found the end of the line'],
  ['more than a type', '# TYPE a gauge x', 'expected the end of the line, found `x`'],
  ['an open quote', '# TYPE "a gauge', 'expected a text with a closing quote'],
])('fails the page at a wanted TYPE line with %s', (_name, line, message) => {
  for (const names of [wantedNames(['a']), everyName]) {
    const outcome = readPage(`\n${line}\n`, { wanted: names });
    expect(outcome).toMatchObject({ failure: 'malformed', line: 2, message: expect.stringContaining(message) });
  }
});

it.each(['_total', '_sum', '_count', '_bucket'])(
  'counts the family of a sample that ends in %s as wanted',
  (suffix) => {
    const page = goodPage('# TYPE a counter\n', { wanted: wantedNames([`a${suffix}`]) });
    expect([...page.declared.keys()]).toEqual(['a']);
  },
);

const bodies: [name: string, body: string, contentType: string, outcome: object][] = [
  ['an empty body', '', text, { failure: 'empty' }],
  ['a blank body', ' \r\n\t\n', text, { failure: 'empty' }],
  ['a byte order mark alone', '\uFEFF', text, { failure: 'empty' }],
  ['HTML', '\n <!doctype html>', text, { failure: 'html' }],
  ['HTML under its own type', '<html>', 'text/html', { failure: 'html' }],
  ['protobuf', 'a 1\n', 'application/vnd.google.protobuf; encoding=delimited', { failure: 'unsupported-format' }],
  ['OpenMetrics', 'a 1\n# EOF\n', openMetrics, { page: { format: 'openmetrics' } }],
  ['OpenMetrics in capitals', 'a 1\n# EOF\n', 'Application/OpenMetrics-Text', { page: { format: 'openmetrics' } }],
  ['OpenMetrics without a last newline', 'a 1\n# EOF', openMetrics, { page: { format: 'openmetrics' } }],
  ['OpenMetrics without # EOF', 'a 1\n', openMetrics, { failure: 'truncated' }],
  ['OpenMetrics cut inside a line', 'a 1\na{b="', openMetrics, { failure: 'truncated' }],
  ['OpenMetrics cut inside # EOF', 'a 1\n# EO', openMetrics, { failure: 'truncated' }],
  ['OpenMetrics with blank lines at its end', 'a 1\n# EOF\n\r\n \n', openMetrics, { page: { format: 'openmetrics' } }],
  ['OpenMetrics with more after # EOF', 'a 1\n# EOF\na 2\n', openMetrics, { failure: 'malformed', line: 3 }],
  ['text with # EOF', 'a 1\n# EOF\na 2\n', text, { page: { format: 'text' } }],
  ['a JSON object', ' {"a": [1]}', 'application/json', { page: { format: 'json', json: { a: [1] }, samples: [] } }],
  ['a JSON array under the wrong type', '[]\n', text, { page: { format: 'json', json: [] } }],
  ['an empty JSON object', '{}', text, { page: { format: 'json', json: {} } }],
  ['broken JSON', '\n{"a":\n1,}', text, { failure: 'malformed', line: 3 }],
  ['cut JSON', '{"a": [1', text, { failure: 'malformed' }],
  ['no content type', 'a 1\n', '', { page: { format: 'text' } }],
];
it.each(bodies)('tells what %s is', (_name, body, contentType, outcome) => {
  expect(readPage(body, { contentType })).toMatchObject(outcome);
  expect(readPage(body, { contentType, chunkBytes: 1 })).toEqual(readPage(body, { contentType }));
});

it('refuses a part of a byte order mark, and text that is no UTF-8', () => {
  expect(readPage(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).toMatchObject({ failure: 'malformed' });
  expect(readPage(Buffer.from([0xef, 0xbb, 0x61, 0x20, 0x31]))).toMatchObject({ failure: 'malformed' });
  const latin1 = Buffer.from('vllm:num_requests_running{a="\xe9"} 1', 'latin1');
  expect(readPage(latin1, { wanted })).toMatchObject({ failure: 'malformed', line: 1 });
});

const name = 'vllm:num_requests_running';
const limited: [name: string, body: string, limits: Reading['limits'], failure: string | undefined][] = [
  ['the longest line', `${name} 1${' '.repeat(10)}\n`, { maxLineBytes: name.length + 12 }, undefined],
  ['one byte more', `${name} 1${' '.repeat(11)}\n`, { maxLineBytes: name.length + 12 }, 'malformed'],
  ['an unwanted line too long', `x 1\n# ${'y'.repeat(100)}\n`, { maxLineBytes: 100 }, 'malformed'],
  ['a line too long without an end', `x 1\n# ${'y'.repeat(100)}`, { maxLineBytes: 100 }, 'malformed'],
  ['the largest body', `${name} 1\n`, { maxBodyBytes: name.length + 3 }, undefined],
  ['a body of one byte more', `${name} 1\n\n`, { maxBodyBytes: name.length + 3 }, 'malformed'],
  ['JSON too large', '[1, 2, 3]', { maxBodyBytes: 8 }, 'malformed'],
  ['the most samples', `${name} 1\n`.repeat(3), { maxSamples: 3 }, undefined],
  ['one sample more', `${name} 1\n`.repeat(4), { maxSamples: 3 }, 'too-many-samples'],
  ['unwanted samples', 'x 1\n'.repeat(9), { maxSamples: 3 }, undefined],
  ['the longest label', `${name}{abc="defg"} 1`, { maxLabelNameBytes: 3, maxLabelValueBytes: 4 }, undefined],
  ['a longer label name', `${name}{abcd="defg"} 1`, { maxLabelNameBytes: 3 }, 'malformed'],
  ['a longer label value', `${name}{abc="defgh"} 1`, { maxLabelValueBytes: 4 }, 'malformed'],
];
it.each(limited)('bounds: %s', (_name, body, limits, failure) => {
  for (const chunkBytes of [1, 7, 1 << 20]) {
    const outcome = readPage(body, { wanted, limits: limits!, chunkBytes });
    expect(outcome.ok ? undefined : outcome.failure).toBe(failure);
  }
});

it('keeps no more than a line of an endless one', () => {
  const parser = new PageParser(wanted, text);
  const chunk = Buffer.alloc(1000, 'x');
  parser.push(chunk);
  const before = process.memoryUsage().arrayBuffers;
  for (let pushed = 0; pushed < 10_000; pushed++) parser.push(chunk);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  expect(parser.end()).toMatchObject({ failure: 'malformed', line: 1 });
});

it('reads page after page, whatever the one before was', () => {
  const parser = new PageParser(wanted, text);
  const pages = [
    ...survived.map(([, line]) => line),
    ...broken.map(([, line]) => line),
    ...bodies.map(([, body]) => body),
  ];
  const property = fc.property(fc.array(fc.constantFrom(...pages)), (sequence) => {
    for (const page of sequence) {
      parser.reset(text);
      parser.push(Buffer.from(page));
      expect(parser.end()).toEqual(readPage(page, { wanted }));
    }
  });
  fc.assert(property);
});

it('shares names between parsers whose limits differ', () => {
  const line = `${name}{a="12345"} 1\n`;
  expect(readPage(line, { wanted })).toMatchObject({ ok: true });
  expect(readPage(line, { wanted, limits: { maxLabelValueBytes: 4 } })).toMatchObject({ ok: false });
});

it('says the same again when asked twice, and ignores what comes after the end', () => {
  const parser = new PageParser(wanted, text);
  parser.push(Buffer.from(`${name} 1\n`));
  const outcome = parser.end();
  parser.push(Buffer.from(`${name} 2\n`));
  expect(parser.end()).toBe(outcome);
});
