import { expect, it } from 'vitest';
import { engineNames, gatewayNames } from '../../../src/presets/catalogue/preset-name.ts';
import { detectionOrder, detectPreset } from '../../../src/presets/detection/detect.ts';
import { jsonPage, pageOf } from '../page-of.ts';

it('tries every preset of a text page once, and GPU exporters', () => {
  // Two are JSON, and one is like what nearly every server prints.
  const others = ['trtllm-serve-json', 'keda-http', 'http'];
  const text = [...engineNames, ...gatewayNames].filter((name) => !others.includes(name));
  expect([...detectionOrder].sort()).toEqual([...text, 'gpu'].sort());
});

it.each([
  [
    'the router before the engine whose names it prints',
    'vllm:num_requests_running{server="a"} 1\nvllm:current_qps{server="a"} 1\n',
    'production-stack',
  ],
  [
    'Triton before the vLLM families of its backend',
    'vllm:num_requests_running 1\nnv_inference_request_success 1\n',
    'triton',
  ],
  [
    'the Dynamo worker before the engine whose families it passes on',
    'dynamo_component_inflight_requests 1\nvllm:num_requests_running 1\n',
    'dynamo-worker',
  ],
  ['the endpoint picker before all', 'inference_pool_ready_pods 1\nvllm:num_requests_running 1\n', 'epp'],
  ['the loads of SGLang before its metrics', 'sglang_num_waiting_reqs 1\nsglang_num_running_reqs 1\n', 'sglang-loads'],
  [
    'engine families of Ray before those of Ray itself',
    'ray_serve_num_http_requests 1\nray_vllm:num_requests_running 1\n',
    'ray-vllm',
  ],
  ['a family that is declared only', '# TYPE vllm:num_requests_running gauge\n', 'vllm'],
  ['unprefixed names by two of them', 'num_requests_running 1\ngpu_cache_usage_perc 0\n', 'nim'],
  [
    'JetStream, which prints an unprefixed name, too',
    'num_requests_waiting 1\njetstream_prefill_backlog_size 1\n',
    'jetstream',
  ],
])('finds %s', (_name, page, preset) => expect(detectPreset(pageOf(page))).toEqual({ kind: 'preset', preset }));

it.each(['DCGM_FI_DEV_FB_USED', 'habanalabs_utilization', 'gpu_gfx_activity', 'AMD_GPU_GFX_ACTIVITY'])(
  'finds a GPU exporter by %s',
  (name) => expect(detectPreset(pageOf(`${name}{gpu="0"} 1\n`))).toEqual({ kind: 'gpu' }),
);

it.each([
  [
    'only families that any program has',
    'python_info 1\nprocess_cpu_seconds_total 1\n',
    /only python_\*, process_\*.*--disable-log-stats.*--enable-metrics.*first request/,
  ],
  ['no family at all', '# nothing\n', /no metric families.*before its first request/],
  ['a stranger', 'node_cpu_seconds_total 1\nnode_load1 2\n', /node_cpu_seconds_total, node_load1.*runningMetric/],
  ['vLLM without its load', 'vllm:prompt_tokens_total 1\n', /without vllm:num_requests_running/],
  ['an unnamed router', 'vllm:num_requests_running{server="a"} 1\n', /label "server"/],
  ['unprefixed success without the mark of trtllm-serve', 'request_success_total{engine_type="x"} 1\n', /no known/],
])('says what it saw of %s', (_name, page, message) => {
  expect(detectPreset(pageOf(page))).toEqual({ kind: 'unknown', message: expect.stringMatching(message) });
});

it('cuts long lists and long names short', () => {
  const names = Array.from({ length: 50 }, (_, index) => `x${index}_${'y'.repeat(300)} 1`).join('\n');
  const found = detectPreset(pageOf(names));
  expect(found.kind === 'unknown' && found.message.length).toBeLessThan(1000);
  expect(found).toMatchObject({ message: expect.stringContaining('and 42 more') });
});

it.each<[string, unknown, number | undefined, string]>([
  ['an empty array on the port of trtllm-serve', [], 8000, 'trtllm-serve-json'],
  ['iterations anywhere', [{ iter: 1 }], 9000, 'trtllm-serve-json'],
  ['loads', { loads: [] }, undefined, 'sglang-loads'],
  ['a queue', { 'n/a': { Concurrency: 0, RPS: 0 } }, undefined, 'keda-http'],
])('finds %s', (_name, json, port, preset) => {
  expect(detectPreset(jsonPage(json), port)).toEqual({ kind: 'preset', preset });
});

it.each<[string, unknown, RegExp]>([
  ['an empty array elsewhere', [], /trtllm-serve-json/],
  ['an empty object', {}, /no routes/],
  ['an error', { error: { code: 501 } }, /--metrics/],
  ['the older load page of SGLang', [{ dp_rank: 0, num_reqs: 3 }], /\/v1\/loads/],
  ['other objects', { status: 'ok' }, /keys status/],
  ['keys that every object has', { constructor: 1 }, /keys constructor/],
  ['other arrays', [1], /no known server/],
])('does not know %s', (_name, json, message) => {
  expect(detectPreset(jsonPage(json))).toEqual({ kind: 'unknown', message: expect.stringMatching(message) });
});
