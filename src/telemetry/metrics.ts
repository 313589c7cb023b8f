import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StreamMethod } from '../grpc/grpc-events.ts';
import type { ScrapeFailure } from '../scrape/scrape-outcome.ts';
import type { TriggerStatus } from '../triggers/trigger-status.ts';
import type { Family } from './families.ts';
import { eventFamilies } from './families.ts';
import { triggerSeries } from './trigger-series.ts';

export interface MetricsOptions {
  /** Every trigger now. */
  readonly status: () => readonly TriggerStatus[];
  readonly version: string;
  readonly nodeVersion: string;
}

type EventMetrics = {
  readonly [Key in keyof typeof eventFamilies]: (typeof eventFamilies)[Key] extends Family ? BoundMetric : never;
};

/** One family to which values are given under their label values. */
interface BoundMetric {
  /** Adds to a counter or a gauge, or observes in a histogram. */
  add(value: number, ...labelValues: string[]): void;
  /** Sets a gauge. */
  set(value: number, ...labelValues: string[]): void;
}

/** The metrics of this process. */
export interface Metrics {
  readonly events: EventMetrics;
  /** The whole page. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Seconds; fine around the interval of one second and the time-out below it. */
const buckets = {
  [eventFamilies.scrapeSeconds.name]: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5],
  [eventFamilies.grpcSeconds.name]: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
};

const fetchFailures: Record<ScrapeFailure, true> = {
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

/** Makes a registry of its own, with the process's default metrics in it. */
export function createMetrics({ status, version, nodeVersion }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const bound = Object.entries(eventFamilies).map(([key, family]) => [key, bind(family, registry)] as const);
  const events = Object.fromEntries(bound) as EventMetrics;
  events.buildInfo.set(1, version, nodeVersion);
  // From 0 on, so that a first failure is a step that Prometheus can see.
  for (const reason of Object.keys(fetchFailures)) events.scrapeFailures.add(0, reason);
  for (const method of Object.keys(streamMethods)) events.streams.set(0, method);
  for (const limit of limits) events.limitRefusals.add(0, limit);
  for (const reason of ['repeated', 'rate']) events.logLinesLeftOut.add(0, reason);
  return {
    events,
    async render() {
      const families = [`${(await registry.metrics()).trimEnd()}\n`];
      for (const family of triggerSeries(status())) {
        families.push(family);
        await nextTurn(); // KEDA's calls are not to wait for the whole page of a thousand triggers.
      }
      return { contentType: registry.contentType, body: families.join('') };
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The families prom-client adds by itself on this system. */
export function processFamilies(): Family[] {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry.getMetricsAsArray().map((metric) => {
    const { labelNames = [] } = metric as { labelNames?: readonly string[] };
    const type = String(metric.type) as Family['type'];
    return { name: metric.name, type, help: metric.help, labels: labelNames };
  });
}

/** A family's label values are few and known; should that ever fail, the page must not grow without end. */
const mostSeries = 200;

function bind(family: Family, registry: Registry): BoundMetric {
  const { name, help, labels } = family;
  const options = { name, help, labelNames: labels, registers: [registry] };
  const seen = new Set<string>();
  const bounded = (values: readonly string[]): string[] => {
    if (values.length === 0) return [];
    const key = values.join('\u0000');
    if (seen.size < mostSeries) seen.add(key);
    return seen.has(key) ? values.map((value) => value.slice(0, 100)) : values.map(() => 'other');
  };
  switch (family.type) {
    case 'counter': {
      const counter = new Counter(options);
      return { add: (value, ...values) => counter.labels(...bounded(values)).inc(value), set: refuse(name) };
    }
    case 'histogram': {
      const histogram = new Histogram({ ...options, buckets: buckets[name] ?? [] });
      return { add: (value, ...values) => histogram.labels(...bounded(values)).observe(value), set: refuse(name) };
    }
    case 'gauge': {
      const gauge = new Gauge(options);
      // A gauge without labels would be 0 from the start, though nobody has said so.
      if (labels.length === 0) gauge.remove();
      return {
        add: (value, ...values) => gauge.labels(...bounded(values)).inc(value),
        set: (value, ...values) => gauge.labels(...bounded(values)).set(value),
      };
    }
  }
}

function refuse(name: string): () => never {
  return () => {
    throw new TypeError(`${name} is no gauge and can't be set`);
  };
}
