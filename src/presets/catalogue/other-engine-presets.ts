import type { Preset } from './preset.ts';

const httpRoutes =
  '{handler!~probes,path!~probes,http_route!~probes,route!~probes,status!="404",http_response_status_code!="404"}';

export const llamacpp: Preset = {
  title: 'the llama.cpp server',
  kind: 'engine',
  fingerprint: ['llamacpp:'],
  alsoPrinted: ['llamacpp:prompt_tokens_total'],
  running: 'llamacpp:requests_processing',
  waiting: 'llamacpp:requests_deferred',
  kvCacheRatio: 'llamacpp:kv_cache_usage_ratio',
  steps: 'llamacpp:n_decode_total',
  // Printed by proxies that put the pages of several servers on one.
  modelLabels: ['model'],
  ports: [8080],
  paths: ['/metrics'],
  suspectAfterMs: 30_000,
  howToSwitchOn: 'the llama.cpp server prints metrics only when started with --metrics',
};

/** `num_api_requests_routed` is the sum of the engine's own two numbers, so it is not read. */
export const lmdeploy: Preset = {
  title: 'LMDeploy',
  kind: 'engine',
  fingerprint: ['lmdeploy:'],
  running: 'lmdeploy:num_requests_running',
  waiting: 'lmdeploy:num_requests_waiting + ? lmdeploy:num_api_requests_waiting',
  kvCacheRatio: 'lmdeploy:gpu_cache_usage_perc',
  requests: 'lmdeploy:request_success_total',
  latency: 'lmdeploy:e2e_request_latency_seconds',
  timeToFirstToken: 'lmdeploy:time_to_first_token_seconds',
  modelLabels: ['model_name'],
  ports: [23333],
  paths: ['/metrics'],
  suspectAfterMs: 15_000,
  howToSwitchOn:
    'LMDeploy prints metrics unless started with --disable-metrics, and before November 2025 only with --enable-metrics',
};

/**
 * A Bento holds several services, and a request counts in each it is in. From source each is its own `service_name`; in
 * a built Bento all have the Bento's, and `runner_name` is the service's own in either case.
 */
export const bentoml: Preset = {
  title: 'BentoML',
  kind: 'engine',
  fingerprint: ['bentoml_'],
  running: `bentoml_service_request_in_progress | bentoml_api_server_request_in_progress{endpoint!~probes}`,
  inclusive: true,
  bornWithFirstRequest: true,
  // Scanners are answered 404, and their paths are printed as endpoints.
  requests: `bentoml_service_request_total | bentoml_api_server_request_total{endpoint!~probes,http_response_code!="404",http_response_code!="405"}`,
  refused: '? bentoml_service_request_total{http_response_code="429"}',
  hops: { hop: 'runner_name' },
  modelLabels: ['service_name', 'runner_name'],
  severalModels: true,
  ports: [3000],
  paths: ['/metrics'],
  howToSwitchOn: 'BentoML prints metrics unless the configuration says metrics.enabled: false',
};

const inferCalls =
  '{grpc_method!="Server*",grpc_method!="ModelReady",grpc_method!="ModelMetadata",grpc_method!="Repository*"}';

export const mlserver: Preset = {
  title: 'MLServer',
  kind: 'engine',
  fingerprint: [
    'rest_server_requests',
    'rest_server_requests_total',
    'rest_server_requests_in_progress',
    'model_infer_request_success',
    'model_infer_request_success_total',
    'model_infer_request_duration',
  ],
  bornWithFirstRequest: true,
  // The gauge counts REST. Of gRPC there is what began and what ended.
  running: ['? rest_server_requests_in_progress', `? grpc_server_started_total${inferCalls}`]
    .join(' + ')
    .concat(` - ? grpc_server_handled_total${inferCalls}`),
  inclusive: true,
  requests: 'model_infer_request_success + ? model_infer_request_failure',
  latency: 'model_infer_request_duration',
  modelLabels: ['model'],
  severalModels: true,
  ports: [8082],
  paths: ['/metrics'],
};

export const torchserve: Preset = {
  title: 'TorchServe',
  kind: 'engine',
  fingerprint: ['ts_inference_requests_total'],
  bornWithFirstRequest: true,
  loadFrom: 'latency-sums',
  // Counted when they arrive.
  requests: 'ts_inference_requests_total',
  latencySum: 'ts_inference_latency_microseconds',
  latencyCount: 'ts_inference_requests_total',
  latencyUnitSeconds: 1e-6,
  modelLabels: ['model_name'],
  severalModels: true,
  ports: [8082],
  paths: ['/metrics'],
  howToSwitchOn: 'TorchServe prints metrics when metrics_mode=prometheus is set, on localhost unless told otherwise',
};

/** One histogram for each phase of a request, of which two have one observation per request between them. */
export const kserve: Preset = {
  title: "KServe's Python server",
  kind: 'engine',
  fingerprint: [
    'request_predict_seconds',
    'request_preprocess_seconds',
    'request_predict_seconds_count',
    'request_preprocess_seconds_count',
  ],
  loadFrom: 'latency-sums',
  bornWithFirstRequest: true,
  requests: 'request_predict_seconds_count + ? request_explain_seconds_count',
  latencySum: [
    'request_predict_seconds_sum',
    '? request_preprocess_seconds_sum',
    '? request_postprocess_seconds_sum',
    '? request_explain_seconds_sum',
  ].join(' + '),
  latencyCount: 'request_predict_seconds_count + ? request_explain_seconds_count',
  modelLabels: ['model_name'],
  severalModels: true,
  ports: [8080],
  paths: ['/metrics'],
  howToSwitchOn: "KServe's Python server prints metrics with its default arguments; its page is on the port of its API",
};

/** Any server that prints the durations of its HTTP requests and nothing else. Never found by looking: most print them. */
export const http: Preset = {
  title: 'a server with HTTP durations',
  kind: 'engine',
  fingerprint: [
    'http_request_duration_seconds',
    'http_request_duration_seconds_count',
    'http_server_request_duration_seconds',
    'http_server_request_duration_seconds_count',
  ],
  loadFrom: 'latency-sums',
  bornWithFirstRequest: true,
  requests: `http_request_duration_seconds_count | http_server_request_duration_seconds_count${httpRoutes}`,
  latencySum: `http_request_duration_seconds_sum | http_server_request_duration_seconds_sum${httpRoutes}`,
  latencyCount: `http_request_duration_seconds_count | http_server_request_duration_seconds_count${httpRoutes}`,
  ports: [8000, 8080, 7997],
  paths: ['/metrics'],
};

/** Unit endings depend on the exporter's version. */
export const max: Preset = {
  title: 'Modular MAX',
  kind: 'engine',
  fingerprint: ['maxserve_'],
  bornWithFirstRequest: true,
  alsoPrinted: [
    'maxserve_num_requests_queued',
    'maxserve_num_requests_awaiting_admission',
    'maxserve_pipeline_load_total',
    'maxserve_model_load_time_milliseconds_count',
  ],
  running: 'maxserve_num_requests_running',
  inclusive: true,
  kvCacheUsed: 'maxserve_cache_num_used_blocks',
  kvCacheTotal: 'maxserve_cache_num_total_blocks',
  requests: 'maxserve_request_count',
  latency: 'maxserve_request_time | maxserve_request_time_milliseconds',
  latencyUnitSeconds: 0.001,
  timeToFirstToken: 'maxserve_time_to_first_token | maxserve_time_to_first_token_milliseconds',
  timeToFirstTokenUnitSeconds: 0.001,
  ports: [8001],
  paths: ['/metrics'],
};

export const jetstream: Preset = {
  title: 'JetStream',
  kind: 'engine',
  fingerprint: ['jetstream_'],
  alsoPrinted: ['jetstream_slots_used_percentage'],
  waiting: 'jetstream_prefill_backlog_size + ? jetstream_transfer_backlog_size + ? jetstream_generate_backlog_size',
  whyNoConcurrency:
    'JetStream prints no number of running requests; jetstream_slots_used_percentage is the share of slots in use',
  kvCacheRatio: 'kv_cache_utilization_perc',
  requests: 'jetstream_request_success_count',
  timeToFirstToken: 'jetstream_time_to_first_token',
  ports: [],
  paths: ['/metrics'],
  howToSwitchOn: 'JetStream prints metrics on the port that its prometheus_port flag gives',
};

/** A limit of -1 means none. */
export const xinference: Preset = {
  title: 'Xinference',
  kind: 'engine',
  fingerprint: ['xinference:'],
  running: 'xinference:model_serve_count',
  inclusive: true,
  capacity: 'xinference:model_request_limit',
  requests: 'xinference:model_request_total',
  timeToFirstToken: 'xinference:time_to_first_token_seconds',
  modelLabels: ['model_uid'],
  severalModels: true,
  ports: [9997],
  paths: ['/metrics'],
  howToSwitchOn: 'Xinference prints some families on workers only, on the port of --metrics-exporter-port',
};

export const mistralrs: Preset = {
  title: 'mistral.rs',
  kind: 'engine',
  fingerprint: ['mistralrs_'],
  bornWithFirstRequest: true,
  running: 'mistralrs_sequences_running',
  waiting: 'mistralrs_sequences_waiting + ? mistralrs_requests_pending_admission',
  capacity: 'mistralrs_sequences_capacity',
  kvCacheUsed: 'mistralrs_kv_cache_blocks_used',
  kvCacheTotal: 'mistralrs_kv_cache_blocks_total',
  requests: 'mistralrs_sequences_completed_total',
  timeToFirstToken: 'mistralrs_time_to_first_token_seconds',
  ports: [1234],
  paths: ['/metrics'],
  howToSwitchOn: 'mistral.rs answers 503 when started with --disable-metrics',
};
