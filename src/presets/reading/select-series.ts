import type { Sample } from '../../exposition/page.ts';
import { isProbeRoute } from './probe-route.ts';
import type { Matcher, Part } from './quantity.ts';

/** Which series a configured model leaves. */
export interface ModelFilter {
  /** A series is of a model when one of these labels has its name. */
  readonly labels: readonly string[];
  /** `undefined`: no model is configured and every series counts. */
  readonly models: ReadonlySet<string> | undefined;
  /** Whether series without any of the labels count, too. */
  readonly unlabelled: boolean;
}

/** The series of one part of a formula, unusable values left out. */
export interface Selection {
  readonly series: readonly Sample[];
  /** Series whose value is no possible number of anything: not finite, negative, or a sentinel. */
  readonly broken: readonly Sample[];
  /** Series that only a `!=` matcher left out: the family is printed and has nothing that counts. */
  readonly excluded: number;
  /** Series that no model label gives to one of the configured models or to another one. */
  readonly unnamed: number;
}

/** Larger ones are no longer exact, and exporters print the largest 64-bit integers for "no value". */
const largestUsable = Number.MAX_SAFE_INTEGER;

const none: readonly Sample[] = [];

/** Selects by the first of the part's names that has series, usable or not. Repeats of a series are still in it. */
export function selectSeries(samples: readonly Sample[], part: Part, filter: ModelFilter): Selection {
  let excluded = 0;
  let unnamed = 0;
  for (const name of part.names) {
    // Most names of most parts are not on the page: lists are made for those that are.
    let series: Sample[] | undefined;
    let broken: Sample[] | undefined;
    for (const sample of samples) {
      if (sample.name !== name) continue;
      const owner = ownerOf(sample, filter);
      if (owner === 'other') continue;
      const match = part.matchers.length === 0 ? 'counts' : matchOf(sample, part.matchers);
      if (match === 'excluded') excluded++;
      if (match !== 'counts') continue;
      if (owner === 'nobody') unnamed++;
      else if (isUsable(sample.value)) series = withSample(series, sample);
      else broken = withSample(broken, sample);
    }
    if (series !== undefined || broken !== undefined)
      return { series: series ?? none, broken: broken ?? none, excluded, unnamed };
  }
  return { series: none, broken: none, excluded, unnamed };
}

/** Most lists have one sample; an empty one that grows would have room for seventeen. */
function withSample(list: Sample[] | undefined, sample: Sample): Sample[] {
  if (list === undefined) return [sample];
  list.push(sample);
  return list;
}

function isUsable(value: number): boolean {
  return value >= 0 && value <= largestUsable;
}

/** Whose requests a series counts: those asked for, others, or what nobody can tell. */
function ownerOf({ labels }: Sample, filter: ModelFilter): 'asked' | 'other' | 'nobody' {
  if (filter.models === undefined) return 'asked';
  let isNamed = false;
  for (const label of filter.labels) {
    const model = labels[label];
    if (model === undefined || model === '') continue;
    if (filter.models.has(model)) return 'asked';
    isNamed = true;
  }
  if (isNamed) return 'other';
  return filter.unlabelled ? 'asked' : 'nobody';
}

/** A value that ends in `*` stands for all that begin with it. */
function isLike(found: string, value: string): boolean {
  return value.endsWith('*') ? found.startsWith(value.slice(0, -1)) : found === value;
}

function matchOf(sample: Sample, matchers: readonly Matcher[]): 'counts' | 'excluded' | 'other' {
  let excluded = false;
  for (const { label, test, value } of matchers) {
    const found = sample.labels[label] ?? '';
    if (test === 'equals' && found !== value) return 'other';
    if (test === 'printed' && found === '') return 'other';
    if (test === 'differs' && isLike(found, value)) excluded = true;
    if (test === 'no-probe' && isProbeRoute(found)) excluded = true;
  }
  return excluded ? 'excluded' : 'counts';
}
