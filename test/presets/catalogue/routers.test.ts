import { expect, it } from 'vitest';
import type { PresetName } from '../../../src/presets/catalogue/preset-name.ts';
import { gatewayNames } from '../../../src/presets/catalogue/preset-name.ts';
import { presets } from '../../../src/presets/catalogue/presets.ts';
import { detectPreset } from '../../../src/presets/detection/detect.ts';
import { readSignals } from '../../../src/presets/reading/read-signals.ts';
import type { Signals } from '../../../src/presets/signals.ts';
import { pageOf } from '../page-of.ts';

/** A page that is told by itself, and what it says. */
function signalsOf(preset: PresetName, text: string, models?: readonly string[]): Signals {
  expect(detectPreset(pageOf(text))).toEqual({ kind: 'preset', preset });
  const outcome = readSignals(pageOf(text), preset, models);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.signals;
}

it.each<[PresetName, string]>([
  ['smg', 'smg_worker_overload_shed_total{stage="dispatch"} 0\nsmg_tokio_workers 2\n'],
  ['sglang-router', 'smg_worker_pool_size{model="tiny"} 2\nsmg_worker_health{worker="a"} 1\n'],
  ['vllm-router', 'vllm_router_active_workers 0\n'],
])('%s that was never asked is idle, and nobody is told to change a thing', (preset, page) => {
  expect(signalsOf(preset, page)).toMatchObject({ concurrency: 0, requestsTotal: 0, inferred: true, problems: [] });
});

it.each<[PresetName, string, number]>([
  ['sglang-router', 'smg_router_requests_total{model="tiny"} 5\nsmg_http_connections_active 0\n', 5],
  ['vllm-router', 'vllm_router_processed_requests_total{worker="a"} 12\nvllm_router_active_workers 1\n', 12],
  ['vllm-router', 'vllm_router_retries_exhausted_total{route="/v1/completions"} 5\nvllm_router_active_workers 0\n', 5],
])('%s under a policy that keeps no gauge is unknown and counts requests', (preset, page, requestsTotal) => {
  const { concurrency, problems, requestsTotal: counted } = signalsOf(preset, page);
  expect({ concurrency, counted }).toEqual({ concurrency: undefined, counted: requestsTotal });
  expect(problems.join()).toMatch(/policies that look at load/);
});

it('SMG counts what found no worker under a model of its own, which can be asked for', () => {
  const page =
    'smg_admission_inflight 0\nsmg_router_requests_total{model="other"} 5\nsmg_router_requests_total{model="tiny"} 3\n';
  expect(signalsOf('smg', page, ['tiny', 'other'])).toMatchObject({ requestsTotal: 8, concurrency: 0 });
  expect(signalsOf('smg', page, ['tiny']).requestsTotal).toBe(3);
});

it('Envoy counts requests that found no healthy host', () => {
  const page =
    'envoy_cluster_upstream_rq_active{envoy_cluster_name="a"} 0\nenvoy_cluster_upstream_rq_total{envoy_cluster_name="a"} 7\nenvoy_cluster_upstream_cx_none_healthy{envoy_cluster_name="a"} 50\nenvoy_cluster_upstream_cx_none_healthy{envoy_cluster_name="b"} 9\n';
  expect(signalsOf('envoy', page, ['a']).requestsTotal).toBe(57);
});

it("reads vLLM's page with AIBrix's names on it", () => {
  const page =
    'vllm:num_requests_running{model_name="m"} 3\naibrix:queue_size{model_name="m"} 4\naibrix:gpu_cache_usage_perc{model_name="m"} 0.5\naibrix:request_success_total{model_name="m"} 9\n';
  expect(signalsOf('vllm', page)).toMatchObject({ concurrency: 7, kvCacheRatio: 0.5, requestsTotal: 9 });
});

it('says of every gateway whose requests can be read what becomes of them while nothing runs', () => {
  const silent = gatewayNames.filter((name) => presets[name].atZero === undefined);
  expect(silent.filter((name) => presets[name].whyNoConcurrency === undefined)).toEqual([]);
});
