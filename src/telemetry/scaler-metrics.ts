import type { StreamMethod } from '../grpc/grpc-events.ts';
import type { ScrapeFailure } from '../scrape/scrape-outcome.ts';
import type { Statuses } from '../triggers/statuses.ts';
import { eventFamilies } from './families.ts';
import type { Metrics } from './metrics.ts';
import { createMetrics } from './metrics.ts';
import { triggerSeries } from './trigger-series.ts';

export interface ScalerMetricsOptions {
  /** Every trigger now, and what is refused. */
  readonly status: () => Statuses;
  readonly version: string;
  readonly nodeVersion: string;
}

export type ScalerMetrics = Metrics<keyof typeof eventFamilies>;

const fetchFailures: Record<ScrapeFailure, true> = {
  refused: true,
  unreachable: true,
  timeout: true,
  'http-status': true,
  redirect: true,
  unauthorized: true,
  'not-found': true,
  'body-too-large': true,
  'malformed-response': true,
  truncated: true,
  'denied-by-policy': true,
};
const limits = ['triggers', 'triggers-per-namespace', 'message-bytes'];
const streamMethods: Record<StreamMethod, true> = { StreamIsActive: true, StreamMetricSpec: true };

/** The metrics of the scaler: what happens, and every trigger at the moment of the scrape. */
export function createScalerMetrics({ status, version, nodeVersion }: ScalerMetricsOptions): ScalerMetrics {
  const metrics = createMetrics(eventFamilies, () => triggerSeries(status()));
  const { events } = metrics;
  events.buildInfo.set(1, version, nodeVersion);
  // From 0 on, so that a first failure is a step that Prometheus can see.
  for (const reason of [...Object.keys(fetchFailures), 'scaler-fault']) events.scrapeFailures.add(0, reason);
  for (const method of Object.keys(streamMethods)) events.streams.set(0, method);
  for (const limit of limits) events.limitRefusals.add(0, limit);
  for (const reason of ['repeated', 'rate']) events.logLinesLeftOut.add(0, reason);
  return metrics;
}
