import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCustomFamily } from '../../../src/config/metadata/custom-family.ts';

it.each([
  ['requests_running', 'requests_running', {}],
  ['vllm:num_requests_running', 'vllm:num_requests_running', {}],
  ['r{}', 'r', {}],
  ['r{state="on"}', 'r', { state: 'on' }],
  ['r { a = "b" , c = "d" , }', 'r', { a: 'b', c: 'd' }],
  ['r{a="x,y}"}', 'r', { a: 'x,y}' }],
  ['r{a="q\\"q\\\\n\\n"}', 'r', { a: 'q"q\\n\n' }],
  ['r{a=""}', 'r', { a: '' }],
])('reads %s', (text, family, labels) => {
  expect(parseCustomFamily(text)).toEqual({ ok: true, value: { family, labels } });
});

const example = 'such as requests_running or requests{state="running"}';
it.each([
  ['{a="b"}', `must be a metric family's name, ${example}`],
  ['9lives', `must be a metric family's name, ${example}`],
  ['a b', `has "b" after the family's name: write it ${example}`],
  ['sum(a)', `has "(sum)" after the family's name: write it ${example}`.replace('(sum)', '(a)')],
  ['a{b="c"', 'has no closing }: write labels as {label="value",other="value"}'],
  ['a{b!="c"}', 'compares the label "b" with !=: only = is known'],
  ['a{b=~"c.*"}', 'compares the label "b" with =~: only = is known'],
  ['a{b}', 'has no = after the label "b": write b="value"'],
  ['a{b=c}', 'has no value in double quotes for the label "b": write b="value"'],
  ['a{b="c}', 'has no value in double quotes for the label "b": write b="value"'],
  ['a{b="\\t"}', 'has no value in double quotes for the label "b": write b="value"'],
  ['a{b="c" d="e"}', 'has "d=\\"e\\"" after the label "b": separate labels with a comma'],
  ['a{b="c",,d="e"}', 'has ",d=\\"e\\"" where a label\'s name should be: write {label="value"}'],
  ['a{,}', 'has "," where a label\'s name should be: write {label="value"}'],
  ['a{b="c",b="d"}', 'names the label "b" twice: a series has it once'],
])('refuses %s', (text, fault) => expect(parseCustomFamily(text)).toEqual({ ok: false, faults: [fault] }));

it('reads back any labels, whatever their values', () => {
  const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/).filter((name) => name !== '__proto__');
  const labels = fc.dictionary(label, fc.string({ unit: 'binary' }), { maxKeys: 4, noNullPrototype: true });
  const property = fc.property(labels, (wanted) => {
    const written = Object.entries(wanted).map(([name, value]) => {
      return `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
    });
    expect(parseCustomFamily(`f{${written.join(',')}}`)).toEqual({
      ok: true,
      value: { family: 'f', labels: wanted },
    });
  });
  fc.assert(property);
});
