import type { Preset } from './preset.ts';

export const sglang: Preset = {
  title: 'SGLang',
  kind: 'engine',
  fingerprint: ['sglang:'],
  alsoPrinted: [
    'sglang:max_total_num_tokens',
    'sglang:page_size',
    'sglang:num_pages',
    'sglang:context_len',
    'sglang:cache_config_info',
  ],
  running: 'sglang:num_running_reqs',
  // The last four are the queues of pods that only prefill or only decode, under their newer and older names.
  waiting: [
    'sglang:num_queue_reqs',
    '? sglang:num_grammar_queue_reqs',
    '? sglang:num_prefill_bootstrap_queue_reqs | sglang:num_prefill_prealloc_queue_reqs',
    '? sglang:num_prefill_inflight_queue_reqs | sglang:num_prefill_infight_queue_reqs',
    '? sglang:num_decode_prealloc_queue_reqs',
    '? sglang:num_decode_transfer_queue_reqs',
  ].join(' + '),
  kvCacheRatio: 'sglang:token_usage',
  requests: 'sglang:num_requests_total + ? sglang:num_aborted_requests_total',
  steps: 'sglang:realtime_tokens_total',
  promptTokens: 'sglang:prompt_tokens_total',
  generationTokens: 'sglang:generation_tokens_total',
  latency: 'sglang:e2e_request_latency_seconds',
  timeToFirstToken: 'sglang:time_to_first_token_seconds',
  ranks: 'sglang',
  pidCopies: true,
  modelLabels: ['model_name'],
  ports: [30000],
  paths: ['/metrics'],
  suspectAfterMs: 35_000,
  howToSwitchOn: 'SGLang prints metrics only when started with --enable-metrics',
};

/** Read by `read-sglang-loads.ts`; the names are those of `?format=prometheus`. */
export const sglangLoads: Preset = {
  title: 'SGLang /v1/loads',
  kind: 'engine',
  fingerprint: ['sglang_num_waiting_reqs'],
  alsoPrinted: [
    'sglang_num_running_reqs',
    'sglang_num_waiting_reqs',
    'sglang_queues_grammar',
    'sglang_max_running_requests',
    'sglang_token_usage',
    'sglang_timestamp',
  ],
  body: 'either',
  ports: [30000],
  paths: ['/v1/loads'],
  suspectAfterMs: 15_000,
  howToSwitchOn: 'SGLang serves /v1/loads from version 0.5.8 on',
};
