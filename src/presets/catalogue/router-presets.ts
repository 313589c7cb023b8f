import type { Preset } from './preset.ts';

const router = { kind: 'gateway', inFront: { counts: 'in-flight' }, paths: ['/metrics'], atZero: 'wakes' } as const;

/**
 * `smg_http_connections_active` keeps clients that have left and is blind to streams; `smg_engine_running_requests` is
 * up to ten seconds old. Requests that find no worker are counted under the model "other".
 */
export const smg: Preset = {
  ...router,
  title: 'SMG',
  fingerprint: ['smg_admission_', 'smg_worker_overload_', 'smg_tokio_'],
  alsoPrinted: ['smg_worker_overload_shed_total', 'smg_worker_pool_size'],
  running: 'smg_admission_inflight',
  waiting: '? smg_admission_queue_depth',
  requests: '? smg_router_requests_total',
  modelLabels: ['model'],
  modelsNotListed: true,
  ports: [29000],
};

/** Its gauge is kept by policies that look at load alone, and its page is empty before the first request. */
export const sglangRouter: Preset = {
  ...router,
  title: "SGLang's router",
  fingerprint: ['smg_router_requests_total', 'smg_worker_pool_size', 'smg_worker_health', 'smg_http_requests_total'],
  alsoPrinted: ['smg_worker_pool_size'],
  running: 'smg_worker_requests_active',
  inclusive: true,
  requests: '? smg_router_requests_total',
  modelLabels: ['model'],
  modelsNotListed: true,
  ports: [29000],
  howToSwitchOn:
    "SGLang's router prints its requests in flight under the policies that look at load: cache_aware and power_of_two",
};

/** Counts requests as it hands them on, and those that found no worker when it gives up. */
export const vllmRouter: Preset = {
  ...router,
  title: "vLLM's router",
  fingerprint: ['vllm_router_'],
  alsoPrinted: ['vllm_router_active_workers', 'vllm_router_worker_health'],
  running: 'vllm_router_running_requests',
  inclusive: true,
  requests: '? vllm_router_processed_requests_total + ? vllm_router_retries_exhausted_total',
  ports: [29000],
  howToSwitchOn:
    "vLLM's router prints its requests in flight under the policies that look at load: cache_aware and power_of_two",
};

/** The plugin of AIBrix's gateway. Its per-model gauge is newer than the one for all models. */
export const aibrix: Preset = {
  ...router,
  title: "AIBrix's gateway plugin",
  fingerprint: [
    'gateway_model_in_flight_requests',
    'gateway_request_model_success_total',
    'gateway_request_model_fail_total',
  ],
  running: 'gateway_model_in_flight_requests | gateway_in_flight_requests',
  inclusive: true,
  requests: 'gateway_request_total',
  modelLabels: ['model', 'model_name'],
  ports: [8080],
};

/** vLLM's router of the production stack. Prints the engine's own family name with a `server` label, for all engines behind it. */
export const productionStack: Preset = {
  ...router,
  title: 'the vLLM production-stack router',
  fingerprint: ['vllm:healthy_pods_total', 'vllm:current_qps', 'router_cpu_usage_percent'],
  running: 'vllm:num_requests_running{server}',
  inclusive: true,
  requests: 'vllm:num_incoming_requests_total',
  modelLabels: ['model'],
  modelsNotListed: true,
  ports: [8001],
};
