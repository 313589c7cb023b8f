import type { Engine } from './engine.ts';
import type { EngineStats } from './engine-stats.ts';
import { Histogram } from './histogram.ts';
import type { Labels } from './page-writer.ts';
import { PageWriter } from './page-writer.ts';

interface Identity {
  readonly modelName: string;
  readonly startedAtMs: number;
}

const finishReasons = ['stop', 'length', 'abort', 'error', 'repetition'] as const;
const tokenSources = ['local_compute', 'local_cache_hit', 'external_kv_transfer'] as const;

/** A page shaped like vLLM's: the same families, labels, buckets and order of size, about 45 kB. */
export function renderVllmPage(engine: Engine, identity: Identity): string {
  const page = new PageWriter();
  const labels = { engine: '0', model_name: identity.modelName };
  const startedAtSeconds = identity.startedAtMs / 1000;
  writeProcess(page, startedAtSeconds);
  writeGauges(page, engine, labels);
  writeCounters(page, engine.stats, labels, startedAtSeconds);
  writeHistograms(page, engine.stats, labels, startedAtSeconds);
  writeCacheConfig(page, engine);
  return page.page();
}

function writeProcess(page: PageWriter, startedAtSeconds: number): void {
  for (const [name, help] of [
    ['python_gc_objects_collected_total', 'Objects the garbage collector has freed'],
    ['python_gc_objects_uncollectable_total', 'Objects the garbage collector could not free'],
    ['python_gc_collections_total', 'Runs of the garbage collector over each generation'],
  ] as const) {
    page.family(name, 'counter', help);
    for (const generation of ['0', '1', '2']) page.sample(name, { generation }, 512 >> (3 * Number(generation)));
  }
  const version = { implementation: 'CPython', major: '3', minor: '12', patchlevel: '11', version: '3.12.11' };
  page.gauge('python_info', 'The interpreter that runs the server.', version, 1);
  page.gauge('process_virtual_memory_bytes', 'Virtual memory of the process in bytes.', {}, 34_359_738_368);
  page.gauge('process_resident_memory_bytes', 'Resident memory of the process in bytes.', {}, 4_294_967_296);
  page.gauge('process_start_time_seconds', 'Start of the process in seconds since 1970.', {}, startedAtSeconds);
  page.gauge('process_open_fds', 'File descriptors in use.', {}, 96);
  page.gauge('process_max_fds', 'File descriptors the process may use.', {}, 1_048_576);
}

function writeGauges(page: PageWriter, engine: Engine, labels: Labels): void {
  const waiting = engine.waitingRequests;
  page.gauge('vllm:num_requests_running', 'Requests in the batch that is executing.', labels, engine.runningRequests);
  page.gauge('vllm:num_requests_waiting', 'Requests that wait for a place in the batch.', labels, waiting);
  page.family('vllm:num_requests_waiting_by_reason', 'gauge', 'Waiting requests by what they wait for.');
  page.sample('vllm:num_requests_waiting_by_reason', { ...labels, reason: 'capacity' }, waiting);
  page.sample('vllm:num_requests_waiting_by_reason', { ...labels, reason: 'deferred' }, 0);
  page.family('vllm:engine_sleep_state', 'gauge', 'One for the state the engine is in: awake or one kind of sleep.');
  for (const state of ['awake', 'weights_offloaded', 'discard_all']) {
    page.sample('vllm:engine_sleep_state', { ...labels, sleep_state: state }, state === 'awake' ? 1 : 0);
  }
  page.gauge('vllm:kv_cache_usage_perc', 'Share of KV-cache blocks in use; 1 is all.', labels, engine.kvCacheRatio);
}

function writeCounters(page: PageWriter, stats: EngineStats, labels: Labels, startedAtSeconds: number): void {
  const counter = (name: string, help: string, series: readonly (readonly [Labels, number])[]): void => {
    page.family(`${name}_total`, 'counter', help);
    for (const [extra, value] of series) page.sample(`${name}_total`, { ...labels, ...extra }, value);
    page.family(`${name}_created`, 'gauge', help);
    for (const [extra] of series) page.sample(`${name}_created`, { ...labels, ...extra }, startedAtSeconds);
  };
  for (const [cache, text] of [
    ['prefix_cache', 'the prefix cache'],
    ['external_prefix_cache', 'the prefix cache of other servers'],
    ['mm_cache', 'the cache of pictures and sounds'],
  ] as const) {
    const queries = cache === 'prefix_cache' ? stats.promptTokens : 0;
    counter(`vllm:${cache}_queries`, `Tokens or items looked up in ${text}.`, [[{}, queries]]);
    counter(`vllm:${cache}_hits`, `Tokens or items found in ${text}.`, [[{}, 0]]);
  }
  counter('vllm:num_preemptions', 'Requests sent back to the queue by the engine.', [[{}, stats.preemptions]]);
  counter('vllm:prompt_tokens', 'Prompt tokens read.', [[{}, stats.promptTokens]]);
  const bySource = tokenSources.map(
    (source) => [{ source }, source === 'local_compute' ? stats.promptTokens : 0] as const,
  );
  counter('vllm:prompt_tokens_by_source', 'Prompt tokens by where they came from.', bySource);
  counter('vllm:prompt_tokens_cached', 'Prompt tokens that were not computed again.', [[{}, 0]]);
  counter('vllm:generation_tokens', 'Tokens generated.', [[{}, stats.generationTokens]]);
  const finished: Partial<Record<string, number>> = { length: stats.finished, abort: stats.aborted };
  const byReason = finishReasons.map((reason) => [{ finished_reason: reason }, finished[reason] ?? 0] as const);
  counter('vllm:request_success', 'Requests ended, by reason.', byReason);
}

function writeHistograms(page: PageWriter, stats: EngineStats, labels: Labels, startedAtSeconds: number): void {
  const single = new Histogram([1, 2, 5, 10, 20]);
  if (stats.finished > 0) single.observe(1, stats.finished);
  const rows: readonly (readonly [string, string, Histogram])[] = [
    ['request_prompt_tokens', 'Prompt tokens of finished requests.', stats.requestPromptTokens],
    ['request_generation_tokens', 'Generated tokens of finished requests.', stats.requestGenerationTokens],
    ['iteration_tokens_total', 'Tokens computed in one engine step.', stats.stepTokens],
    ['request_max_num_generation_tokens', 'Most tokens a request could generate.', stats.requestGenerationTokens],
    ['request_params_n', 'Answers asked for by one request.', single],
    ['request_params_max_tokens', 'Token limit that requests came with.', stats.requestGenerationTokens],
    ['time_to_first_token_seconds', 'Seconds from arrival to the first token.', stats.timeToFirstToken],
    ['inter_token_latency_seconds', 'Seconds between two tokens of a request.', stats.interTokenLatency],
    ['request_time_per_output_token_seconds', 'Mean seconds a token took, by request.', stats.timePerOutputToken],
    ['e2e_request_latency_seconds', 'Seconds from arrival to the last token.', stats.requestLatency],
    ['request_queue_time_seconds', 'Seconds spent waiting for the batch.', stats.queueTime],
    ['request_inference_time_seconds', 'Seconds spent in the batch.', stats.inferenceTime],
    ['request_prefill_time_seconds', 'Seconds spent reading the prompt.', stats.prefillTime],
    ['request_decode_time_seconds', 'Seconds spent generating.', stats.decodeTime],
    ['request_prefill_kv_computed_tokens', 'Prompt tokens computed, by request.', stats.requestPromptTokens],
  ];
  for (const [name, help, histogram] of rows) {
    page.family(`vllm:${name}`, 'histogram', help);
    page.buckets(`vllm:${name}`, labels, histogram);
    page.gauge(`vllm:${name}_created`, help, labels, startedAtSeconds);
  }
}

function writeCacheConfig(page: PageWriter, { shape }: Engine): void {
  const labels = {
    block_size: String(shape.blockTokens),
    cache_dtype: 'auto',
    enable_prefix_caching: 'False',
    engine: '0',
    gpu_memory_utilization: '0.9',
    kv_cache_size_tokens: String(shape.kvBlocks * shape.blockTokens),
    num_cpu_blocks: 'None',
    num_gpu_blocks: String(shape.kvBlocks),
    sliding_window: 'None',
  };
  page.gauge('vllm:cache_config_info', 'Settings of the KV cache, as labels.', labels, 1);
}
