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
    steps: `${prefix}generation_tokens_total`,
    timeToFirstToken: `${prefix}time_to_first_token_seconds`,
    pidCopies: true,
    modelLabels: ['model_name'],
  } as const;
}

export const vllm: Preset = {
  ...vllmFamilies('vllm:'),
  title: 'vLLM',
  foreignLabel: 'server',
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

/** vLLM's router. Prints the engine's own family name with a `server` label, for all engines behind it. */
export const productionStack: Preset = {
  title: 'the vLLM production-stack router',
  kind: 'gateway',
  fingerprint: ['vllm:healthy_pods_total', 'vllm:current_qps', 'router_cpu_usage_percent'],
  running: 'vllm:num_requests_running{server}',
  inclusive: true,
  requests: 'vllm:num_incoming_requests_total',
  modelLabels: ['model'],
  modelsNotListed: true,
  ports: [8001],
  paths: ['/metrics'],
  inFront: { counts: 'in-flight' },
};
