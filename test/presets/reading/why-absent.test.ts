import { expect, it } from 'vitest';
import type { PresetName } from '../../../src/presets/catalogue/preset-name.ts';
import { readSignals } from '../../../src/presets/reading/read-signals.ts';
import { whyAbsent } from '../../../src/presets/reading/why-absent.ts';
import { pageOf } from '../page-of.ts';

const vllm = 'vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n';
const nim = 'num_requests_running 1\nnum_requests_waiting 0\nnum_request_max 8\ngpu_cache_usage_perc 0.1\n';

it.each<[string, PresetName, string, string[]]>([
  ['nothing when all is there', 'nim', nim, []],
  [
    'what pages of the kind do not state',
    'vllm',
    vllm,
    [
      'capacity: this page of vLLM states no limit of requests at once',
      'kvCacheRatio: this page of vLLM states no share of the KV cache',
    ],
  ],
  [
    'that running holds the waiting requests',
    'production-stack',
    'vllm:num_requests_running{server="a"} 1\nvllm:current_qps 1\n',
    [
      'waiting: the running number of the vLLM production-stack router holds the waiting requests',
      'capacity: this page of the vLLM production-stack router states no limit of requests at once',
      'kvCacheRatio: this page of the vLLM production-stack router states no share of the KV cache',
    ],
  ],
  [
    'only the reason when the load is unknown',
    'traefik',
    'traefik_open_connections 1\n',
    ['Traefik prints open connections, which are not requests'],
  ],
])('says %s', (_name, preset, page, sentences) => {
  const outcome = readSignals(pageOf(page), preset);
  expect(outcome.ok && whyAbsent(preset, outcome.signals)).toEqual(sentences);
});
