import type { Preset } from './preset.ts';

/** vLLM's families under another name: forks change the prefix and nothing else. */
function vllmFamilies(prefix: string) {
  return {
    kind: 'engine',
    fingerprint: [`${prefix}num_requests_running`],
    running: `${prefix}num_requests_running`,
    waiting: `${prefix}num_requests_waiting`,
    kvCacheRatio: `${prefix}kv_cache_usage_perc | ${prefix}gpu_cache_usage_perc`,
    requests: `${prefix}request_success_total`,
    // Pooling models make no tokens, and read them all the same.
    steps: `${prefix}generation_tokens_total + ? ${prefix}prompt_tokens_total`,
    promptTokens: `${prefix}prompt_tokens_total`,
    generationTokens: `${prefix}generation_tokens_total`,
    // The gauges are written when a step has taken off what it finished, so what needs one step is on none of them.
    latency: `${prefix}e2e_request_latency_seconds`,
    timeToFirstToken: `${prefix}time_to_first_token_seconds`,
    pidCopies: true,
    modelLabels: ['model_name'],
  } as const;
}

/** AIBrix's runtime prints vLLM's page with some of the families under names of its own. */
export const vllm: Preset = {
  ...vllmFamilies('vllm:'),
  waiting: 'vllm:num_requests_waiting | aibrix:queue_size',
  kvCacheRatio: 'vllm:kv_cache_usage_perc | vllm:gpu_cache_usage_perc | aibrix:gpu_cache_usage_perc',
  requests: 'vllm:request_success_total | aibrix:request_success_total',
  timeToFirstToken: 'vllm:time_to_first_token_seconds | aibrix:time_to_first_token_seconds',
  title: 'vLLM',
  foreignLabel: 'server',
  refused: '? vllm:admission_rejections_total',
  awake: 'vllm:engine_sleep_state{sleep_state="awake"}',
  ports: [8000],
  paths: ['/metrics'],
  suspectAfterMs: 30_000,
  howToSwitchOn: 'vLLM prints its families unless started with --disable-log-stats',
};

export const aphrodite: Preset = {
  ...vllmFamilies('aphrodite:'),
  title: 'Aphrodite',
  ports: [2242],
  paths: ['/metrics'],
  suspectAfterMs: 30_000,
  howToSwitchOn: 'Aphrodite prints its families unless started with --disable-log-stats',
};

/** One page per node of the Ray cluster, with all replicas on it. */
export const rayVllm: Preset = {
  ...vllmFamilies('ray_vllm_'),
  title: 'Ray Serve LLM',
  severalModels: true,
  ports: [8080],
  paths: ['/metrics'],
  suspectAfterMs: 15_000,
  howToSwitchOn: 'Ray Serve LLM prints engine families with log_engine_metrics: true',
};

export const rayServe: Preset = {
  title: 'Ray Serve',
  kind: 'engine',
  fingerprint: ['ray_serve_'],
  alsoPrinted: ['ray_serve_num_http_requests', 'ray_serve_num_ongoing_http_requests'],
  running: 'ray_serve_replica_processing_queries',
  waiting: 'ray_serve_deployment_queued_queries',
  requests: 'ray_serve_deployment_request_counter_total',
  hops: { application: 'application', hop: 'deployment' },
  modelLabels: ['deployment', 'application'],
  modelsNotListed: true,
  severalModels: true,
  ports: [8080],
  paths: ['/metrics'],
};

/** One page of a GPUStack worker, with the instances that run on it under one name, whichever engine they are. */
export const gpustack: Preset = {
  title: 'GPUStack',
  kind: 'engine',
  fingerprint: ['gpustack:num_requests_running', 'gpustack:worker_status'],
  alsoPrinted: ['gpustack:worker_status'],
  running: 'gpustack:num_requests_running',
  waiting: 'gpustack:num_requests_waiting',
  kvCacheRatio: 'gpustack:kv_cache_usage_ratio',
  requests: 'gpustack:request_success_total',
  steps: 'gpustack:generation_tokens_total',
  timeToFirstToken: 'gpustack:time_to_first_token_seconds',
  modelLabels: ['model_name', 'model'],
  severalModels: true,
  ports: [10151],
  paths: ['/metrics'],
  howToSwitchOn: 'GPUStack prints the requests of its instances on the page of each worker, not on that of its server',
};
