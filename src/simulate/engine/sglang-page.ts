import type { Engine } from './engine.ts';
import type { Histogram } from './histogram.ts';
import { PageWriter } from './page-writer.ts';

interface Identity {
  readonly modelName: string;
}

/** A page shaped like SGLang's in the families that carry load; smaller than a real one. */
export function renderSglangPage(engine: Engine, { modelName }: Identity): string {
  const page = new PageWriter();
  const { stats, shape } = engine;
  const scheduler = { engine_type: 'unified', model_name: modelName, moe_ep_rank: '0', pp_rank: '0', tp_rank: '0' };
  const gauges: readonly (readonly [string, string, number])[] = [
    ['num_running_reqs', 'Requests in the batch.', engine.runningRequests],
    ['num_queue_reqs', 'Requests that wait for the batch.', engine.waitingRequests],
    ['num_grammar_queue_reqs', 'Requests whose grammar is being compiled.', 0],
    ['num_used_tokens', 'Tokens in the KV cache.', engine.kvCacheRatio * engine.maxRequestTokens],
    ['token_usage', 'Share of the KV cache in use; 1 is all.', engine.kvCacheRatio],
    ['cache_hit_rate', 'Share of prompt tokens found in the cache.', 0],
    ['max_total_num_tokens', 'Tokens the KV cache can hold.', shape.kvBlocks * shape.blockTokens],
  ];
  for (const [name, help, value] of gauges) page.gauge(`sglang:${name}`, help, scheduler, value);
  const server = { model_name: modelName };
  const counters: readonly (readonly [string, string, number])[] = [
    ['prompt_tokens_total', 'Prompt tokens read.', stats.promptTokens],
    ['generation_tokens_total', 'Tokens generated.', stats.generationTokens],
    ['num_requests_total', 'Requests finished.', stats.finished],
    ['num_aborted_requests_total', 'Requests given up.', stats.aborted],
  ];
  for (const [name, help, value] of counters) {
    page.family(`sglang:${name}`, 'counter', help);
    page.sample(`sglang:${name}`, server, value);
  }
  const histograms: readonly (readonly [string, string, Histogram])[] = [
    ['time_to_first_token_seconds', 'Seconds to the first token.', stats.timeToFirstToken],
    ['inter_token_latency_seconds', 'Seconds between two tokens.', stats.interTokenLatency],
    ['e2e_request_latency_seconds', 'Seconds to the last token.', stats.requestLatency],
    ['prompt_tokens_histogram', 'Prompt tokens by request.', stats.requestPromptTokens],
    ['generation_tokens_histogram', 'Generated tokens by request.', stats.requestGenerationTokens],
  ];
  for (const [name, help, histogram] of histograms) {
    page.family(`sglang:${name}`, 'histogram', help);
    page.buckets(`sglang:${name}`, server, histogram);
  }
  return page.page();
}
