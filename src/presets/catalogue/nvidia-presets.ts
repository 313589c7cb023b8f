import type { Preset } from './preset.ts';

export const triton: Preset = {
  title: 'Triton Inference Server',
  kind: 'engine',
  // The last ones are all that is printed while no model is loaded.
  fingerprint: [
    'nv_inference_request_success',
    'nv_pinned_memory_pool_total_bytes',
    'nv_cpu_memory_total_bytes',
    'nv_inference_request_failure',
  ],
  waiting: 'nv_inference_pending_request_count',
  loadFrom: 'latency-sums',
  bornWithFirstRequest: true,
  requests: 'nv_inference_request_success + ? nv_inference_request_failure',
  latencySum: 'nv_inference_request_duration_us',
  latencyCount: 'nv_inference_request_success',
  latencyUnitSeconds: 1e-6,
  timeToFirstToken: 'nv_inference_first_response_histogram_ms',
  timeToFirstTokenUnitSeconds: 0.001,
  modelLabels: ['model'],
  severalModels: true,
  ports: [8002],
  paths: ['/metrics'],
  howToSwitchOn: 'Triton prints metrics unless started with --allow-metrics=false',
};

/**
 * `active` is the whole load: `waiting` is printed as active less scheduled, at times from different moments, so it
 * can be negative and the parts need not add up.
 */
export const tritonTrtllm: Preset = {
  title: 'Triton with TensorRT-LLM',
  kind: 'engine',
  fingerprint: ['nv_trt_llm_request_metrics'],
  running: 'nv_trt_llm_request_metrics{request_type="scheduled"}',
  waiting: 'nv_trt_llm_request_metrics{request_type="waiting"}',
  concurrency: 'nv_trt_llm_request_metrics{request_type="active"}',
  capacity: 'nv_trt_llm_request_metrics{request_type="max"}',
  kvCacheRatio: 'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="fraction"}',
  kvCacheUsed: 'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="used"}',
  kvCacheTotal: 'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="max"}',
  requests: 'nv_inference_request_success',
  steps: 'nv_trt_llm_general_metrics{general_type="iteration_counter"}',
  modelLabels: ['model'],
  severalModels: true,
  ports: [8002],
  paths: ['/metrics'],
  suspectAfterMs: 30_000,
  howToSwitchOn: 'Triton prints metrics unless started with --allow-metrics=false',
};

export const trtllmServe: Preset = {
  title: 'trtllm-serve',
  kind: 'engine',
  fingerprint: ['trtllm_'],
  alsoPrinted: ['trtllm_max_batch_size_static', 'trtllm_max_batch_size_runtime', 'trtllm_kv_cache_max_blocks'],
  running: 'trtllm_num_requests_running',
  waiting: 'trtllm_num_requests_waiting',
  capacity: 'trtllm_max_num_active_requests',
  kvCacheRatio: 'trtllm_kv_cache_utilization',
  requests: 'trtllm_request_success_total',
  latency: 'trtllm_e2e_request_latency_seconds',
  timeToFirstToken: 'trtllm_time_to_first_token_seconds',
  modelLabels: ['model_name'],
  ports: [8000],
  paths: ['/prometheus/metrics'],
  howToSwitchOn: 'trtllm-serve prints text metrics at /prometheus/metrics when return_perf_metrics is true',
};

/** Reading the page empties it, so it can have one reader only. Read by `read-trtllm-iterations.ts`. */
export const trtllmServeJson: Preset = {
  title: 'trtllm-serve iteration statistics',
  kind: 'engine',
  fingerprint: [],
  body: 'json',
  ports: [8000],
  paths: ['/metrics'],
  howToSwitchOn: 'trtllm-serve prints iteration statistics when enable_iter_perf_stats is true',
};

export const trtllmServe10: Preset = {
  title: 'trtllm-serve 1.0',
  kind: 'engine',
  fingerprint: ['request_success_total'],
  loadFrom: 'latency-sums',
  requests: 'request_success_total',
  latency: 'e2e_request_latency_seconds',
  timeToFirstToken: 'time_to_first_token_seconds',
  modelLabels: ['model_name'],
  ports: [8000],
  paths: ['/prometheus/metrics'],
};

/** Prints its families without any prefix. */
export const nim: Preset = {
  title: 'NVIDIA NIM',
  kind: 'engine',
  fingerprint: ['num_request_max', 'num_requests_running', 'gpu_cache_usage_perc'],
  running: 'num_requests_running',
  waiting: 'num_requests_waiting',
  capacity: 'num_request_max',
  kvCacheRatio: 'gpu_cache_usage_perc',
  requests: 'request_success_total + ? request_failure_total',
  latency: 'e2e_request_latency_seconds',
  timeToFirstToken: 'time_to_first_token_seconds',
  modelLabels: ['model_name'],
  ports: [8000],
  paths: ['/v1/metrics'],
};

/** What workers ask each other is no request to a model. */
const modelEndpoints = '{dynamo_endpoint!="worker_kv_*",dynamo_endpoint!="clear_kv_*",dynamo_endpoint!="load_metrics"}';

/**
 * Its own families come first, and those of its engine with the first request. They are read together: its own gauge
 * counts requests from the handler on, those in the engine's queue among them, and some engines bring no gauge at all.
 */
export const dynamoWorker: Preset = {
  title: 'a Dynamo worker',
  kind: 'engine',
  fingerprint: ['dynamo_component_'],
  bornWithFirstRequest: true,
  alsoPrinted: [
    'dynamo_component_total_blocks',
    'dynamo_component_uptime_seconds',
    'dynamo_component_kvstats_total_blocks',
    'dynamo_component_nats_client_in_messages',
  ],
  running: `dynamo_component_inflight_requests${modelEndpoints}`,
  inclusive: true,
  kvCacheRatio: [
    'vllm:kv_cache_usage_perc',
    'sglang:token_usage',
    'trtllm_kv_cache_utilization',
    'dynamo_component_gpu_cache_usage_percent',
    'dynamo_component_kvstats_gpu_cache_usage_percent',
  ].join(' | '),
  requests: `dynamo_component_requests_total${modelEndpoints}`,
  latencySum: `dynamo_component_request_duration_seconds_sum${modelEndpoints}`,
  latencyCount: `dynamo_component_request_duration_seconds_count${modelEndpoints}`,
  timeToFirstToken:
    'vllm:time_to_first_token_seconds | sglang:time_to_first_token_seconds | trtllm_time_to_first_token_seconds',
  modelLabels: ['model', 'model_name'],
  ports: [9090, 8081],
  paths: ['/metrics'],
  howToSwitchOn: 'a Dynamo worker prints metrics on the port that DYN_SYSTEM_PORT gives',
};

/** `queued_requests` and `inflight_requests` are a part and the old name of `active_requests`. */
export const dynamoFrontend: Preset = {
  title: 'the Dynamo frontend',
  kind: 'gateway',
  fingerprint: ['dynamo_frontend_'],
  bornWithFirstRequest: true,
  alsoPrinted: [
    'dynamo_frontend_queued_requests',
    'dynamo_frontend_model_total_kv_blocks',
    'dynamo_frontend_disconnected_clients',
    'dynamo_frontend_tokenizer_cache_hits_total',
  ],
  running: 'dynamo_frontend_active_requests | dynamo_frontend_inflight_requests',
  inclusive: true,
  capacity: 'dynamo_frontend_model_max_num_seqs',
  capacityWorkers: 'dynamo_frontend_model_workers',
  requests: 'dynamo_frontend_requests_total',
  latency: 'dynamo_frontend_request_duration_seconds',
  timeToFirstToken: 'dynamo_frontend_time_to_first_token_seconds',
  modelLabels: ['model'],
  ports: [8000],
  paths: ['/metrics'],
  inFront: { counts: 'in-flight' },
  atZero: 'silent',
};
