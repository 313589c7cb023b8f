import { presets } from '../catalogue/presets.ts';
import { wordList } from './page-words.ts';

/** What any program prints about itself and its HTTP handlers. */
const generalPrefixes = ['python_', 'process_', 'http_', 'go_', 'promhttp_', 'nodejs_'];

/** Why a text page with these families is nobody's: what was seen and what usually causes it. */
export function whyUnknown(names: ReadonlySet<string>): string {
  if (names.size === 0) {
    return `the page has no metric families; ${presets.tei.howToSwitchOn}; ${presets.torchserve.howToSwitchOn}`;
  }
  const own = [...names].filter((name) => !generalPrefixes.some((prefix) => name.startsWith(prefix)));
  if (own.length === 0) return onlyGeneral(names);
  if (own.some((name) => name.startsWith('vllm_'))) return vllmWithoutLoad(names);
  return `no known model server or gateway prints these families: ${wordList(own)}; set engine, or engine: custom with runningMetric`;
}

function onlyGeneral(names: ReadonlySet<string>): string {
  const seen = generalPrefixes.filter((prefix) => [...names].some((name) => name.startsWith(prefix)));
  const families = seen.map((prefix) => `${prefix}*`).join(', ');
  const causes = [
    presets.vllm.howToSwitchOn,
    presets.sglang.howToSwitchOn,
    presets.tei.howToSwitchOn,
    'Infinity prints nothing else at all: set engine: http, which counts by the durations of HTTP requests',
  ];
  return `the page has only ${families}, none of a model server; ${causes.join('; ')}`;
}

function vllmWithoutLoad(names: ReadonlySet<string>): string {
  if (names.has('vllm_num_requests_running')) {
    return 'vllm:num_requests_running has the label "server" here, as on a router, but nothing else says which router';
  }
  const seen = wordList([...names].filter((name) => name.startsWith('vllm_')));
  return `the page has families of vLLM (${seen}) without vllm:num_requests_running, so it does not state its load`;
}
