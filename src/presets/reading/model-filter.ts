import type { Page } from '../../exposition/page.ts';
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
export const everyModel: ModelFilter = { label: undefined, models: undefined, unlabelled: true };

/**
 * The models that a page counts, in the order printed: from the series of the concurrency, else from those of the
 * request counter, else from whatever carries the label.
 */
export function modelsOnPage(page: Page, compiled: CompiledPreset): readonly string[] {
  const label = compiled.preset.modelLabel;
  if (label === undefined) return [];
  const byConcurrency = labelValues(page, label, compiled.concurrencyNames);
  if (byConcurrency.length > 0) return byConcurrency;
  const byRequests = labelValues(page, label, compiled.requestNames);
  return byRequests.length > 0 ? byRequests : labelValues(page, label, undefined);
}

/** Distinct values of a label, not empty, in the order printed. */
function labelValues(page: Page, label: string, names: ReadonlySet<string> | undefined): readonly string[] {
  const values = new Set<string>();
  for (const sample of page.samples) {
    const value = sample.labels[label];
    if (value === undefined || value === '') continue;
    if (names === undefined || names.has(sample.name)) values.add(value);
  }
  return [...values];
}

/**
 * Judges configured models against a page. A model matches its label exactly. A series without the label counts where
 * the page names no model and one is configured, or where every model that the page names is a configured one.
 */
export function chooseModels(page: Page, label: string | undefined, models: readonly string[]): ModelChoice {
  const onPage = label === undefined ? [] : labelValues(page, label, undefined);
  if (onPage.length === 0) {
    const filter = { label, models: new Set(models), unlabelled: true };
    return { filter, none: models.length > 1, problems: models.length > 1 ? [namesNoModel(models)] : [] };
  }
  const wanted = new Set(models);
  const printed = new Set(onPage);
  const missing = models.filter((model) => !printed.has(model));
  return {
    filter: { label, models: wanted, unlabelled: onPage.every((model) => wanted.has(model)) },
    none: missing.length === models.length,
    problems: missing.slice(0, mostProblems).map((model) => notOnPage(model, onPage)),
  };
}

/** The sentence for a model that a page does not have. */
export function notOnPage(model: string, onPage: readonly string[]): string {
  return `model ${quotedWord(model)} is not on this page; it has: ${wordList(onPage)}`;
}

/** The sentence for several models and a page that cannot tell them apart. */
export function namesNoModel(models: readonly string[]): string {
  return `this page names no model, so it can be counted for one configured model only, not for ${models.length}`;
}
