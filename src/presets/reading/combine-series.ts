import type { Sample } from '../../exposition/page.ts';
import type { Preset } from '../catalogue/preset.ts';

type Labels = Sample['labels'];

const keys = new WeakMap<Labels, string>();
/** Pages of more series than label sets are remembered have other sets each time: no use in remembering those. */
const mostRemembered = 512;

/** One text per label set, whatever the order of its labels. Remembered, for replicas print the same sets each second. */
export function seriesKey(labels: Labels): string {
  const known = keys.get(labels);
  if (known !== undefined) return known;
  const key = keyOf(labels);
  keys.set(labels, key);
  return key;
}

/** Names and values with their lengths, so that no two sets have one text. */
function keyOf(labels: Labels): string {
  let key = '';
  for (const name of Object.keys(labels).sort()) {
    const value = labels[name]!;
    key += `${name.length}:${name}${value.length}:${value}`;
  }
  return key;
}

/** So few are compared with each other sooner than sorted out. */
const fewSeries = 12;

/** True where nothing repeats and nothing is a copy, as on nearly every page. */
function areDistinct(series: readonly Sample[], preset: Pick<Preset, 'pidCopies'>): boolean {
  for (let at = 0; at < series.length; at++) {
    const { labels } = series[at]!;
    if (preset.pidCopies === true && labels.pid !== undefined) return false;
    for (let before = 0; before < at; before++) {
      const other = series[before]!.labels;
      if (other === labels || seriesKey(other) === seriesKey(labels)) return false;
    }
  }
  return true;
}

/**
 * One sample per series. Of identical series the last one stays. Series that differ only in `pid` are shares of one
 * number, each process its own; where the preset knows them as the copies that processes keep of it, the largest stays.
 */
export function distinctSeries(series: readonly Sample[], preset: Pick<Preset, 'pidCopies'>): readonly Sample[] {
  if (series.length < 2 || (series.length <= fewSeries && areDistinct(series, preset))) return series;
  const bySeries = new Map<string, Sample>();
  const key = series.length > mostRemembered ? keyOf : seriesKey;
  let hasPid = false;
  for (const sample of series) {
    bySeries.set(key(sample.labels), sample);
    hasPid ||= preset.pidCopies === true && sample.labels.pid !== undefined;
  }
  return hasPid
    ? largestOf([...bySeries.values()], (sample) => keyWithout(sample.labels, 'pid'))
    : [...bySeries.values()];
}

/**
 * SGLang's schedulers print one gauge many times over. Priorities are parts of the series without one; pipeline and
 * tensor ranks repeat one batch; data-parallel ranks each have their own. So: the total where there is one, the
 * largest within a data-parallel rank, and the ranks added.
 */
export function sglangRanks(series: readonly Sample[]): readonly Sample[] {
  if (series.length < 2) return series;
  const totals = series.filter((sample) => (sample.labels.priority ?? '') === '');
  return largestOf(totals.length > 0 ? totals : series, ({ labels }) =>
    JSON.stringify([labels.model_name, labels.dp_rank]),
  );
}

/** What is left of a label set without one label, as a key. */
export function keyWithout(labels: Labels, left: string): string {
  const { [left]: _, ...rest } = labels;
  return seriesKey(rest);
}

function largestOf(series: readonly Sample[], groupOf: (sample: Sample) => string): readonly Sample[] {
  const largest = new Map<string, Sample>();
  for (const sample of series) {
    const group = groupOf(sample);
    const known = largest.get(group);
    if (known === undefined || sample.value > known.value) largest.set(group, sample);
  }
  return [...largest.values()];
}
