import type { Sample } from '../../exposition/page.ts';
import type { Matcher, Part } from './quantity.ts';

/** Which series a configured model leaves. */
export interface ModelFilter {
  readonly label: string | undefined;
  /** `undefined`: no model is configured and every series counts. */
  readonly models: ReadonlySet<string> | undefined;
  /** Whether series without the label count, too. */
  readonly unlabelled: boolean;
}

/** The series of one part of a formula, unusable values left out. */
export interface Selection {
  readonly series: readonly Sample[];
  /** Series whose value is no possible number of anything: not finite, negative, or a sentinel. */
  readonly unusable: number;
  /** Series that only a `!=` matcher left out: the family is printed and has nothing that counts. */
  readonly excluded: number;
}

/** Larger ones are no longer exact, and exporters print the largest 64-bit integers for "no value". */
const largestUsable = Number.MAX_SAFE_INTEGER;

/** Selects by the first of the part's names that has series, usable or not. Repeats of a series are still in it. */
export function selectSeries(samples: readonly Sample[], part: Part, filter: ModelFilter): Selection {
  let excluded = 0;
  for (const name of part.names) {
    const series: Sample[] = [];
    let unusable = 0;
    for (const sample of samples) {
      if (sample.name !== name || !passesModel(sample, filter)) continue;
      const match = part.matchers.length === 0 ? 'counts' : matchOf(sample, part.matchers);
      if (match === 'excluded') excluded++;
      if (match !== 'counts') continue;
      if (isUsable(sample.value)) series.push(sample);
      else unusable++;
    }
    if (series.length > 0 || unusable > 0) return { series, unusable, excluded };
  }
  return { series: [], unusable: 0, excluded };
}

function isUsable(value: number): boolean {
  return value >= 0 && value <= largestUsable;
}

function passesModel(sample: Sample, filter: ModelFilter): boolean {
  if (filter.models === undefined) return true;
  const model = filter.label === undefined ? undefined : sample.labels[filter.label];
  return model === undefined || model === '' ? filter.unlabelled : filter.models.has(model);
}

function matchOf(sample: Sample, matchers: readonly Matcher[]): 'counts' | 'excluded' | 'other' {
  let excluded = false;
  for (const { label, test, value } of matchers) {
    const found = sample.labels[label] ?? '';
    if (test === 'equals' && found !== value) return 'other';
    if (test === 'printed' && found === '') return 'other';
    if (test === 'differs' && found === value) excluded = true;
  }
  return excluded ? 'excluded' : 'counts';
}
