import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { defaultPageLimits } from '../../../src/exposition/page-parser.ts';
import type { PageInterest } from '../../../src/presets/reading/page-reader.ts';
import { PageReader } from '../../../src/presets/reading/page-reader.ts';
import { WantedNamesCache } from '../../../src/presets/reading/wanted-names-cache.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapMb(): number {
  // The second one waits for buffers that the first is still freeing.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6 + process.memoryUsage().arrayBuffers / 1e6;
}

/** A page of one family with as many label sets of about a kilobyte. */
function pageOf(family: string, labelSets: number, tail = ''): Buffer {
  const lines = Array.from({ length: labelSets }, (_, nth) => `${family}{model="${nth}",x="${'y'.repeat(900)}"} 1\n`);
  return Buffer.from(`# TYPE ${family} gauge\n${lines.join('')}${tail}`);
}

const customOf = (family: string): PageInterest => ({
  role: 'replica',
  engine: { kind: 'custom', running: { family, labels: {} }, waiting: undefined, requests: undefined },
  models: undefined,
  route: undefined,
});
const origin = { port: 8000, lastCandidate: true };

it('remembers no more after a hundred edits of a metric name than after thirty', () => {
  const cache = new WantedNamesCache();
  const edit = (nth: number): void => {
    const reader = new PageReader(defaultPageLimits, cache);
    reader.setInterests([customOf(`edited_${nth}`)]);
    reader.begin('text/plain');
    reader.push(pageOf(`edited_${nth}`, 200));
    expect(reader.end(origin)[0]).toMatchObject({ ok: true });
  };
  for (let nth = 0; nth < 30; nth++) edit(nth);
  const beforeMb = heapMb();
  for (let nth = 30; nth < 100; nth++) edit(nth);
  expect(heapMb() - beforeMb).toBeLessThan(4);
});

it.each([
  ['a page that was read', '', (reader: PageReader) => reader.end(origin)],
  ['a page with a broken last line', 'edited{', (reader: PageReader) => reader.end(origin)],
  ['a page that was broken off', '', (reader: PageReader) => reader.abandon()],
])('keeps nothing of %s until the next one', (_name, tail, end) => {
  const cache = new WantedNamesCache();
  const labelled = pageOf('edited', 600, tail);
  const readOne = (): PageReader => {
    const reader = new PageReader(defaultPageLimits, cache);
    reader.setInterests([customOf('edited')]);
    reader.begin('text/plain');
    reader.push(labelled);
    end(reader);
    return reader;
  };
  const first = readOne();
  const beforeMb = heapMb();
  const readers = Array.from({ length: 30 }, readOne);
  expect((heapMb() - beforeMb) / readers.length).toBeLessThan(0.05);
  expect(first.end(origin)).toMatchObject([{ ok: false, failure: 'empty' }]);
});
