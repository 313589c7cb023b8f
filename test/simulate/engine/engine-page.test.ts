import { describe, expect, it } from 'vitest';
import { detectPreset } from '../../../src/presets/detection/detect.ts';
import { readSignals } from '../../../src/presets/reading/read-signals.ts';
import { Engine } from '../../../src/simulate/engine/engine.ts';
import { renderEnginePage } from '../../../src/simulate/engine/engine-page.ts';
import { smallReplica } from '../../../src/simulate/engine/engine-profiles.ts';
import { pageOf } from '../../presets/page-of.ts';

const identity = { modelName: 'example/a "quoted" model', startedAtMs: 1_700_000_000_000 };

function loaded(): Engine {
  const engine = new Engine(smallReplica, 0);
  for (let index = 0; index < 20; index += 1) {
    engine.submit({ promptTokens: 500, outputTokens: 10 + index * 10 }, 0);
  }
  engine.advance(4000);
  return engine;
}

interface Line {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** A strict reading of the format, on purpose not the product's. */
function linesOf(page: string): Line[] {
  expect(page.endsWith('\n')).toBe(true);
  const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return samples.map((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/.exec(line);
    if (match === null) throw new Error(`not a sample: ${line}`);
    return { name: match[1]!, labels: match[2] ?? '', value: Number(match[3]) };
  });
}

const sampleOf = (lines: readonly Line[], name: string): number => lines.find((line) => line.name === name)!.value;

describe.each(['vllm', 'sglang'] as const)('the page of %s', (name) => {
  const page = renderEnginePage(name, loaded(), identity);
  const lines = linesOf(page);

  it('declares every family before its samples, once, with words', () => {
    const types = [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((match) => match[1]!);
    expect(new Set(types).size).toBe(types.length);
    const helps = [...page.matchAll(/^# HELP (\S+) .{8,}$/gm)].map((match) => match[1]!);
    expect(helps).toEqual(types);
    const families = new Set(lines.map((line) => line.name));
    expect(families.size).toBeGreaterThan(15);
    for (const family of families) {
      expect(types).toContain(types.includes(family) ? family : family.replace(/_(bucket|sum|count)$/, ''));
    }
  });

  it('is recognised and read by the service as what it is', () => {
    const engine = loaded();
    const parsed = pageOf(page);
    expect(detectPreset(parsed)).toMatchObject({ kind: 'preset', preset: name });
    const { runningRequests: running, waitingRequests: waiting } = engine;
    const signals = { running, waiting, concurrency: running + waiting, requestsTotal: engine.stats.finished };
    const models = [identity.modelName];
    expect(readSignals(parsed, name, models)).toMatchObject({ signals: { ...signals, models } });
  });

  it('has numbers only, and no series twice', () => {
    expect(lines.filter((line) => !Number.isFinite(line.value))).toEqual([]);
    const series = lines.map((line) => line.name + line.labels);
    expect(new Set(series).size).toBe(series.length);
  });

  it('has buckets that never fall and end in the count', () => {
    let checked = 0;
    for (const { name: family, labels, value } of lines) {
      if (!family.endsWith('_bucket') || !labels.includes('le="+Inf"')) continue;
      const buckets = lines.filter((line) => line.name === family).map((line) => line.value);
      expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
      expect(value).toBe(sampleOf(lines, family.replace('_bucket', '_count')));
      checked += 1;
    }
    expect(checked).toBeGreaterThan(4);
  });
});

it('prints the load as vLLM does, on a page of its size', () => {
  const engine = loaded();
  const page = renderEnginePage('vllm', engine, identity);
  const lines = linesOf(page);
  expect(page.length).toBeGreaterThan(30_000);
  expect(page.length).toBeLessThan(60_000);
  expect(engine.runningRequests).toBeGreaterThan(0);
  expect(sampleOf(lines, 'vllm:num_requests_running')).toBe(engine.runningRequests);
  expect(sampleOf(lines, 'vllm:num_requests_waiting')).toBe(engine.waitingRequests);
  expect(sampleOf(lines, 'vllm:kv_cache_usage_perc')).toBeCloseTo(engine.kvCacheRatio);
  expect(sampleOf(lines, 'vllm:generation_tokens_total')).toBe(engine.stats.generationTokens);
  const finished = lines.filter((line) => line.name === 'vllm:request_success_total').map((line) => line.value);
  expect(finished.reduce((sum, value) => sum + value)).toBe(engine.stats.finished);
  expect(page).toContain('vllm:num_requests_running{engine="0",model_name="example/a \\"quoted\\" model"}');
});

it('prints the load as SGLang does', () => {
  const engine = loaded();
  const lines = linesOf(renderEnginePage('sglang', engine, identity));
  expect(sampleOf(lines, 'sglang:num_running_reqs')).toBe(engine.runningRequests);
  expect(sampleOf(lines, 'sglang:num_queue_reqs')).toBe(engine.waitingRequests);
  expect(sampleOf(lines, 'sglang:num_requests_total')).toBe(engine.stats.finished);
});
