import { expect, it } from 'vitest';
import type { PresetName } from '../../../src/presets/catalogue/preset-name.ts';
import { readCustomSignals } from '../../../src/presets/reading/read-custom.ts';
import { readSignals } from '../../../src/presets/reading/read-signals.ts';
import { jsonPage, pageOf } from '../page-of.ts';

const parts: [title: string, preset: PresetName, page: string, concurrency: number][] = [
  [
    'an engine of vLLM',
    'vllm',
    'vllm:num_requests_running{engine="0"} 8\nvllm:num_requests_running{engine="1"} NaN\nvllm:num_requests_waiting{engine="0"} 1\nvllm:num_requests_waiting{engine="1"} NaN\n',
    9,
  ],
  [
    'only the waiting number of one engine',
    'vllm',
    'vllm:num_requests_running{engine="0"} 8\nvllm:num_requests_running{engine="1"} 2\nvllm:num_requests_waiting{engine="0"} 0\nvllm:num_requests_waiting{engine="1"} -1\n',
    10,
  ],
  [
    'a data-parallel rank of SGLang',
    'sglang',
    'sglang:num_running_reqs{dp_rank="0"} 3\nsglang:num_running_reqs{dp_rank="1"} NaN\nsglang:num_queue_reqs{dp_rank="0"} 1\nsglang:num_queue_reqs{dp_rank="1"} 0\n',
    4,
  ],
  [
    'a replica on a page of Ray Serve LLM',
    'ray-vllm',
    'ray_vllm_num_requests_running{ReplicaId="a"} +Inf\nray_vllm_num_requests_running{ReplicaId="b"} 7\nray_vllm_num_requests_waiting{ReplicaId="b"} 0\n',
    7,
  ],
  [
    'a model of Xinference',
    'xinference',
    'xinference:model_serve_count{model_uid="a"} 4\nxinference:model_serve_count{model_uid="b"} NaN\n',
    4,
  ],
];

it.each(parts)('knows of the others where %s says no number', (_title, preset, page, concurrency) => {
  const outcome = readSignals(pageOf(page), preset);
  expect(outcome).toMatchObject({ ok: true, signals: { concurrency, partial: true, kvCachePartial: false } });
  const whole = readSignals(pageOf(page.replaceAll(/(NaN|\+Inf|-1)$/gm, '2')), preset);
  expect(whole).toMatchObject({ ok: true, signals: { partial: false } });
});

it('knows nothing where nobody says a number', () => {
  const page = 'vllm:num_requests_running{engine="0"} NaN\nvllm:num_requests_waiting{engine="0"} 0\n';
  expect(readSignals(pageOf(page), 'vllm')).toMatchObject({ signals: { concurrency: undefined } });
});

it('knows of the ranks that have reported to /v1/loads', () => {
  const rank = (timestamp: number, running: number) => ({ timestamp, num_running_reqs: running, num_waiting_reqs: 0 });
  const page = jsonPage({ loads: [rank(1_700_000_000, 6), rank(0, 0)] });
  expect(readSignals(page, 'sglang-loads')).toMatchObject({ signals: { concurrency: 6, partial: true } });
  const none = readSignals(jsonPage({ loads: [rank(0, 0), rank(0, 0)] }), 'sglang-loads');
  expect(none).toMatchObject({ signals: { concurrency: undefined } });
});

it('knows of the others where a family that the user named says no number in one series', () => {
  const page = pageOf('jobs{worker="a"} 3\njobs{worker="b"} NaN\n');
  expect(readCustomSignals(page, { running: { family: 'jobs', labels: {} } })).toMatchObject({
    signals: { concurrency: 3, partial: true },
  });
});

it('has no counter one of whose series says no number: it would seem to fall, and then to have grown by all of it', () => {
  const page =
    'vllm:num_requests_running 0\nvllm:num_requests_waiting 0\nvllm:request_success_total{finished_reason="stop"} 100\nvllm:request_success_total{finished_reason="length"} NaN\n';
  expect(readSignals(pageOf(page), 'vllm')).toMatchObject({ signals: { concurrency: 0, requestsTotal: undefined } });
});

it('says so where the KV cache of one engine is not known, and only of the KV cache', () => {
  const page =
    'vllm:num_requests_running 1\nvllm:num_requests_waiting 0\nvllm:kv_cache_usage_perc{engine="0"} 0.5\nvllm:kv_cache_usage_perc{engine="1"} NaN\n';
  expect(readSignals(pageOf(page), 'vllm')).toMatchObject({
    signals: { kvCacheRatio: 0.5, kvCachePartial: true, partial: false },
  });
});
