import type { Histogram } from './histogram.ts';

export type Labels = Readonly<Record<string, string>>;

/** Writes Prometheus text as Python's client does: numbers with a point, buckets before sum and count. */
export class PageWriter {
  readonly #lines: string[] = [];

  family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  sample(name: string, labels: Labels, value: number): void {
    this.#lines.push(`${name}${printLabels(labels)} ${printNumber(value)}`);
  }

  gauge(name: string, help: string, labels: Labels, value: number): void {
    this.family(name, 'gauge', help);
    this.sample(name, labels, value);
  }

  /** The buckets of one labelled histogram whose family is declared already. */
  buckets(name: string, labels: Labels, histogram: Histogram): void {
    const cumulative = histogram.cumulative();
    const opening = `${name}_bucket${printLabels(labels).slice(0, -1) || '{'}${Object.keys(labels).length > 0 ? ',' : ''}le="`;
    for (const [index, bound] of histogram.bounds.entries()) {
      this.#lines.push(`${opening}${printNumber(bound)}"} ${printNumber(cumulative[index]!)}`);
    }
    this.#lines.push(`${opening}+Inf"} ${printNumber(histogram.count)}`);
    this.sample(`${name}_count`, labels, histogram.count);
    this.sample(`${name}_sum`, labels, histogram.sum);
  }

  page(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** Pages repeat one set of labels hundreds of times. */
const printed = new WeakMap<Labels, string>();

function printLabels(labels: Labels): string {
  const known = printed.get(labels);
  if (known !== undefined) return known;
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  const text = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  printed.set(labels, text);
  return text;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function printNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
}
