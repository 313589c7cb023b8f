import type { Sample } from '../../exposition/page.ts';
import type { Hops } from '../catalogue/preset.ts';
import { distinctSeries } from './combine-series.ts';
import type { Part } from './quantity.ts';
import type { QuantitySource } from './read-quantity.ts';
import { selectSeries } from './select-series.ts';

/**
 * What is left of a page when each request counts once. A request is in every hop at the same time: in the service that
 * was called, and in those which that one calls. So the hop that has most has them all, and of each application only
 * its series stay. `parts` are what a hop is measured by, all of them added; where one application has one hop nothing
 * changes. A hop with a value that is no number may be the largest, so it stays and its quantity is not known.
 */
export function withinLargestHops(source: QuantitySource, parts: readonly Part[]): QuantitySource {
  const { hops } = source.preset;
  if (hops === undefined) return source;
  const totals = totalsOfHops(source, hops, parts);
  if ([...totals.values()].every((ofApplication) => ofApplication.size < 2)) return source;
  const largest = new Map([...totals].map(([application, ofApplication]) => [application, largestOf(ofApplication)]));
  const stays = ({ labels }: Sample): boolean => {
    const hop = labels[hops.hop];
    return hop === undefined || (largest.get(applicationOf(labels, hops)) ?? hop) === hop;
  };
  return { ...source, page: { ...source.page, samples: source.page.samples.filter(stays) } };
}

type Totals = Map<string, Map<string, number>>;

function totalsOfHops({ page, filter, preset }: QuantitySource, hops: Hops, parts: readonly Part[]): Totals {
  const totals: Totals = new Map();
  const add = (labels: Sample['labels'], value: number): void => {
    const application = applicationOf(labels, hops);
    const ofApplication = totals.get(application) ?? new Map<string, number>();
    totals.set(application, ofApplication);
    const hop = labels[hops.hop] ?? '';
    ofApplication.set(hop, (ofApplication.get(hop) ?? 0) + value);
  };
  for (const part of parts) {
    const { series, broken } = selectSeries(page.samples, part, filter);
    for (const { labels, value } of distinctSeries(series, preset)) add(labels, value);
    for (const { labels } of broken) add(labels, Number.POSITIVE_INFINITY);
  }
  return totals;
}

function applicationOf(labels: Sample['labels'], { application }: Hops): string {
  return application === undefined ? '' : (labels[application] ?? '');
}

function largestOf(totals: ReadonlyMap<string, number>): string {
  let largest = { hop: '', total: -1 };
  for (const [hop, total] of totals) if (total > largest.total) largest = { hop, total };
  return largest.hop;
}
