import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Page, Sample } from '../../../src/exposition/page.ts';
import type { PresetName } from '../../../src/presets/catalogue/preset-name.ts';
import { readSignals } from '../../../src/presets/reading/read-signals.ts';
import type { Signals } from '../../../src/presets/signals.ts';
import { jsonPage, pageOf } from '../page-of.ts';

function signalsOf(page: string | Page, preset: PresetName = 'vllm', models?: readonly string[]): Signals {
  const outcome = readSignals(typeof page === 'string' ? pageOf(page) : page, preset, models);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.signals;
}

type Case = [name: string, preset: PresetName, page: string, reads: Partial<Signals>];

const traps: Case[] = [
  [
    'a split of the waiting requests by reason is not added',
    'vllm',
    'vllm:num_requests_running 1\nvllm:num_requests_waiting 5\nvllm:num_requests_waiting_by_reason{reason="capacity"} 4\nvllm:num_requests_waiting_by_reason{reason="deferred"} 1\n',
    { waiting: 5, concurrency: 6 },
  ],
  [
    'both names of the KV gauge count once, the new one',
    'vllm',
    'vllm:num_requests_running 1\nvllm:num_requests_waiting 0\nvllm:gpu_cache_usage_perc 0.9\nvllm:kv_cache_usage_perc 0.4\n',
    { kvCacheRatio: 0.4 },
  ],
  [
    'the old name of the KV gauge is read where the new one is declared only',
    'vllm',
    '# TYPE vllm:kv_cache_usage_perc gauge\nvllm:num_requests_running 1\nvllm:num_requests_waiting 0\nvllm:gpu_cache_usage_perc 0.9\n',
    { kvCacheRatio: 0.9 },
  ],
  [
    'copies that processes keep of one gauge are one',
    'vllm',
    'vllm:num_requests_running{engine="0",pid="1"} 4\nvllm:num_requests_running{engine="0",pid="2"} 6\nvllm:num_requests_running{engine="1",pid="1"} 1\nvllm:num_requests_waiting 0\n',
    { running: 7 },
  ],
  [
    'of identical series the last one counts, whatever the order of its labels',
    'vllm',
    'vllm:num_requests_running{engine="0",model_name="m"} 4\nvllm:num_requests_running{model_name="m",engine="0"} 6\nvllm:num_requests_waiting 0\n',
    { running: 6 },
  ],
  [
    'underscores in sampled names are colons',
    'vllm',
    '# TYPE vllm:num_requests_running gauge\nvllm_num_requests_running 3\nvllm_num_requests_waiting 1\n',
    { concurrency: 4 },
  ],
  [
    'values that are no number of requests are left out, and said so',
    'vllm',
    'vllm:num_requests_running{engine="0"} NaN\nvllm:num_requests_running{engine="1"} 3\nvllm:num_requests_running{engine="2"} -1\nvllm:num_requests_running{engine="3"} +Inf\nvllm:num_requests_running{engine="4"} 9223372036854775794\nvllm:num_requests_waiting 0\n',
    { running: 3, problems: ['4 of 5 values of vllm:num_requests_running are not a number of requests'] },
  ],
  [
    'a gauge of which every value is broken is unknown, even when no request was counted',
    'vllm',
    'vllm:num_requests_running NaN\nvllm:num_requests_waiting 0\nvllm:request_success_total 0\n',
    { running: undefined, waiting: 0, concurrency: undefined, inferred: false },
  ],
  [
    'zero is inferred from declared gauges beside counters that are all 0',
    'vllm',
    '# TYPE vllm:num_requests_running gauge\nvllm:request_success_total{finished_reason="stop"} 0\nvllm:request_success_total{finished_reason="abort"} 0\n',
    { running: 0, waiting: 0, concurrency: 0, inferred: true, problems: [] },
  ],
  [
    'zero is inferred without the gauge, and nobody is told to switch on metrics that are on',
    'bentoml',
    'bentoml_service_request_total{endpoint="/chat",http_response_code="200",runner_name="S",service_name="S"} 0\n',
    { running: 0, concurrency: 0, inferred: true, problems: [] },
  ],
  [
    'zero is not inferred once a request was counted',
    'vllm',
    '# TYPE vllm:num_requests_running gauge\nvllm:request_success_total{finished_reason="stop"} 1\nvllm:request_success_total{finished_reason="abort"} 0\n',
    { running: undefined, waiting: undefined, concurrency: undefined, inferred: false },
  ],
  [
    'zero is not inferred from a counter that is declared only',
    'vllm',
    '# TYPE vllm:num_requests_running gauge\n# TYPE vllm:request_success_total counter\n',
    { running: undefined, concurrency: undefined, inferred: false },
  ],
  [
    'zero is not inferred from an optional counter alone',
    'sglang',
    'sglang:context_len 4096\nsglang:num_aborted_requests_total 0\n',
    { concurrency: undefined, inferred: false },
  ],
  [
    'an engine in sleep mode keeps its numbers and is marked',
    'vllm',
    'vllm:num_requests_running 2\nvllm:num_requests_waiting 0\nvllm:engine_sleep_state{sleep_state="awake"} 0\nvllm:engine_sleep_state{sleep_state="discard_all"} 1\n',
    { concurrency: 2, asleep: true },
  ],
  [
    'one engine awake is enough',
    'vllm',
    'vllm:num_requests_running 2\nvllm:num_requests_waiting 0\nvllm:engine_sleep_state{engine="0",sleep_state="awake"} 0\nvllm:engine_sleep_state{engine="1",sleep_state="awake"} 1\n',
    { asleep: false },
  ],
  [
    'a KV gauge above 1 is no ratio',
    'vllm',
    'vllm:num_requests_running 2\nvllm:num_requests_waiting 0\nvllm:kv_cache_usage_perc 41\n',
    { kvCacheRatio: undefined, problems: ['vllm:kv_cache_usage_perc is 41, which is no ratio between 0 and 1'] },
  ],
  [
    'a histogram that ends in _total is no token counter',
    'vllm',
    'vllm:num_requests_running 2\nvllm:num_requests_waiting 0\nvllm:iteration_tokens_total_sum 40\nvllm:iteration_tokens_total_count 4\n',
    { stepsTotal: undefined },
  ],
  [
    'SGLang: pipeline and tensor ranks repeat, data-parallel ranks add',
    'sglang',
    [0, 1]
      .flatMap((dp) =>
        [0, 1].flatMap((pp) =>
          [0, 1].map((tp) => `sglang:num_running_reqs{dp_rank="${dp}",pp_rank="${pp}",tp_rank="${tp}"} ${3 + dp + pp}`),
        ),
      )
      .concat('sglang:num_queue_reqs{dp_rank="0"} 1', 'sglang:num_queue_reqs{dp_rank="1"} 1\n')
      .join('\n'),
    { running: 9, waiting: 2 },
  ],
  [
    'SGLang: priorities are parts of the series without one',
    'sglang',
    'sglang:num_running_reqs{priority=""} 5\nsglang:num_running_reqs{priority="1"} 2\nsglang:num_running_reqs{priority="None"} 9\nsglang:num_queue_reqs{priority=""} 0\n',
    { running: 5 },
  ],
  [
    'Triton with TensorRT-LLM: a negative part does not touch the whole',
    'triton-trtllm',
    'nv_trt_llm_request_metrics{request_type="active"} 2\nnv_trt_llm_request_metrics{request_type="scheduled"} 3\nnv_trt_llm_request_metrics{request_type="waiting"} -1\n',
    { running: 3, waiting: undefined, concurrency: 2 },
  ],
  [
    'TEI: what came in less what went out is no load, for many versions forget to count some of both',
    'tei',
    'te_request_count 2000\nte_request_success 1000\nte_queue_size 3\n',
    { running: undefined, waiting: 3, concurrency: undefined },
  ],
  [
    'BentoML: a page that counted health checks only is idle',
    'bentoml',
    'bentoml_service_request_in_progress{endpoint="/readyz",runner_name="A",service_name="a"} 1\nbentoml_service_request_total{endpoint="/readyz",runner_name="A",service_name="a"} 7\n',
    { running: 0, concurrency: 0, requestsTotal: 0, problems: [] },
  ],
  [
    'BentoML: health checks in progress beside requests that have ended is idle, too',
    'bentoml',
    'bentoml_service_request_in_progress{endpoint="/readyz",runner_name="A",service_name="a"} 1\nbentoml_service_request_total{endpoint="/chat",runner_name="A",service_name="a"} 7\n',
    { running: 0, concurrency: 0, requestsTotal: 7, inferred: false },
  ],
  [
    'more used than there is, is no share',
    'mistralrs',
    'mistralrs_sequences_running 1\nmistralrs_sequences_waiting 0\nmistralrs_kv_cache_blocks_used 9\nmistralrs_kv_cache_blocks_total 8\n',
    { kvCacheRatio: undefined },
  ],
  [
    'each used number is divided by its own total, and the fullest counts',
    'triton-trtllm',
    'nv_trt_llm_request_metrics{model="a",request_type="active"} 2\nnv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="used",model="a"} 9\nnv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="max",model="a"} 100\nnv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="used",model="b"} 5\nnv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="max",model="b"} 10\n',
    { kvCacheRatio: 0.5 },
  ],
  [
    'the endpoint picker: the queue is 0 while flow control is off',
    'epp',
    'inference_objective_running_requests{model_name="a"} 2\ninference_pool_average_queue_size 5\n',
    { running: 2, waiting: 0, concurrency: 2 },
  ],
  [
    'the Dynamo frontend: the old name where there is no new one, and no capacity without workers',
    'dynamo-frontend',
    'dynamo_frontend_inflight_requests{model="d"} 3\ndynamo_frontend_model_max_num_seqs{model="d"} 8\n',
    { running: 3, capacity: undefined },
  ],
  [
    'SGLang /v1/loads as text',
    'sglang-loads',
    'sglang_num_running_reqs{dp_rank="0"} 3\nsglang_num_running_reqs{dp_rank="1"} 1\nsglang_num_waiting_reqs{dp_rank="0"} 2\nsglang_num_waiting_reqs{dp_rank="1"} 0\nsglang_queues_grammar{dp_rank="1"} 1\nsglang_max_running_requests{dp_rank="0"} 8\nsglang_max_running_requests{dp_rank="1"} 8\nsglang_token_usage{dp_rank="0"} 0.5\nsglang_token_usage{dp_rank="1"} 0.25\n',
    { running: 4, waiting: 3, concurrency: 7, capacity: 16, kvCacheRatio: 0.5 },
  ],
];

it.each(traps)('%s', (_name, preset, page, reads) => expect(signalsOf(page, preset)).toMatchObject(reads));

it('counts the rows of the traps', () => expect(traps.length).toBeGreaterThan(20));

describe('model filter', () => {
  const twoModels =
    'vllm:num_requests_running{model_name="a"} 1\nvllm:num_requests_running{model_name="b"} 2\nvllm:num_requests_waiting{model_name="a"} 4\nvllm:num_requests_waiting{model_name="b"} 8\nvllm:num_requests_running{model_name="c"} 100\nvllm:num_requests_waiting{model_name="c"} 0\n';

  it.each([
    ['none configured: all', undefined, 115],
    ['one', ['a'], 5],
    ['several: their sum', ['a', 'b'], 15],
  ])('%s', (_name, models, concurrency) => {
    expect(signalsOf(twoModels, 'vllm', models)).toMatchObject({ concurrency, models: ['a', 'b', 'c'], problems: [] });
  });

  it('adds the models that are there and names the one that is not', () => {
    expect(signalsOf(twoModels, 'vllm', ['a', 'x'])).toMatchObject({
      concurrency: 5,
      problems: ['model "x" is not on this page; it has: a, b, c'],
    });
  });

  it('is never zero for a model that is not there, nor for one that has a part of the name', () => {
    const want = { running: undefined, waiting: undefined, concurrency: undefined, requestsTotal: undefined };
    for (const model of ['x', 'A', 'a ', '']) {
      const signals = signalsOf(`${twoModels}vllm:request_success_total{model_name="a"} 0\n`, 'vllm', [model]);
      expect(signals).toMatchObject({ ...want, models: ['a', 'b', 'c'] });
      expect(signals.problems).toEqual([`model "${model}" is not on this page; it has: a, b, c`]);
    }
  });

  it('infers zero from the counters of that model alone', () => {
    const page =
      'vllm:num_requests_running{model_name="a"} 1\nvllm:num_requests_waiting{model_name="a"} 0\nvllm:request_success_total{model_name="a"} 9\nvllm:request_success_total{model_name="b"} 0\n';
    expect(signalsOf(page, 'vllm', ['b'])).toMatchObject({ concurrency: 0, inferred: true });
  });

  it('takes a page without model names for the one configured model, not for two', () => {
    const page = 'tgi_batch_current_size 3\ntgi_queue_size 2\n';
    expect(signalsOf(page, 'tgi', ['llama'])).toMatchObject({ concurrency: 5, problems: [] });
    expect(signalsOf(page, 'tgi', ['llama', 'qwen'])).toMatchObject({ concurrency: undefined, running: undefined });
    expect(signalsOf(page, 'tgi', ['llama', 'qwen']).problems[0]).toMatch(/names no model.*not for 2/);
  });

  it('counts what is not split by model only where the page has no other model', () => {
    const page = 'litellm_in_flight_requests 4\nlitellm_proxy_total_requests_metric_total{requested_model="g"} 8\n';
    expect(signalsOf(page, 'litellm', ['g']).concurrency).toBe(3);
    const other = `${page}litellm_proxy_total_requests_metric_total{requested_model="h"} 1\n`;
    expect(signalsOf(other, 'litellm', ['g']).concurrency).toBeUndefined();
    expect(signalsOf(other, 'litellm', ['g', 'h']).concurrency).toBe(3);
  });

  const llamas =
    'llamacpp:requests_processing{model="ai/small"} 1\nllamacpp:requests_processing{model="ai/large"} 6\nllamacpp:requests_deferred{model="ai/small"} 0\nllamacpp:requests_deferred{model="ai/large"} 9\n';
  const workers =
    'dynamo_component_inflight_requests{dynamo_endpoint="generate",model="a"} 4\ndynamo_component_inflight_requests{dynamo_endpoint="generate",model="b"} 3\n';

  it.each<[string, PresetName, string, number]>([
    ['ai/small', 'llamacpp', llamas, 1],
    ['ai/large', 'llamacpp', llamas, 15],
    ['b', 'dynamo-worker', workers, 3],
  ])('chooses %s by the label that %s pages have', (model, preset, page, concurrency) => {
    expect(signalsOf(page, preset, [model]).concurrency).toBe(concurrency);
  });

  it.each<[PresetName, string, string]>([
    [
      'mlserver',
      'rest_server_requests_in_progress{method="POST"} 5\nmodel_infer_request_success_total{model="a"} 11\nmodel_infer_request_success_total{model="b"} 0\n',
      'rest_server_requests_in_progress',
    ],
    [
      'production-stack',
      'vllm:num_requests_running{server="http://x"} 40\nvllm:num_incoming_requests_total{model="a"} 3\nvllm:num_incoming_requests_total{model="b"} 90\nvllm:current_qps{server="http://x"} 1\n',
      'vllm:num_requests_running',
    ],
    [
      'litellm',
      'litellm_in_flight_requests 9\nlitellm_proxy_total_requests_metric_total{requested_model="a"} 1\nlitellm_proxy_total_requests_metric_total{requested_model="b"} 1\n',
      'litellm_in_flight_requests',
    ],
  ])('of %s is refused where its gauge has no model label, and no zero is inferred', (preset, page, gauge) => {
    for (const model of ['a', 'b']) {
      const { running, concurrency, inferred, problems } = signalsOf(page, preset, [model]);
      expect({ running, concurrency, inferred }).toEqual({
        running: undefined,
        concurrency: undefined,
        inferred: false,
      });
      expect(problems[0]).toMatch(new RegExp(`^${gauge} has no model label .*"${model}"`));
      expect(problems.join()).not.toContain('is not on this page');
    }
    expect(signalsOf(page, preset, ['a', 'b']).concurrency).toBeGreaterThan(0);
  });

  it('is refused where a server of several models names none', () => {
    expect(signalsOf('rest_server_requests_in_progress 5\n', 'mlserver', ['a'])).toMatchObject({
      concurrency: undefined,
      problems: [expect.stringContaining('has no model label')],
    });
  });

  it('tells the requests of a model apart by the counters of a router whose gauge does not', () => {
    const page =
      'vllm:num_requests_running{server="x"} 40\nvllm:num_incoming_requests_total{model="a"} 3\nvllm:num_incoming_requests_total{model="b"} 90\n';
    expect(signalsOf(`${page}vllm:current_qps{server="x"} 1\n`, 'production-stack', ['a']).requestsTotal).toBe(3);
  });

  it('is the key of a route on a queue page', () => {
    const page = jsonPage({ 'n/a': { Concurrency: 3, RequestCount: 1 }, 'n/b': { Concurrency: 4, RPS: 0.5 } });
    expect(signalsOf(page, 'keda-http', ['n/a'])).toMatchObject({ concurrency: 3, requestsTotal: 1 });
    expect(signalsOf(page, 'keda-http')).toMatchObject({ concurrency: 7, requestsTotal: undefined });
    expect(signalsOf(page, 'keda-http', ['n/c'])).toMatchObject({
      concurrency: undefined,
      problems: ['model "n/c" is not on this page; it has: n/a, n/b'],
    });
  });
});

describe('JSON pages that say nothing', () => {
  it.each<[string, PresetName, unknown]>([
    ['an empty iteration array', 'trtllm-serve-json', []],
    ['an iteration without its numbers', 'trtllm-serve-json', [{ iter: 4 }]],
    [
      'an iteration with a broken number',
      'trtllm-serve-json',
      [{ iter: 4, numActiveRequests: '3', numQueuedRequests: 1 }],
    ],
    ['loads without ranks', 'sglang-loads', { loads: [] }],
    ['a rank without its numbers', 'sglang-loads', { loads: [{ num_running_reqs: 1, num_waiting_reqs: 1 }, {}] }],
    [
      'a rank that never reported',
      'sglang-loads',
      { loads: [{ num_running_reqs: 0, num_waiting_reqs: 0, timestamp: 0 }] },
    ],
    ['a queue without routes', 'keda-http', {}],
    ['a route with a broken number', 'keda-http', { 'n/a': { Concurrency: -1 } }],
  ])('%s is unknown, not zero', (_name, preset, json) => {
    const signals = signalsOf(jsonPage(json), preset);
    expect(signals).toMatchObject({ concurrency: undefined, inferred: false });
    expect(signals.problems.length).toBeGreaterThan(0);
  });
});

describe('wrong engine', () => {
  it.each<[string, PresetName, string | Page, RegExp]>([
    ['another engine', 'vllm', 'sglang:num_running_reqs 1\nsglang:num_queue_reqs 0\n', /vLLM.*page is one of SGLang/],
    ['statistics switched off', 'vllm', 'python_info 1\nhttp_requests_total 4\n', /--disable-log-stats/],
    ['a router with the same names', 'vllm', 'vllm:num_requests_running{server="http://a"} 1\n', /router/],
    ['SGLang without metrics', 'sglang', 'process_cpu_seconds_total 1\n', /--enable-metrics/],
    ['a GPU exporter', 'tgi', 'DCGM_FI_DEV_GPU_UTIL{gpu="0"} 4\n', /GPU exporter/],
    ['JSON for text', 'trtllm-serve', jsonPage([]), /text page, found JSON/],
    ['text for JSON', 'trtllm-serve-json', 'vllm:num_requests_running 1\n', /found a text page/],
    ['the JSON of another', 'keda-http', jsonPage({ loads: [] }), /SGLang/],
    ['an empty array for a queue', 'keda-http', jsonPage([]), /other JSON/],
  ])('%s is said, not read as zero', (_name, preset, page, message) => {
    const outcome = readSignals(typeof page === 'string' ? pageOf(page) : page, preset);
    expect(outcome).toMatchObject({ ok: false, failure: 'wrong-engine', message: expect.stringMatching(message) });
  });

  it.each<[PresetName, string, RegExp]>([
    ['vllm', '# TYPE vllm:num_requests_running gauge\nvllm:num_requests_waiting 0\n', /declared without a value/],
    ['tgi', 'tgi_request_success 3\n', /after its first request/],
    ['sglang', 'sglang:context_len 4096\n', /sglang:num_running_reqs is not on this page/],
    ['trtllm-serve', 'trtllm_max_batch_size_runtime 3\n', /return_perf_metrics/],
    ['llamacpp', 'llamacpp:prompt_tokens_total 3\n', /--metrics/],
  ])('the right page of %s without its gauges says why', (preset, page, problem) => {
    const { concurrency, problems } = signalsOf(page, preset);
    expect(concurrency).toBeUndefined();
    expect(problems.join('; ')).toMatch(problem);
  });
});

it('reads the same from samples in any order, as long as no series is printed twice', () => {
  const engines = fc.uniqueArray(fc.record({ engine: fc.nat(40), running: fc.nat(500), waiting: fc.nat(500) }), {
    selector: ({ engine }) => engine,
    minLength: 1,
    maxLength: 12,
  });
  const property = fc.property(engines, fc.infiniteStream(fc.nat()), (loads, chance) => {
    const samples: Sample[] = loads.flatMap(({ engine, running, waiting }) => {
      const labels = { engine: String(engine), model_name: 'm' };
      return [
        { name: 'vllm_num_requests_running', labels, value: running },
        { name: 'vllm_num_requests_waiting', labels, value: waiting },
        { name: 'vllm_request_success_total', labels, value: running + 1 },
      ];
    });
    const shuffled = samples
      .map((sample) => ({ sample, at: chance.next().value as number }))
      .sort((one, other) => one.at - other.at)
      .map(({ sample }) => sample);
    const sum = loads.reduce((total, { running, waiting }) => total + running + waiting, 0);
    expect(signalsOf(pageWith(samples)).concurrency).toBe(sum);
    expect(signalsOf(pageWith(shuffled))).toEqual(signalsOf(pageWith(samples)));
    expect(signalsOf(pageWith([...samples, ...samples]))).toEqual(signalsOf(pageWith(samples)));
  });
  fc.assert(property);
});

function pageWith(samples: readonly Sample[]): Page {
  return { format: 'text', samples, declared: new Map(), sampleLines: samples.length, declaredFamilies: 0 };
}
