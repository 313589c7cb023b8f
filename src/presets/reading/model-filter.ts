import type { Page } from '../../exposition/page.ts';
import type { Preset } from '../catalogue/preset.ts';
import type { CompiledPreset } from '../detection/compiled-preset.ts';
import { quotedWord, wordList } from './page-words.ts';
import type { ModelFilter } from './select-series.ts';

/** `series`: what to select with. `problems`: models that are not there. `none`: not one of them is, so nothing counts. */
export interface ModelChoice {
  readonly filter: ModelFilter;
  readonly none: boolean;
  readonly problems: readonly string[];
}

/** Enough to see what is wrong: metadata may name a thousand models, and a page as many others. */
const mostProblems = 10;

/** Every series of a page counts. */
export const everyModel: ModelFilter = { labels: [], models: undefined, unlabelled: true };

/**
 * The models that a page counts, in the order printed: from the series of the concurrency, else from those of the
 * request counter, else from whatever carries one of the labels.
 */
export function modelsOnPage(page: Page, compiled: CompiledPreset): readonly string[] {
  const labels = compiled.preset.modelLabels?.slice(0, 1);
  if (labels === undefined) return [];
  const byConcurrency = labelValues(page, labels, compiled.concurrencyNames);
  if (byConcurrency.length > 0) return byConcurrency;
  const byRequests = labelValues(page, labels, compiled.requestNames);
  return byRequests.length > 0 ? byRequests : labelValues(page, labels, undefined);
}

/** Distinct values of the labels, not empty, in the order printed. */
function labelValues(page: Page, labels: readonly string[], names: ReadonlySet<string> | undefined): readonly string[] {
  const values = new Set<string>();
  for (const sample of page.samples) {
    if (names !== undefined && !names.has(sample.name)) continue;
    for (const label of labels) {
      const value = sample.labels[label];
      if (value !== undefined && value !== '') values.add(value);
    }
  }
  return [...values];
}

/** What a preset says of models on its pages. */
export type ModelRules = Pick<Preset, 'title' | 'modelLabels' | 'severalModels' | 'kind'>;

/**
 * Judges configured models against a page. A model matches one of its labels exactly. A series without any of them
 * counts where every model that the page names is a configured one, and where a page that names none is that of a
 * server which serves one model only. Otherwise nobody can tell whose it is.
 */
export function chooseModels(page: Page, rules: ModelRules, models: readonly string[]): ModelChoice {
  const labels = rules.modelLabels ?? [];
  const onPage = labelValues(page, labels, undefined);
  const wanted = new Set(models);
  if (onPage.length > 0) {
    const printed = new Set(onPage);
    const missing = models.filter((model) => !printed.has(model));
    return {
      filter: { labels, models: wanted, unlabelled: onPage.every((model) => wanted.has(model)) },
      none: missing.length === models.length,
      problems: missing.slice(0, mostProblems).map((model) => notOnPage(model, onPage)),
    };
  }
  const isSole = rules.kind === 'engine' && rules.severalModels !== true;
  if (isSole && models.length > 1) {
    return { filter: { labels, models: wanted, unlabelled: true }, none: true, problems: [namesNoModel(models)] };
  }
  return { filter: { labels, models: wanted, unlabelled: isSole }, none: false, problems: [] };
}

/** The sentence for a model that a page does not have. */
export function notOnPage(model: string, onPage: readonly string[]): string {
  return `model ${quotedWord(model)} is not on this page; it has: ${wordList(onPage)}`;
}

/** The sentence for several models and a page that cannot tell them apart. */
export function namesNoModel(models: readonly string[]): string {
  return `this page names no model, so it can be counted for one configured model only, not for ${models.length}`;
}
