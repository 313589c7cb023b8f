import type { Page, Sample } from '../../exposition/page.ts';
import type { Preset } from '../catalogue/preset.ts';
import { distinctSeries, keyWithout, seriesKey, sglangRanks } from './combine-series.ts';
import { quotedWord } from './page-words.ts';
import type { Part } from './quantity.ts';
import type { ModelFilter, Selection } from './select-series.ts';
import { selectSeries } from './select-series.ts';

/** What a quantity is read from. `problems` is appended to. */
export interface QuantitySource {
  readonly page: Page;
  readonly preset: Pick<Preset, 'ranks' | 'hops' | 'pidCopies'>;
  readonly filter: ModelFilter;
  readonly problems: string[];
}

/** `inferred`: 0 because no request was ever counted. `partial`: some of its series say no number, and are not in it. */
export interface Total {
  readonly value: number | undefined;
  readonly inferred: boolean;
  readonly partial: boolean;
}

const unknown: Total = { value: undefined, inferred: false, partial: false };

/**
 * Adds the parts of a gauge. A required part without series makes it unknown, unless `neverRequested` says that the
 * page's request counters are all 0. A part whose every value is unusable is no absent part: nothing can stand in.
 */
export function readGauge(source: QuantitySource, parts: readonly Part[], neverRequested: () => boolean): Total {
  let value = 0;
  let inferred = false;
  let partial = false;
  for (const part of parts) {
    const selection = selectSeries(source.page.samples, part, source.filter);
    reportUnusable(source, part, selection);
    partial ||= selection.broken.length > 0;
    if (selection.unnamed > 0) {
      source.problems.push(noModelLabel(source.filter, part));
      return unknown;
    }
    if (selection.series.length > 0) value += part.sign * sumOf(combined(source, selection.series));
    else if (selection.broken.length > 0) return unknown;
    else if (part.optional || selection.excluded > 0) continue;
    else if (neverRequested()) inferred = true;
    else {
      source.problems.push(whyAbsent(source.page, part));
      return unknown;
    }
  }
  return { value: Math.max(value, 0), inferred, partial };
}

function combined({ preset }: QuantitySource, selected: readonly Sample[]): readonly Sample[] {
  const distinct = distinctSeries(selected, preset);
  return preset.ranks === 'sglang' ? sglangRanks(distinct) : distinct;
}

function reportUnusable(source: QuantitySource, part: Part, { broken, series }: Selection): void {
  if (broken.length === 0) return;
  source.problems.push(
    `${broken.length} of ${broken.length + series.length} values of ${part.written} are not a number of requests`,
  );
}

/** The series are there, and nothing on them says whose requests they count. */
function noModelLabel({ labels, models }: ModelFilter, { written }: Part): string {
  const wanted = models?.size === 1 ? `model ${quotedWord([...models][0]!)}` : `the ${models?.size} models`;
  const looked = labels.length === 0 ? '' : ` (${labels.join(', ')})`;
  return `${written} has no model label${looked} on this page, so the requests of ${wanted} can't be told from others`;
}

function whyAbsent(page: Page, part: Part): string {
  const labels = part.matchers
    .filter(({ test }) => test !== 'differs' && test !== 'no-probe')
    .map(({ label, value }) => `${label}="${value}"`);
  const name = labels.length > 0 ? `${part.written}{${labels.join(',')}}` : part.written;
  if (
    part.names.some((alias) => page.declared.has(alias)) &&
    !page.samples.some(({ name }) => part.names.includes(name))
  )
    return `${name} is declared without a value, and no request counter shows that there was no request yet`;
  return `${name} is not on this page`;
}

/** Adds counters, or the sums or counts of histograms. Undefined where a required part has no series. */
export function readCounter(source: QuantitySource, parts: readonly Part[]): number | undefined {
  if (parts.length === 0) return undefined;
  let value = 0;
  for (const part of parts) {
    const { series, broken, excluded, unnamed } = selectSeries(source.page.samples, part, source.filter);
    // Without one of its series a counter would seem to fall, and to have grown by all of it a moment later.
    if (unnamed > 0 || broken.length > 0) return undefined;
    if (series.length > 0) value += sumOf(distinctSeries(series, source.preset));
    else if (!part.optional && excluded === 0) return undefined;
  }
  return value;
}

/** Whether some series of these say no number. */
export function hasBroken({ page, filter }: QuantitySource, parts: readonly Part[]): boolean {
  return parts.some((part) => selectSeries(page.samples, part, filter).broken.length > 0);
}

/** The largest of a family that prints ratios. Undefined where none is a ratio. */
export function readLargestRatio(source: QuantitySource, parts: readonly Part[]): number | undefined {
  let largest: number | undefined;
  for (const part of parts) {
    for (const { value } of distinctSeries(
      selectSeries(source.page.samples, part, source.filter).series,
      source.preset,
    )) {
      if (value > 1) source.problems.push(`${part.written} is ${value}, which is no ratio between 0 and 1`);
      else if (largest === undefined || value > largest) largest = value;
    }
  }
  return largest;
}

/** The largest used share: each `used` series is divided by the `total` series with the same labels. */
export function readLargestShare(source: QuantitySource, used: readonly Part[], total: readonly Part[]) {
  const [usedPart, totalPart] = [used[0], total[0]];
  if (usedPart === undefined || totalPart === undefined) return undefined;
  const totals = new Map<string, number>();
  for (const sample of selectSeries(source.page.samples, totalPart, source.filter).series)
    totals.set(pairKey(sample, totalPart), sample.value);
  let largest: number | undefined;
  for (const sample of distinctSeries(
    selectSeries(source.page.samples, usedPart, source.filter).series,
    source.preset,
  )) {
    const whole = totals.get(pairKey(sample, usedPart));
    if (whole === undefined || whole === 0 || sample.value > whole) continue;
    largest = Math.max(largest ?? 0, sample.value / whole);
  }
  return largest;
}

/** The label that tells used from total is no part of what they have in common. */
function pairKey(sample: Sample, part: Part): string {
  const kind = part.matchers[0];
  return kind === undefined ? seriesKey(sample.labels) : keyWithout(sample.labels, kind.label);
}

function sumOf(series: readonly Sample[]): number {
  let sum = 0;
  for (const sample of series) sum += sample.value;
  return sum;
}
