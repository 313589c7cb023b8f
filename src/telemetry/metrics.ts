import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Family } from './families.ts';

/** One family to which values are given under their label values. */
interface BoundMetric {
  /** Adds to a counter or a gauge, or observes in a histogram. */
  add(value: number, ...labelValues: string[]): void;
  /** Sets a gauge. */
  set(value: number, ...labelValues: string[]): void;
}

/** The metrics of this process, by the keys of the families it declares. */
export interface Metrics<Key extends string = string> {
  readonly events: Readonly<Record<Key, BoundMetric>>;
  /** The whole page. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/**
 * Makes a registry of its own, with the process's default metrics in it. `live`: families that are written out at the
 * moment of the scrape, each as its whole text.
 */
export function createMetrics<Key extends string>(
  families: Readonly<Record<Key, Family>>,
  live: () => Iterable<string> = () => [],
): Metrics<Key> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const bound = Object.entries<Family>(families).map(([key, family]) => [key, bind(family, registry)] as const);
  return {
    events: Object.fromEntries(bound) as Record<Key, BoundMetric>,
    async render() {
      const texts = [`${(await registry.metrics()).trimEnd()}\n`];
      for (const text of live()) {
        texts.push(text);
        await nextTurn(); // KEDA's calls are not to wait for the whole page of a thousand triggers.
      }
      return { contentType: registry.contentType, body: texts.join('') };
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
  const { name, help, labels, buckets = [] } = family;
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
      const histogram = new Histogram({ ...options, buckets: [...buckets] });
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
