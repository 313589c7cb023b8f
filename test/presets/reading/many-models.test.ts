import { expect, it } from 'vitest';
import { defaultPageLimits } from '../../../src/exposition/page-parser.ts';
import type { EngineSelection } from '../../../src/presets/engine-selection.ts';
import type { PageReading } from '../../../src/presets/reading/page-reader.ts';
import { PageReader } from '../../../src/presets/reading/page-reader.ts';
import { WantedNamesCache } from '../../../src/presets/reading/wanted-names-cache.ts';

const families = {
  vllm: ['vllm:num_requests_running', 'vllm:num_requests_waiting'],
  'dynamo-frontend': [
    'dynamo_frontend_inflight_requests',
    'dynamo_frontend_model_max_num_seqs',
    'dynamo_frontend_model_workers',
  ],
} as const;
type Name = keyof typeof families;

/** A page as a server prints it that means harm: other models without end. */
function pageOf(name: Name, models: number): Buffer {
  const label = name === 'vllm' ? 'model_name' : 'model';
  const lines = families[name].flatMap((family) =>
    Array.from({ length: models }, (_, at) => `${family}{${label}="model-${at}"} 1\n`),
  );
  return Buffer.from(lines.join(''));
}

function read(name: Name, page: Buffer, asked: readonly string[] | undefined): { ms: number; reading: PageReading } {
  const engine: EngineSelection = { kind: 'preset', name };
  let ms = Number.POSITIVE_INFINITY;
  let reading: PageReading | undefined;
  for (let nth = 0; nth < 5; nth++) {
    // One that has met no label set yet, or what fits into its memory would be read ten times as fast.
    const reader = new PageReader(defaultPageLimits, new WantedNamesCache());
    reader.setInterests([{ role: 'replica', engine, models: asked, route: undefined }]);
    const startedMs = performance.now();
    reader.begin('text/plain');
    reader.push(page);
    reading = reader.end({ port: 8000, lastCandidate: true })[0];
    ms = Math.min(ms, performance.now() - startedMs);
  }
  return { ms, reading: reading! };
}

const names = Object.keys(families) as Name[];
const thousand = Array.from({ length: 1000 }, (_, at) => `other-${at}`);

// Others have the processor at times: a second look is allowed, a wrong order of growth fails each.
it.each(names)('reads a %s page of thousands of models in a time that grows as it does', { retry: 3 }, (name) => {
  const few = read(name, pageOf(name, 300), undefined);
  const many = read(name, pageOf(name, 3000), undefined);
  expect(many.reading).toMatchObject({ ok: true, signals: { running: 3000 } });
  expect(many.ms).toBeLessThan(80 * few.ms);
});

it.each(names)('looks for thousands of models on a %s page of thousands of others', { retry: 3 }, (name) => {
  const few = read(name, pageOf(name, 300), thousand);
  const many = read(name, pageOf(name, 3000), thousand);
  expect(many.ms).toBeLessThan(80 * few.ms);
  const problems = many.reading.ok ? many.reading.signals.problems : [];
  expect(problems).toHaveLength(10);
  expect(problems[0]).toContain('model "other-0" is not on this page; it has: model-0');
});
