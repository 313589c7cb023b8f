import type { Preset } from '../catalogue/preset.ts';
import type { PresetName } from '../catalogue/preset-name.ts';
import { presets } from '../catalogue/presets.ts';
import type { Signals } from '../signals.ts';

/** What a trigger may count that pages print, in the words of its metadata. */
export type PrintedMetric = 'concurrency' | 'running' | 'waiting' | 'kvCache' | 'requestRate' | 'timeToFirstToken';

/** Pages that are read by code of their own, and what they state. */
const ownPages: Partial<Record<PresetName, readonly PrintedMetric[]>> = {
  'sglang-loads': ['concurrency', 'running', 'waiting', 'kvCache'],
  'trtllm-serve-json': ['concurrency', 'running', 'waiting', 'kvCache'],
  'keda-http': ['concurrency', 'running', 'requestRate'],
};

/** Why no page of this kind can ever give the metric, as a sentence; `undefined` where one can. */
export function whyNever(name: PresetName, metric: PrintedMetric): string | undefined {
  const preset = presets[name];
  const states = ownPages[name]?.includes(metric) ?? statesMetric(preset, metric);
  if (states) return undefined;
  if (metric === 'concurrency') return preset.whyNoConcurrency;
  return neverWords(preset, metric);
}

function statesMetric(preset: Preset, metric: PrintedMetric): boolean {
  switch (metric) {
    case 'concurrency':
      return preset.whyNoConcurrency === undefined;
    case 'running':
      return preset.running !== undefined;
    case 'waiting':
      return preset.waiting !== undefined;
    case 'kvCache':
      return preset.kvCacheRatio !== undefined || preset.kvCacheUsed !== undefined;
    case 'requestRate':
      return preset.requests !== undefined;
    case 'timeToFirstToken':
      return preset.timeToFirstToken !== undefined;
  }
}

function neverWords({ title, inclusive }: Preset, metric: Exclude<PrintedMetric, 'concurrency'>): string {
  switch (metric) {
    case 'running':
      return `pages of ${title} print no gauge of running requests`;
    case 'waiting':
      return inclusive === true
        ? `the running number of ${title} holds the waiting requests`
        : `pages of ${title} print no waiting requests`;
    case 'kvCache':
      return `pages of ${title} state no share of the KV cache`;
    case 'requestRate':
      return `pages of ${title} print no counter of requests`;
    case 'timeToFirstToken':
      return `pages of ${title} print no histogram of times to first token`;
  }
}

const notNow: Readonly<Record<PrintedMetric, string>> = {
  concurrency: 'the page does not say how many requests there are',
  running: 'the page does not say how many requests run',
  waiting: 'the page does not say how many requests wait',
  kvCache: 'the page states no share of the KV cache',
  requestRate: 'the page has no counter of requests, or has had it for one reading only',
  timeToFirstToken: 'the page has no histogram of times to first token, or no request had its first token lately',
};

/** Why a page that was read did not give the metric, as a sentence that names it. */
export function whyMetricAbsent(engine: PresetName | 'custom', metric: PrintedMetric, signals: Signals): string {
  const never = engine === 'custom' ? undefined : whyNever(engine, metric);
  return `${metric}: ${never ?? signals.problems[0] ?? notNow[metric]}`;
}
