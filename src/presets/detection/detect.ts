import type { Page } from '../../exposition/page.ts';
import { canonicalName } from '../../exposition/page.ts';
import type { PresetName } from '../catalogue/preset-name.ts';
import { presets } from '../catalogue/presets.ts';
import { whyUnknown } from '../reading/why-unknown.ts';
import { detectJson } from './detect-json.ts';
import type { Detection } from './detection.ts';

/** The first whose test passes wins: pages of later ones may lack what earlier ones print, never the other way round. */
export const detectionOrder: readonly (PresetName | 'gpu')[] = [
  'activator',
  'epp',
  'dynamo-frontend',
  // Before the engines whose families its page may hold.
  'dynamo-worker',
  'production-stack',
  'smg',
  'sglang-router',
  'vllm-router',
  'aibrix',
  'triton-trtllm',
  'triton',
  'trtllm-serve',
  'sglang-loads',
  'sglang',
  'lmdeploy',
  'aphrodite',
  'ray-vllm',
  'ray-serve',
  'vllm',
  'gpustack',
  'nim',
  'jetstream',
  'trtllm-serve-1.0',
  'tgi',
  'lorax',
  'tei',
  'llamacpp',
  'mistralrs',
  'xinference',
  'max',
  'bentoml',
  'mlserver',
  'torchserve',
  'kserve',
  'litellm',
  'envoy',
  'istio',
  'traefik',
  'kong',
  'nginx',
  'gpu',
];

type Test = (names: ReadonlySet<string>, page: Page) => boolean;

/** Tests that need more than one of the preset's fingerprint names. */
const ownTests: Partial<Record<PresetName | 'gpu', Test>> = {
  vllm: (names, page) => names.has('vllm_num_requests_running') && !hasServerLabel(page),
  nim: (names) =>
    names.has('num_request_max') || (names.has('num_requests_running') && names.has('gpu_cache_usage_perc')),
  'trtllm-serve-1.0': (_names, page) =>
    page.samples.some(({ name, labels }) => name === 'request_success_total' && labels.engine_type === 'undefined'),
  gpu: (names) => hasAny(names, ['DCGM_FI_', 'habanalabs_']) || [...names].some(isAmdName),
};

function hasServerLabel(page: Page): boolean {
  return page.samples.some(({ name, labels }) => name === 'vllm_num_requests_running' && (labels.server ?? '') !== '');
}

/** AMD's names occur in upper case, and behind `amd_`, too. */
function isAmdName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'gpu_gfx_activity' || lower === 'amd_gpu_gfx_activity';
}

/** Families that GPU exporters print and nobody else does. */
export const gpuTelltales = [
  'DCGM_FI_DEV_GPU_UTIL',
  'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
  'habanalabs_utilization',
  'gpu_gfx_activity',
];

/**
 * Says what kind of page this is. The page must have been read with every name wanted, or with `telltaleNames`, which
 * nearly always do. `port`: where it was found.
 */
export function detectPreset(page: Page, port?: number): Detection {
  if (page.format === 'json') return detectJson(page.json, port);
  const names = new Set(page.declared.keys());
  for (const { name } of page.samples) names.add(name);
  const found = detectionOrder.find((name) => passes(name, names, page));
  if (found === undefined) return { kind: 'unknown', message: whyUnknown(names) };
  return found === 'gpu' ? { kind: 'gpu' } : { kind: 'preset', preset: found };
}

/**
 * Names by which a page turns out to be another preset's that is looked for first: it has printed them with its first
 * request, or its first model, and who sees it first then would take it for that. Canonical.
 */
export function outgrowingNames(preset: PresetName): ReadonlySet<string> {
  const known = outgrowing.get(preset);
  if (known !== undefined) return known;
  const own = new Set(presets[preset].fingerprint.map(canonicalName));
  const earlier = detectionOrder.slice(0, Math.max(0, detectionOrder.indexOf(preset)));
  const names = earlier.flatMap((name) => (name === 'gpu' ? [] : presets[name].fingerprint.map(canonicalName)));
  const made = new Set(names.filter((name) => !name.endsWith('_') && !own.has(name)));
  outgrowing.set(preset, made);
  return made;
}

/** One entry for each preset at most. */
const outgrowing = new Map<PresetName, ReadonlySet<string>>();

function passes(name: PresetName | 'gpu', names: ReadonlySet<string>, page: Page): boolean {
  const own = ownTests[name];
  if (own !== undefined) return own(names, page);
  return name !== 'gpu' && hasAny(names, presets[name].fingerprint);
}

/** Whether one of the names, or a name with one of the prefixes, is among those of the page. */
function hasAny(names: ReadonlySet<string>, wanted: readonly string[]): boolean {
  return wanted.map(canonicalName).some((text) => {
    if (!text.endsWith('_')) return names.has(text);
    return [...names].some((name) => name.startsWith(text));
  });
}
