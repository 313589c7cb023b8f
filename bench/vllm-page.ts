const labels = 'engine="0",model_name="example-org/Example-8B-Instruct"';

/** Histogram families of a vLLM-like page, with their bucket bounds. */
const latencyBounds = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const stepBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const tokenBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];
const histograms: readonly (readonly [name: string, help: string, bounds: readonly number[]])[] = [
  ['vllm:time_to_first_token_seconds', 'Seconds until the first token.', stepBounds],
  ['vllm:inter_token_latency_seconds', 'Seconds between two tokens.', stepBounds],
  ['vllm:request_time_per_output_token_seconds', 'Seconds an output token took.', stepBounds],
  ['vllm:e2e_request_latency_seconds', 'Seconds a request took.', latencyBounds],
  ['vllm:request_queue_time_seconds', 'Seconds a request waited.', latencyBounds],
  ['vllm:request_inference_time_seconds', 'Seconds a request was running.', latencyBounds],
  ['vllm:request_prefill_time_seconds', 'Seconds a request was in prefill.', latencyBounds],
  ['vllm:request_decode_time_seconds', 'Seconds a request was in decode.', latencyBounds],
  ['vllm:request_prompt_tokens', 'Prompt tokens of a request.', tokenBounds],
  ['vllm:request_generation_tokens', 'Generated tokens of a request.', tokenBounds],
  ['vllm:request_max_num_generation_tokens', 'Most tokens asked of a request.', tokenBounds],
  ['vllm:request_params_max_tokens', 'The limit a request sets.', tokenBounds],
  ['vllm:request_params_n', 'The number of answers a request asks for.', tokenBounds],
  ['vllm:iteration_tokens_total', 'Tokens of one engine step.', tokenBounds],
];

/** The names that a scrape of such a page looks for. */
export const vllmWantedNames = [
  'vllm:num_requests_running',
  'vllm:num_requests_waiting',
  'vllm:kv_cache_usage_perc',
  'vllm:gpu_cache_usage_perc',
  'vllm:request_success_total',
  'vllm:iteration_tokens_total_count',
  'vllm:time_to_first_token_seconds_sum',
  'vllm:time_to_first_token_seconds_count',
  'vllm:engine_sleep_state',
  'vllm:prompt_tokens_total',
  'vllm:generation_tokens_total',
  'vllm:lora_requests_info',
] as const;

/** A page like that of a vLLM server with one engine, at least `minBytes` long. The same one for the same length. */
export function vllmPage(minBytes: number): string {
  const parts = [processPart(), gaugePart(), counterPart()];
  let bytes = parts.join('').length;
  for (let index = 0; bytes < minBytes; index++) {
    const [name, help, bounds] = histograms[index % histograms.length]!;
    const round = Math.floor(index / histograms.length);
    const part = histogramPart(round === 0 ? name : `${name}_${round}`, help, bounds);
    parts.push(part);
    bytes += part.length;
  }
  return parts.join('');
}

function processPart(): string {
  const collected = [0, 1, 2].map(
    (generation) => `python_gc_objects_collected_total{generation="${generation}"} 323.0\n`,
  );
  return [
    family('python_gc_objects_collected_total', 'counter', 'Objects collected.', collected.join('')),
    family('process_resident_memory_bytes', 'gauge', 'Memory.', 'process_resident_memory_bytes 3.0654464e+09\n'),
    family('process_cpu_seconds_total', 'counter', 'CPU time.', 'process_cpu_seconds_total 8123.54\n'),
  ].join('');
}

function gaugePart(): string {
  const reasons = ['capacity', 'deferred'].map(
    (reason, index) => `vllm:num_requests_waiting_by_reason{${labels},reason="${reason}"} ${4 - 3 * index}.0\n`,
  );
  const states = ['awake', 'weights_offloaded', 'discard_all'].map(
    (state, index) => `vllm:engine_sleep_state{${labels},sleep_state="${state}"} ${index === 0 ? '1.0' : '0.0'}\n`,
  );
  return [
    gauge('vllm:num_requests_running', 'Requests in the batch.', '37.0'),
    gauge('vllm:num_requests_waiting', 'Requests in the queue.', '5.0'),
    family('vllm:num_requests_waiting_by_reason', 'gauge', 'Waiting requests by reason.', reasons.join('')),
    family('vllm:engine_sleep_state', 'gauge', 'Whether the engine sleeps.', states.join('')),
    gauge('vllm:kv_cache_usage_perc', 'KV cache in use, 1 is all.', '0.4173228346456693'),
  ].join('');
}

function counterPart(): string {
  const reasons = ['stop', 'length', 'abort', 'error', 'repetition'].map(
    (reason, index) => `vllm:request_success_total{${labels},finished_reason="${reason}"} ${18211 - index * 311}.0\n`,
  );
  return [
    family('vllm:request_success_total', 'counter', 'Finished requests.', reasons.join('')),
    counter('vllm:prompt_tokens_total', 'Prompt tokens.', '1.2487121e+07'),
    counter('vllm:generation_tokens_total', 'Generated tokens.', '4.512877e+06'),
    counter('vllm:prefix_cache_queries_total', 'Tokens looked up in the prefix cache.', '1.2487121e+07'),
    counter('vllm:prefix_cache_hits_total', 'Tokens found in the prefix cache.', '5.820416e+06'),
    counter('vllm:num_preemptions_total', 'Preemptions.', '12.0'),
  ].join('');
}

function histogramPart(name: string, help: string, bounds: readonly number[]): string {
  const buckets = [...bounds.map((bound) => bound.toFixed(bound < 1 ? 3 : 1)), '+Inf'].map(
    (bound, index) => `${name}_bucket{${labels},le="${bound}"} ${Math.round(18211 * (1 - 0.8 ** (index + 1)))}.0\n`,
  );
  const totals = `${name}_count{${labels}} 18211.0\n${name}_sum{${labels}} 20417.738291025162\n`;
  return family(name, 'histogram', help, buckets.join('') + totals);
}

function gauge(name: string, help: string, value: string): string {
  return family(name, 'gauge', help, `${name}{${labels}} ${value}\n`);
}

function counter(name: string, help: string, value: string): string {
  return family(name, 'counter', help, `${name}{${labels}} ${value}\n`);
}

function family(name: string, type: string, help: string, samples: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples}`;
}
