import { expect, it } from 'vitest';
import { wantedNames } from '../../../src/exposition/wanted-names.ts';
import type { CustomFamilies } from '../../../src/presets/engine-selection.ts';
import { familiesOfCustom, readCustomSignals } from '../../../src/presets/reading/read-custom.ts';
import { jsonPage, pageOf } from '../page-of.ts';

const page = pageOf(`
# TYPE my:empty gauge
my:busy{kind="chat",model="m"} 3
my:busy{kind="chat",model="n"} 4
my:busy{kind="embed",model="m"} 50
my:queue{model="m"} 2
my:done_total{model="m"} 9
my:none_total 0
`);
const chat = { family: 'my:busy', labels: { kind: 'chat' } };
const queue = { family: 'my_queue', labels: {} };
const done = { family: 'my:done', labels: {} };

function read(custom: CustomFamilies, models?: readonly string[]) {
  const outcome = readCustomSignals(page, custom, models);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.signals;
}

it.each<[string, CustomFamilies, readonly string[] | undefined, object]>([
  ['running alone holds everything', { running: chat }, undefined, { running: 7, waiting: undefined, concurrency: 7 }],
  [
    'waiting adds',
    { running: chat, waiting: queue },
    undefined,
    { running: 7, waiting: 2, concurrency: 9, problems: [] },
  ],
  ['a counter without its ending', { running: chat, requests: done }, undefined, { requestsTotal: 9 }],
  ['one model', { running: chat, waiting: queue }, ['m'], { concurrency: 5, models: ['m', 'n'] }],
  ['waiting alone is no concurrency', { waiting: queue }, undefined, { waiting: 2, concurrency: undefined }],
  [
    'a declared family beside a counter of 0 is 0',
    { running: { family: 'my:empty', labels: {} }, requests: { family: 'my:none_total', labels: {} } },
    undefined,
    { concurrency: 0, inferred: true },
  ],
  [
    'a declared family alone is unknown',
    { running: { family: 'my:empty', labels: {} } },
    undefined,
    { concurrency: undefined, inferred: false },
  ],
  [
    'labels that no series has are unknown, though no request was counted',
    { running: { family: 'my:busy', labels: { kind: 'x' } }, requests: { family: 'my:none_total', labels: {} } },
    undefined,
    { concurrency: undefined, problems: ['my:busy{kind="x"} is not on this page'] },
  ],
])('%s', (_name, custom, models, reads) => expect(read(custom, models)).toMatchObject(reads));

it.each([
  [
    'names a family like one that is not there',
    'my:bussy',
    'my:bussy is not on this page; similar names on it: my_busy',
  ],
  [
    'names several',
    'my:non_total',
    'my:non_total is not on this page; similar names on it: my_none_total, my_done_total',
  ],
  ['names none where none is like it', 'vllm:num_requests_running', 'vllm:num_requests_running is not on this page'],
])('%s', (_name, family, words) => {
  const missing = { family, labels: {} };
  expect(read({ running: chat, waiting: missing }).problems).toEqual([words]);
  expect(readCustomSignals(page, { running: missing })).toEqual({ ok: false, failure: 'wrong-engine', message: words });
});

it('is never zero for a model that is not there', () => {
  expect(read({ running: chat }, ['x'])).toMatchObject({
    concurrency: undefined,
    problems: ['model "x" is not on this page; it has: m, n'],
  });
});

it('adds the shares that processes print of one gauge', () => {
  const text = 'my:busy{pid="11"} 3\nmy:busy{pid="12"} 4\nmy:busy{pid="13"} 4\n';
  const outcome = readCustomSignals(pageOf(text), { running: { family: 'my:busy', labels: {} } });
  expect(outcome).toMatchObject({ ok: true, signals: { concurrency: 11 } });
});

it('says so where a gauge has no model label', () => {
  const text = 'my:busy{kind="chat"} 3\nother{model="m"} 1\n';
  const outcome = readCustomSignals(pageOf(text), { running: chat }, ['m']);
  expect(outcome).toMatchObject({ ok: true, signals: { concurrency: undefined } });
  expect(outcome.ok && outcome.signals.problems[0]).toMatch(/^my:busy has no model label .*"m"/);
});

it('needs the named families only', () => {
  const custom = { running: chat, waiting: queue, requests: done };
  const text = 'my:busy{kind="chat"} 3\nmy:queue 2\nmy:done_total 9\nother 1\n';
  expect(readCustomSignals(pageOf(text, wantedNames(familiesOfCustom(custom))), custom)).toEqual(
    readCustomSignals(pageOf(text), custom),
  );
});

it('refuses JSON', () => {
  expect(readCustomSignals(jsonPage([]), { running: chat })).toMatchObject({ ok: false, failure: 'wrong-engine' });
});
