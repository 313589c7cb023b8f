import { expect, it } from 'vitest';
import type { Page } from '../../../src/exposition/page.ts';
import { wantedNames } from '../../../src/exposition/wanted-names.ts';
import type { PresetName } from '../../../src/presets/catalogue/preset-name.ts';
import { engineNames, gatewayNames } from '../../../src/presets/catalogue/preset-name.ts';
import { knownPaths, presets } from '../../../src/presets/catalogue/presets.ts';
import { detectPreset } from '../../../src/presets/detection/detect.ts';
import { familiesOf, readSignals } from '../../../src/presets/reading/read-signals.ts';
import type { Signals } from '../../../src/presets/signals.ts';
import { jsonPage, pageOf } from '../page-of.ts';

interface Row {
  readonly page: string | object;
  readonly reads: Partial<Signals>;
}

const vllmLike = (prefix: string) => `
# TYPE ${prefix}num_requests_running gauge
${prefix}num_requests_running{engine="0",model_name="m"} 3
${prefix}num_requests_running{engine="1",model_name="m"} 4
${prefix}num_requests_waiting{engine="0",model_name="m"} 2
${prefix}num_requests_waiting{engine="1",model_name="m"} 0
${prefix}kv_cache_usage_perc{engine="0",model_name="m"} 0.25
${prefix}kv_cache_usage_perc{engine="1",model_name="m"} 0.5
${prefix}request_success_total{engine="0",finished_reason="stop",model_name="m"} 10
${prefix}request_success_total{engine="0",finished_reason="length",model_name="m"} 5
${prefix}generation_tokens_total{engine="0",model_name="m"} 900
${prefix}time_to_first_token_seconds_sum{engine="0",model_name="m"} 1.5
${prefix}time_to_first_token_seconds_count{engine="0",model_name="m"} 15
`;
const vllmReads: Partial<Signals> = {
  running: 7,
  waiting: 2,
  concurrency: 9,
  capacity: undefined,
  kvCacheRatio: 0.5,
  requestsTotal: 15,
  stepsTotal: 900,
  timeToFirstTokenSecondsSum: 1.5,
  timeToFirstTokenCount: 15,
  models: ['m'],
  problems: [],
};

/** A Record, so that a new preset does not compile until it has a row. */
const rows: Record<PresetName, Row> = {
  vllm: { page: vllmLike('vllm:'), reads: vllmReads },
  aphrodite: { page: vllmLike('aphrodite:'), reads: vllmReads },
  'ray-vllm': { page: vllmLike('ray_vllm_'), reads: vllmReads },
  sglang: {
    page: `
sglang:num_running_reqs{model_name="q"} 5
sglang:num_queue_reqs{model_name="q"} 2
sglang:num_grammar_queue_reqs{model_name="q"} 1
sglang:num_prefill_prealloc_queue_reqs{model_name="q"} 1
sglang:num_prefill_infight_queue_reqs{model_name="q"} 1
sglang:num_decode_prealloc_queue_reqs{model_name="q"} 1
sglang:num_decode_transfer_queue_reqs{model_name="q"} 1
sglang:num_retracted_reqs{model_name="q",pid="7"} 9
sglang:token_usage{model_name="q"} 0.4
sglang:num_requests_total{model_name="q",is_streaming="true"} 30
sglang:num_requests_total{model_name="q",is_streaming="false"} 10
sglang:num_aborted_requests_total{model_name="q"} 2
sglang:realtime_tokens_total{mode="decode",model_name="q"} 70
sglang:time_to_first_token_seconds_sum{model_name="q"} 8
sglang:time_to_first_token_seconds_count{model_name="q"} 40
`,
    reads: {
      running: 5,
      waiting: 7,
      concurrency: 12,
      kvCacheRatio: 0.4,
      requestsTotal: 42,
      stepsTotal: 70,
      timeToFirstTokenSecondsSum: 8,
      timeToFirstTokenCount: 40,
      models: ['q'],
    },
  },
  'sglang-loads': {
    page: {
      timestamp: '2026-08-01T00:00:00Z',
      loads: [
        {
          dp_rank: 0,
          timestamp: 1000,
          num_running_reqs: 4,
          num_waiting_reqs: 1,
          max_running_requests: 64,
          token_usage: 0.2,
          queues: { waiting: 1, grammar: 2, paused: 5 },
        },
        {
          dp_rank: 1,
          timestamp: 1001,
          num_running_reqs: 6,
          num_waiting_reqs: 0,
          max_running_requests: 64,
          token_usage: 0.3,
        },
      ],
      aggregate: { total_running_reqs: 10, total_waiting_reqs: 1 },
    },
    reads: { running: 10, waiting: 3, concurrency: 13, capacity: 128, kvCacheRatio: 0.3, stepsTotal: 2001 },
  },
  tgi: {
    page: 'tgi_batch_current_size 3\ntgi_queue_size 2\ntgi_request_count 50\ntgi_batch_inference_count{method="decode"} 8\n',
    reads: { running: 3, waiting: 2, concurrency: 5, requestsTotal: 50, stepsTotal: 8, models: [] },
  },
  lorax: {
    page: 'lorax_batch_current_size 3\nlorax_queue_length 2\nlorax_request_count 50\n',
    reads: { running: 3, waiting: 2, concurrency: 5, requestsTotal: 50 },
  },
  tei: {
    page: 'te_request_count{method="single"} 20\nte_request_success{method="single"} 12\nte_request_failure{err="overloaded"} 1\nte_queue_size 3\nte_request_duration_sum{method="single"} 1.5\nte_request_duration_count{method="single"} 12\n',
    reads: {
      running: undefined,
      waiting: 3,
      concurrency: undefined,
      requestsTotal: 20,
      requestSecondsSum: 1.5,
      requestSecondsCount: 12,
    },
  },
  triton: {
    page: `
nv_inference_request_success{model="a",version="1"} 3
nv_inference_request_failure{model="a",reason="OTHER",version="1"} 2
nv_inference_pending_request_count{model="a",version="1"} 4
nv_inference_first_response_histogram_ms_sum{model="a",version="1"} 1500
nv_inference_first_response_histogram_ms_count{model="a",version="1"} 6
vllm:prompt_tokens_total{model="a",version="1"} 1
`,
    reads: {
      running: undefined,
      waiting: 4,
      concurrency: undefined,
      requestsTotal: 5,
      timeToFirstTokenSecondsSum: 1.5,
      timeToFirstTokenCount: 6,
      models: ['a'],
    },
  },
  'triton-trtllm': {
    page: `
nv_trt_llm_request_metrics{model="t",request_type="active",version="1"} 9
nv_trt_llm_request_metrics{model="t",request_type="scheduled",version="1"} 6
nv_trt_llm_request_metrics{model="t",request_type="waiting",version="1"} 3
nv_trt_llm_request_metrics{model="t",request_type="context",version="1"} 2
nv_trt_llm_request_metrics{model="t",request_type="max",version="1"} 64
nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="max",model="t",version="1"} 200
nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="used",model="t",version="1"} 50
nv_trt_llm_general_metrics{general_type="iteration_counter",model="t",version="1"} 77
nv_inference_request_success{model="t",version="1"} 5
`,
    reads: {
      running: 6,
      waiting: 3,
      concurrency: 9,
      capacity: 64,
      kvCacheRatio: 0.25,
      requestsTotal: 5,
      stepsTotal: 77,
      models: ['t'],
    },
  },
  'trtllm-serve': {
    page: `
trtllm_num_requests_running{model_name="t"} 8
trtllm_num_requests_waiting{model_name="t"} 1
trtllm_max_num_active_requests{model_name="t"} 256
trtllm_kv_cache_utilization{model_name="t"} 0.125
trtllm_request_success_total{finished_reason="stop",model_name="t"} 12
trtllm_time_to_first_token_seconds_sum{model_name="t"} 3
trtllm_time_to_first_token_seconds_count{model_name="t"} 12
`,
    reads: {
      running: 8,
      waiting: 1,
      concurrency: 9,
      capacity: 256,
      kvCacheRatio: 0.125,
      requestsTotal: 12,
      timeToFirstTokenSecondsSum: 3,
      timeToFirstTokenCount: 12,
    },
  },
  'trtllm-serve-json': {
    page: [
      { iter: 1, numActiveRequests: 9, numQueuedRequests: 9, maxNumActiveRequests: 32 },
      {
        iter: 2,
        numActiveRequests: 4,
        numQueuedRequests: 1,
        maxNumActiveRequests: 32,
        kvCacheStats: { usedNumBlocks: 30, maxNumBlocks: 120 },
      },
    ],
    reads: { running: 4, waiting: 1, concurrency: 5, capacity: 32, kvCacheRatio: 0.25, stepsTotal: 2 },
  },
  'trtllm-serve-1.0': {
    page: 'request_success_total{engine_type="undefined",finished_reason="stop",model_name="undefined"} 2\n',
    reads: { running: undefined, waiting: undefined, concurrency: undefined, requestsTotal: 2, models: ['undefined'] },
  },
  nim: {
    page: `
num_requests_running{model_name="n"} 6
num_requests_waiting{model_name="n"} 1
num_request_max{model_name="n"} 64
gpu_cache_usage_perc{model_name="n"} 0.1
request_success_total{model_name="n"} 9
request_failure_total{model_name="n"} 1
time_to_first_token_seconds_sum{model_name="n"} 2
time_to_first_token_seconds_count{model_name="n"} 9
`,
    reads: {
      running: 6,
      waiting: 1,
      concurrency: 7,
      capacity: 64,
      kvCacheRatio: 0.1,
      requestsTotal: 10,
      timeToFirstTokenSecondsSum: 2,
    },
  },
  'dynamo-worker': {
    page: `
dynamo_component_inflight_requests{dynamo_endpoint="generate"} 5
dynamo_component_inflight_requests{dynamo_endpoint="embed"} 1
dynamo_component_gpu_cache_usage_percent{dynamo_endpoint="generate"} 0.6
dynamo_component_requests_total{dynamo_endpoint="generate"} 44
`,
    reads: { running: 6, waiting: undefined, concurrency: 6, kvCacheRatio: 0.6, requestsTotal: 44 },
  },
  'dynamo-frontend': {
    page: `
dynamo_frontend_active_requests{model="d"} 5
dynamo_frontend_inflight_requests{model="d"} 5
dynamo_frontend_queued_requests{model="d"} 2
dynamo_frontend_model_max_num_seqs{model="d"} 32
dynamo_frontend_model_workers{model="d"} 3
dynamo_frontend_requests_total{model="d",status="success"} 8
dynamo_frontend_time_to_first_token_seconds_sum{model="d"} 4
dynamo_frontend_time_to_first_token_seconds_count{model="d"} 8
`,
    reads: {
      running: 5,
      waiting: undefined,
      concurrency: 5,
      capacity: 96,
      requestsTotal: 8,
      timeToFirstTokenSecondsSum: 4,
      models: ['d'],
    },
  },
  llamacpp: {
    page: 'llamacpp:requests_processing 3\nllamacpp:requests_deferred 2\nllamacpp:kv_cache_usage_ratio 0.75\nllamacpp:n_decode_total 1.23457e+06\nllamacpp:predicted_tokens_seconds nan\n',
    reads: {
      running: 3,
      waiting: 2,
      concurrency: 5,
      kvCacheRatio: 0.75,
      stepsTotal: 1_234_570,
      requestsTotal: undefined,
    },
  },
  lmdeploy: {
    page: `
lmdeploy:num_requests_running{engine="0",model_name="i"} 3
lmdeploy:num_requests_running{engine="1",model_name="i"} 4
lmdeploy:num_requests_waiting{engine="0",model_name="i"} 1
lmdeploy:num_api_requests_waiting{engine="-1",model_name="i"} 2
lmdeploy:num_api_requests_routed{engine="-1",model_name="i"} 8
lmdeploy:gpu_cache_usage_perc{engine="0",model_name="i"} 0.3
lmdeploy:request_success_total{finished_reason="ResponseType.FINISH",model_name="i"} 6
`,
    reads: { running: 7, waiting: 3, concurrency: 10, kvCacheRatio: 0.3, requestsTotal: 6 },
  },
  bentoml: {
    page: `
bentoml_service_request_in_progress{endpoint="/chat",runner_name="LlmService",service_name="llm_service"} 6
bentoml_service_request_in_progress{endpoint="/readyz",runner_name="LlmService",service_name="llm_service"} 1
bentoml_service_request_in_progress{endpoint="/embed",runner_name="Embedder",service_name="llm_service"} 4
bentoml_service_request_total{endpoint="/chat",http_response_code="200",runner_name="LlmService",service_name="llm_service"} 50
bentoml_service_request_total{endpoint="/livez",http_response_code="200",runner_name="LlmService",service_name="llm_service"} 900
`,
    reads: { running: 6, waiting: undefined, concurrency: 6, requestsTotal: 50, models: ['llm_service'], problems: [] },
  },
  'ray-serve': {
    page: `
ray_serve_replica_processing_queries{application="a",deployment="D",replica="1"} 3
ray_serve_replica_processing_queries{application="a",deployment="D",replica="2"} 4
ray_serve_deployment_queued_queries{application="a",deployment="D"} 2
ray_serve_deployment_request_counter{deployment="D"} 11
`,
    reads: { running: 7, waiting: 2, concurrency: 9, requestsTotal: 11, models: [] },
  },
  mlserver: {
    page: 'rest_server_requests_in_progress{method="POST"} 4\nmodel_infer_request_success_total{model="x"} 3\nmodel_infer_request_failure_total{model="x"} 1\n',
    reads: { running: 4, waiting: undefined, concurrency: 4, requestsTotal: 4 },
  },
  kserve: {
    page: `
request_preprocess_seconds_sum{model_name="iris"} 0.25
request_preprocess_seconds_count{model_name="iris"} 4
request_predict_seconds_sum{model_name="iris"} 6
request_predict_seconds_count{model_name="iris"} 4
request_postprocess_seconds_sum{model_name="iris"} 0.75
request_postprocess_seconds_count{model_name="iris"} 4
request_explain_seconds_sum{model_name="iris"} 5
request_explain_seconds_count{model_name="iris"} 1
`,
    reads: {
      running: undefined,
      concurrency: undefined,
      requestsTotal: 5,
      requestSecondsSum: 12,
      requestSecondsCount: 5,
      models: ['iris'],
    },
  },
  http: {
    page: `
http_request_duration_seconds_sum{handler="/embeddings",method="POST"} 12
http_request_duration_seconds_count{handler="/embeddings",method="POST"} 40
http_request_duration_seconds_sum{handler="/health",method="GET"} 3
http_request_duration_seconds_count{handler="/health",method="GET"} 900
http_request_duration_seconds_count{handler="/metrics",method="GET"} 800
http_request_duration_seconds_sum{handler="/metrics",method="GET"} 2
`,
    reads: {
      running: undefined,
      concurrency: undefined,
      requestsTotal: 40,
      requestSecondsSum: 12,
      requestSecondsCount: 40,
    },
  },
  torchserve: {
    page: 'ts_inference_requests_total{model_name="resnet",} 3\nts_inference_latency_microseconds{model_name="resnet",} 1500000\nQueueTime{Level="Host",} 250\n',
    reads: {
      running: undefined,
      waiting: undefined,
      concurrency: undefined,
      requestsTotal: 3,
      requestSecondsSum: 1.5,
      requestSecondsCount: 3,
      models: ['resnet'],
    },
  },
  max: {
    page: `
maxserve_num_requests_running 5
maxserve_num_requests_queued 2
maxserve_cache_num_used_blocks 10
maxserve_cache_num_total_blocks 40
maxserve_request_count_total 7
maxserve_time_to_first_token_sum 2500
maxserve_time_to_first_token_count 5
`,
    reads: {
      running: 5,
      waiting: undefined,
      concurrency: 5,
      kvCacheRatio: 0.25,
      requestsTotal: 7,
      timeToFirstTokenSecondsSum: 2.5,
      timeToFirstTokenCount: 5,
    },
  },
  jetstream: {
    page: 'jetstream_prefill_backlog_size 2\njetstream_transfer_backlog_size 1\njetstream_generate_backlog_size 1\njetstream_slots_used_percentage 0.5\nkv_cache_utilization_perc 0.5\njetstream_request_success_count 4\n',
    reads: { running: undefined, waiting: 4, concurrency: undefined, kvCacheRatio: 0.5, requestsTotal: 4 },
  },
  xinference: {
    page: 'xinference:model_serve_count{model_uid="x"} 12\nxinference:model_request_limit{model_uid="x"} -1\nxinference:model_request_total{model_uid="x"} 40\n',
    reads: { running: 12, waiting: undefined, concurrency: 12, capacity: undefined, requestsTotal: 40, models: ['x'] },
  },
  mistralrs: {
    page: 'mistralrs_sequences_running 6\nmistralrs_sequences_waiting 2\nmistralrs_requests_pending_admission 1\nmistralrs_sequences_capacity 32\nmistralrs_kv_cache_blocks_used 8\nmistralrs_kv_cache_blocks_total 64\nmistralrs_sequences_completed_total 5\nhttp_requests_in_flight{model="default"} 9\n',
    reads: { running: 6, waiting: 3, concurrency: 9, capacity: 32, kvCacheRatio: 0.125, requestsTotal: 5, models: [] },
  },
  'production-stack': {
    page: `
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_running{server="http://a:8000"} 17
vllm:num_requests_running{server="http://b:8000"} 3
vllm:num_prefill_requests{server="http://a:8000"} 2
vllm:healthy_pods_total{server="http://a:8000"} 1
vllm:num_incoming_requests_total{model="m"} 60
`,
    reads: { running: 20, waiting: undefined, concurrency: 20, requestsTotal: 60, models: [] },
  },
  activator: {
    page: `
keda_llm_scaler_activator_held_requests{route="llama"} 5
keda_llm_scaler_activator_held_requests{route="qwen"} 2
keda_llm_scaler_activator_in_flight_requests{route="llama"} 3
keda_llm_scaler_activator_in_flight_requests{route="qwen"} 0
keda_llm_scaler_activator_forwarded_requests_total{route="llama"} 40
keda_llm_scaler_activator_forwarded_requests_total{route="qwen"} 1
`,
    reads: { running: 3, waiting: 7, concurrency: 10, requestsTotal: 41, models: ['llama', 'qwen'] },
  },
  litellm: {
    page: 'litellm_in_flight_requests 4\nlitellm_proxy_total_requests_metric_total{requested_model="g"} 8\nlitellm_proxy_total_requests_metric_total{requested_model=""} 5\nlitellm_llm_api_time_to_first_token_metric_sum{requested_model="g"} 4\nlitellm_llm_api_time_to_first_token_metric_count{requested_model="g"} 8\n',
    reads: { running: 3, waiting: undefined, concurrency: 3, requestsTotal: 8, timeToFirstTokenSecondsSum: 4 },
  },
  epp: {
    page: `
llm_d_epp_request_running{model_name="a",target_model_name="t"} 4
inference_objective_running_requests{model_name="a"} 4
llm_d_epp_flow_control_queue_size{fairness_id="x",model_name="a",priority="0"} 2
llm_d_epp_flow_control_queue_size{fairness_id="x",model_name="a",priority="1"} 1
llm_d_epp_average_queue_size{name="p"} 3
llm_d_epp_average_kv_cache_utilization{name="p"} 0.5
llm_d_epp_request_total{model_name="a"} 20
inference_objective_request_total{model_name="a"} 20
llm_d_epp_request_ttft_seconds_sum{model_name="a"} 6
llm_d_epp_request_ttft_seconds_count{model_name="a"} 20
`,
    reads: {
      running: 4,
      waiting: 3,
      concurrency: 7,
      kvCacheRatio: 0.5,
      requestsTotal: 20,
      timeToFirstTokenSecondsSum: 6,
      models: ['a'],
    },
  },
  envoy: {
    page: `
envoy_cluster_upstream_rq_active{envoy_cluster_name="llama"} 5
envoy_cluster_upstream_rq_active{envoy_cluster_name="xds_cluster"} 2
envoy_cluster_upstream_rq_pending_active{envoy_cluster_name="llama"} 3
envoy_cluster_upstream_rq_total{envoy_cluster_name="llama"} 30
`,
    reads: { running: 5, waiting: 3, concurrency: 8, requestsTotal: 30, models: [] },
  },
  istio: {
    page: 'istio_requests_total{destination_service="llama"} 8\n',
    reads: { running: undefined, waiting: undefined, concurrency: undefined, requestsTotal: undefined },
  },
  traefik: {
    page: 'traefik_open_connections{entrypoint="web"} 8\n',
    reads: { running: undefined, concurrency: undefined },
  },
  kong: {
    page: 'kong_nginx_connections_total{state="active"}\t9\n',
    reads: { running: undefined, concurrency: undefined },
  },
  nginx: {
    page: 'nginx_ingress_controller_nginx_process_connections{state="active"} 9\n',
    reads: { running: undefined, concurrency: undefined },
  },
  smg: {
    page: `
smg_admission_inflight 7
smg_admission_queue_depth 3
smg_http_connections_active 90
smg_engine_running_requests{worker="a"} 40
smg_worker_requests_active{worker="a"} 5
smg_router_requests_total{model="tiny",endpoint="chat"} 30
`,
    reads: { running: 7, waiting: 3, concurrency: 10, requestsTotal: 30, problems: [] },
  },
  'sglang-router': {
    page: `
smg_http_connections_active 90
smg_worker_requests_active{worker="a"} 5
smg_worker_requests_active{worker="b"} 6
smg_router_requests_total{model="tiny",endpoint="chat"} 30
`,
    reads: { running: 11, waiting: undefined, concurrency: 11, requestsTotal: 30, problems: [] },
  },
  'vllm-router': {
    page: `
vllm_router_running_requests{worker="a"} 4
vllm_router_processed_requests_total{worker="a"} 12
vllm_router_requests_total{route="/v1/completions"} 8
vllm_router_retries_exhausted_total{route="/v1/completions"} 2
`,
    reads: { running: 4, waiting: undefined, concurrency: 4, requestsTotal: 14, problems: [] },
  },
  aibrix: {
    page: `
gateway_in_flight_requests 9
gateway_model_in_flight_requests{model="a"} 4
gateway_model_in_flight_requests{model="b"} 3
gateway_request_total 40
`,
    reads: { running: 7, waiting: undefined, concurrency: 7, requestsTotal: 40, models: ['a', 'b'], problems: [] },
  },
  gpustack: {
    page: `
gpustack:num_requests_running{model_name="m",instance="1"} 3
gpustack:num_requests_running{model_name="m",instance="2"} 2
gpustack:num_requests_waiting{model_name="m",instance="1"} 1
gpustack:num_requests_waiting{model_name="m",instance="2"} 0
gpustack:kv_cache_usage_ratio{model_name="m",instance="1"} 0.5
gpustack:request_success_total{model_name="m"} 8
`,
    reads: { running: 5, waiting: 1, concurrency: 6, kvCacheRatio: 0.5, requestsTotal: 8, models: ['m'], problems: [] },
  },
  'keda-http': {
    page: { 'default/a': { Concurrency: 5, RequestCount: 70 }, 'default/b': { Concurrency: 0, RequestCount: 1 } },
    reads: { running: 5, waiting: undefined, concurrency: 5, requestsTotal: 71, models: ['default/a', 'default/b'] },
  },
};
const named = Object.entries(rows) as [PresetName, Row][];

function pageOfRow({ page }: Row): Page {
  return typeof page === 'string' ? pageOf(page) : jsonPage(page);
}

function signalsOf(page: Page, preset: PresetName): Signals {
  const outcome = readSignals(page, preset);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.signals;
}

it('has a row for every preset', () => {
  expect(named.map(([name]) => name).sort()).toEqual([...engineNames, ...gatewayNames].sort());
  expect(named).toHaveLength(43);
});

it.each(named)('%s is detected and read', (name, row) => {
  const page = pageOfRow(row);
  // Most servers print HTTP durations, so these are read only where the trigger says so.
  if (name === 'http') expect(detectPreset(page)).toMatchObject({ kind: 'unknown' });
  else expect(detectPreset(page)).toEqual({ kind: 'preset', preset: name });
  expect(signalsOf(page, name)).toMatchObject(row.reads);
});

it.each(named.filter(([, { page }]) => typeof page === 'string'))('%s needs its own families only', (name, row) => {
  const narrow = pageOf(row.page as string, wantedNames(familiesOf(name)));
  expect(signalsOf(narrow, name)).toEqual(signalsOf(pageOfRow(row), name));
});

it.each(named)('%s says why when it states no concurrency, and only then', (name, row) => {
  const { concurrency, problems } = signalsOf(pageOfRow(row), name);
  expect(problems.length > 0).toBe(concurrency === undefined);
});

it.each(named)('%s reads nothing from the page of another', (name) => {
  const others = named.filter(([other]) => other !== name && !isAlsoPageOf(other, name));
  expect(others.length).toBeGreaterThan(28);
  for (const [, row] of others) {
    expect(readSignals(pageOfRow(row), name)).toMatchObject({ ok: false, failure: 'wrong-engine' });
  }
});

/** Pages that hold what two presets look for, so that configuring either is right. */
function isAlsoPageOf(page: PresetName, preset: PresetName): boolean {
  const pairs: Partial<Record<PresetName, readonly PresetName[]>> = {
    'triton-trtllm': ['triton'],
    nim: ['trtllm-serve-1.0'],
    smg: ['sglang-router'],
    'sglang-loads': [],
  };
  return pairs[page]?.includes(preset) ?? false;
}

it('knows how gateways count beside their engines, and engines do not', () => {
  for (const name of gatewayNames) expect(presets[name]).toMatchObject({ kind: 'gateway', inFront: expect.anything() });
  for (const name of engineNames) {
    expect(presets[name].kind).toBe('engine');
    expect(presets[name].inFront).toBeUndefined();
  }
  expect(presets.epp.inFront).toEqual({ counts: 'held' });
  expect(presets['keda-http'].inFront).toEqual({ counts: 'in-flight' });
});

it('knows where pages are', () => {
  expect(knownPaths[0]).toBe('/metrics');
  expect(knownPaths).toEqual(expect.arrayContaining(['/prometheus/metrics', '/v1/metrics', '/v1/loads', '/queue']));
});

it('says why for every engine that states no concurrency', () => {
  const silent = named.filter(([, { page, reads }]) => typeof page === 'string' && reads.concurrency === undefined);
  expect(silent).toHaveLength(11);
  for (const [name] of silent) {
    const { whyNoConcurrency, loadFrom } = presets[name];
    expect(whyNoConcurrency ?? loadFrom).toMatch(/\w/);
  }
});
