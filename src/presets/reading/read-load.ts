import type { Page } from '../../exposition/page.ts';
import type { CompiledPreset } from '../detection/compiled-preset.ts';
import type { Part } from './quantity.ts';
import type { QuantitySource, Total } from './read-quantity.ts';
import { readCounter, readGauge } from './read-quantity.ts';

/** The load of one page, in its parts and whole. */
export interface Load {
  readonly running: Total;
  readonly waiting: Total;
  readonly concurrency: Total;
}

const notPrinted: Total = { value: undefined, inferred: false, partial: false };

/** Reads what a page says of its load now: its gauges, or that nobody has ever asked. */
export function readLoad(source: QuantitySource, compiled: CompiledPreset): Load {
  const neverRequested = () => isNeverRequested(source, compiled);
  const gauge = (parts: readonly Part[]) =>
    parts.length === 0 ? notPrinted : readGauge(source, parts, neverRequested);
  const running = withoutReader(compiled, runningOf(source, compiled, gauge));
  const waiting = gauge(compiled.waiting);
  const { whyNoConcurrency, howToSwitchOn, inclusive, loadFrom } = compiled.preset;
  if (loadFrom === 'latency-sums') return loadOfSums(source, compiled, waiting, neverRequested());
  if (whyNoConcurrency !== undefined) source.problems.push(whyNoConcurrency);
  else if (howToSwitchOn !== undefined && !running.inferred && !hasAny(source.page, compiled.concurrencyNames)) {
    source.problems.push(howToSwitchOn);
  }
  if (compiled.concurrency.length > 0) return { running, waiting, concurrency: gauge(compiled.concurrency) };
  if (inclusive === true) return { running, waiting, concurrency: running };
  if (running.value === undefined || waiting.value === undefined) return { running, waiting, concurrency: notPrinted };
  const concurrency = {
    value: running.value + waiting.value,
    inferred: running.inferred || waiting.inferred,
    partial: running.partial || waiting.partial,
  };
  return { running, waiting, concurrency };
}

/** A number all of whose parts may be missing is not there where all of them are. */
function runningOf(source: QuantitySource, compiled: CompiledPreset, gauge: (parts: readonly Part[]) => Total): Total {
  const { running, concurrencyNames } = compiled;
  if (running.length === 0 || running.some(({ optional }) => !optional)) return gauge(running);
  if (source.page.samples.some(({ name }) => concurrencyNames.has(name))) return gauge(running);
  return gauge(running.slice(0, 1).map((part) => ({ ...part, optional: false })));
}

/** Without the read itself, where the server counts it. */
function withoutReader({ preset }: CompiledPreset, running: Total): Total {
  if (preset.countsItsReader !== true || running.value === undefined) return running;
  return { ...running, value: Math.max(0, running.value - 1) };
}

/** One page of latency sums says nothing of the load, unless nobody has ever asked. */
function loadOfSums(
  { page, problems }: QuantitySource,
  compiled: CompiledPreset,
  waiting: Total,
  isIdle: boolean,
): Load {
  if (isIdle)
    return { running: notPrinted, waiting, concurrency: { value: waiting.value ?? 0, inferred: true, partial: false } };
  const { title, latency, latencySum } = compiled.preset;
  const sums = compiled.latencySum.flatMap(({ names }) => names);
  const isThere = page.samples.some(({ name }) => sums.includes(name));
  problems.push(
    isThere
      ? `${title} prints no gauge of running requests: its load is what its latency sums grow by from one page to the next`
      : `${title} prints no gauge of running requests, and ${latency ?? latencySum} is not on this page: it is known as idle while its request counter stands still`,
  );
  return { running: notPrinted, waiting, concurrency: notPrinted };
}

function hasAny(page: Page, names: ReadonlySet<string>): boolean {
  return page.samples.some(({ name }) => names.has(name)) || [...names].some((name) => page.declared.has(name));
}

/**
 * True when the page's request counters have series and all of them are 0. A counter that is absent proves nothing,
 * unless it is born with the first request, as the gauges are: then no gauge and no counter above 0 is an idle server.
 */
function isNeverRequested(source: QuantitySource, compiled: CompiledPreset): boolean {
  const total = readCounter(source, compiled.requests);
  if (total !== undefined || compiled.preset.bornWithFirstRequest !== true) return total === 0;
  const { concurrencyNames, movedNames } = compiled;
  return !source.page.samples.some(
    ({ name, value }) => concurrencyNames.has(name) || (movedNames.has(name) && value !== 0),
  );
}
