import type { PresetName } from '../catalogue/preset-name.ts';
import { presets } from '../catalogue/presets.ts';
import type { Signals } from '../signals.ts';

/**
 * A sentence for each quantity that these signals lack, for someone who looks at one page: first the page's problems,
 * then what pages of this kind never state, which is no fault.
 */
export function whyAbsent(name: PresetName, signals: Signals): readonly string[] {
  const preset = presets[name];
  const sentences = [...signals.problems];
  if (signals.concurrency === undefined) return sentences;
  if (signals.waiting === undefined && preset.inclusive === true) {
    sentences.push(`waiting: the running number of ${preset.title} holds the waiting requests`);
  }
  if (signals.capacity === undefined) {
    sentences.push(`capacity: this page of ${preset.title} states no limit of requests at once`);
  }
  if (signals.kvCacheRatio === undefined) {
    sentences.push(`kvCacheRatio: this page of ${preset.title} states no share of the KV cache`);
  }
  return sentences;
}
