import { expect, it } from 'vitest';
import { parseTriggerMetadata } from '../../../src/config/metadata/parse-trigger-metadata.ts';
import { engineNames } from '../../../src/presets/catalogue/preset-name.ts';
import { whyMetricAbsent, whyNever } from '../../../src/presets/reading/why-metric-absent.ts';
import { absentSignals } from '../../../src/presets/signals-outcome.ts';

it.each([
  ['bentoml', 'waiting', 'the running number of BentoML holds the waiting requests'],
  ['torchserve', 'waiting', 'pages of TorchServe print no waiting requests'],
  ['tgi', 'kvCache', 'pages of Text Generation Inference state no share of the KV cache'],
  ['triton', 'running', 'pages of Triton Inference Server print no gauge of running requests'],
  ['llamacpp', 'requestRate', 'pages of the llama.cpp server print no counter of requests'],
  ['mlserver', 'timeToFirstToken', 'pages of MLServer print no histogram of times to first token'],
  ['sglang-loads', 'timeToFirstToken', 'pages of SGLang /v1/loads print no histogram of times to first token'],
  ['sglang-loads', 'waiting', undefined],
  ['vllm', 'kvCache', undefined],
] as const)('of %s: why %s can never be read', (engine, metric, words) => expect(whyNever(engine, metric)).toBe(words));

it('is refused at once where the engine is named, with advice that is accepted', () => {
  for (const engine of engineNames) {
    for (const metric of ['running', 'waiting', 'kvCache', 'requestRate', 'timeToFirstToken'] as const) {
      const result = parseTriggerMetadata({ targetValue: '1', engine, metric });
      const never = whyNever(engine, metric);
      if (never === undefined) {
        expect(result.ok).toBe(true);
        continue;
      }
      const faults = result.ok ? [] : result.faults;
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(`"metric" "${metric}" can't be read with "engine" "${engine}": ${never}; `);
      const advised = /use "(\w+)"$/.exec(faults[0]!)?.[1];
      if (advised !== undefined) {
        expect(parseTriggerMetadata({ targetValue: '1', engine, metric: advised }).ok).toBe(true);
        expect(whyNever(engine, 'concurrency')).toBeUndefined();
      }
    }
  }
});

it.each([
  [
    'the page says why',
    'waiting',
    ['2 of 2 values are not a number of requests'],
    'waiting: 2 of 2 values are not a number of requests',
  ],
  [
    'nothing says why',
    'timeToFirstToken',
    [],
    'timeToFirstToken: the page has no histogram of times to first token, or no request had its first token lately',
  ],
] as const)('where %s, %s is named all the same', (_name, metric, problems, words) => {
  expect(whyMetricAbsent('vllm', metric, { ...absentSignals, problems })).toBe(words);
});
