import { expect, it } from 'vitest';
import { defaultPageLimits } from '../../../src/exposition/page-parser.ts';
import type { PageInterest, PageOrigin, PageReading } from '../../../src/presets/reading/page-reader.ts';
import { PageReader } from '../../../src/presets/reading/page-reader.ts';
import { WantedNamesCache } from '../../../src/presets/reading/wanted-names-cache.ts';

const auto: PageInterest = { role: 'replica', engine: { kind: 'auto' }, models: undefined, route: undefined };
const last: PageOrigin = { port: 8000, lastCandidate: true };

function read(reader: PageReader, body: string, origin = last, type = 'text/plain'): PageReading {
  reader.begin(type);
  reader.push(Buffer.from(body));
  return reader.end(origin)[0]!;
}

function readerFor(...interests: PageInterest[]): PageReader {
  const reader = new PageReader(defaultPageLimits, new WantedNamesCache());
  reader.setInterests(interests);
  return reader;
}

const iterations = '[{"iter":7,"numActiveRequests":3,"numQueuedRequests":1,"maxNumActiveRequests":64}]';

it('takes the page that reading empties only where no other is left', () => {
  const reader = readerFor(auto);
  const json = 'application/json';
  expect(read(reader, iterations, { ...last, lastCandidate: false }, json)).toMatchObject({
    ok: false,
    failure: 'wrong-engine',
  });
  expect(read(reader, iterations, last, json)).toMatchObject({ ok: true, engine: 'trtllm-serve-json' });
});

it('reads the same from later pages, of which it takes only what is wanted', () => {
  const reader = readerFor(auto);
  const page = (running: number) =>
    `# TYPE tgi_batch_current_size gauge\ntgi_batch_current_size ${running}\n# TYPE tgi_queue_size gauge\ntgi_queue_size 2\nother{a="b"} 7\n`;
  for (const running of [1, 5, 9]) {
    expect(read(reader, page(running))).toMatchObject({
      ok: true,
      engine: 'tgi',
      signals: { running, concurrency: running + 2 },
    });
  }
});

it('gives the number of a broken line', () => {
  expect(read(readerFor(auto), 'good 1\nbad{\n')).toMatchObject({
    ok: false,
    failure: 'malformed',
    message: expect.stringMatching(/^line 2: /),
  });
});

it("says of a page that is nobody's what is on it, once it has been read whole", () => {
  const reader = readerFor(auto);
  const words = (reading: PageReading): string => (reading.ok ? 'ok' : reading.message);
  expect(words(read(reader, 'queue_depth 4\n'))).toMatch(/prints these families: queue_depth/);
  const long = `queue_depth{padding="${'x'.repeat(500)}"} 4\n`.repeat(200);
  const other = readerFor(auto);
  expect(words(read(other, long))).toMatch(/^no known model server or gateway prints what is on this page/);
  expect(words(read(other, long))).toMatch(/prints these families: queue_depth/);
});

it('knows a page without any of the names looked for at once, and goes on knowing it', () => {
  const fresh = 'maxserve_model_worker_restarts_total 0\n';
  for (const engine of [auto, { ...auto, engine: { kind: 'preset', name: 'max' } as const }]) {
    const reader = readerFor(engine);
    for (let second = 0; second < 4; second++) {
      expect(read(reader, fresh)).toMatchObject({ ok: true, engine: 'max', signals: { concurrency: 0 } });
    }
    const asked = 'maxserve_num_requests_running 3\nmaxserve_request_count_total 1\n';
    for (let second = 0; second < 3; second++) {
      expect(read(reader, asked)).toMatchObject({ ok: true, signals: { concurrency: 3 } });
    }
  }
});

it('says that there was no page when none was begun', () => {
  expect(readerFor(auto).end(last)).toMatchObject([{ ok: false, failure: 'empty' }]);
});

it('finds out anew whose page it is after another URL was chosen', () => {
  const reader = readerFor(auto);
  read(reader, '# TYPE tgi_queue_size gauge\ntgi_batch_current_size 1\ntgi_queue_size 2\n');
  reader.forgetEngine();
  const reading = read(
    reader,
    '# TYPE llamacpp:requests_processing gauge\nllamacpp:requests_processing 3\nllamacpp:requests_deferred 1\n',
  );
  expect(reading).toMatchObject({ ok: true, engine: 'llamacpp', signals: { concurrency: 4 } });
});
