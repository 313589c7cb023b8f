import type { Metric } from '../config/metadata/trigger-metadata.ts';
import type { Preset } from '../presets/catalogue/preset.ts';
import { presets } from '../presets/catalogue/presets.ts';
import type { CounterTracks } from './counters.ts';
import { counterIncrease, trackCounters } from './counters.ts';
import { firstTokenLatency, requestLatency, stepsAfter, stepsOfRequests } from './latency-steps.ts';
import type { LatencyEstimate } from './littles-law.ts';
import { latencyEstimate } from './littles-law.ts';
import type { ReaderLook } from './readers-load.ts';
import { loadWithoutReaders, withLook } from './readers-load.ts';
import type { GoodReading, Reading } from './reading.ts';
import type { StepWindow } from './step-window.ts';

/** How much of an endpoint's past one metric needs. */
export interface MemoryPolicy {
  readonly metric: Metric;
  readonly windowMs: number;
  readonly burstWindowMs: number;
}

/** What one trigger remembers of one endpoint between readings. */
export interface EndpointMemory {
  /** The newest reading, good or bad. */
  readonly latest: Reading | undefined;
  /** The newest good reading. */
  readonly lastGood: GoodReading | undefined;
  /** The newest load, in the metric's unit, and its moment: what bounds the endpoint while it can't be read. */
  readonly lastLoad: number | undefined;
  readonly lastLoadMs: number | undefined;
  /** When that load was last another one. */
  readonly loadChangedMs: number | undefined;
  /** True where a part of the page said no number for that load. */
  readonly isPartial: boolean;
  /** Looks at a gauge that contains its readers; empty for others. */
  readonly looks: readonly ReaderLook[];
  readonly counters: CounterTracks;
  /** What a latency grew by over the window, for metrics that need it. Changed in place by `remember`. */
  readonly steps: StepWindow | undefined;
  /** What latency sums say of the load, as of `lastLoadMs`; `undefined` where they are not known or not asked for. */
  readonly estimate: LatencyEstimate | undefined;
}

export const emptyMemory: EndpointMemory = {
  latest: undefined,
  lastGood: undefined,
  lastLoad: undefined,
  lastLoadMs: undefined,
  loadChangedMs: undefined,
  isPartial: false,
  looks: [],
  counters: {},
  steps: undefined,
  estimate: undefined,
};

/** The memory after one more reading, which takes the place of the one before. A bad reading forgets nothing. */
export function remember(memory: EndpointMemory, reading: Reading, policy: MemoryPolicy): EndpointMemory {
  if (!reading.ok) return { ...memory, latest: reading };
  // What another engine's names counted says nothing about these: a page may change as it grows.
  const before = memory.lastGood?.engine === reading.engine ? memory : emptyMemory;
  const counters = trackCounters(before.counters, reading, before.lastGood !== undefined);
  const steps = latencySteps(before, reading, policy);
  const estimate = policy.metric === 'concurrency' ? estimateOf(reading, counters, steps, policy) : undefined;
  const said = loadOf(before, reading, { steps, estimate }, policy);
  const looks = looksAfter(before, reading, said, policy);
  const isHalfSeen = before.lastGood === undefined && hasUncomparedSums(reading, policy.metric);
  const load = looks.length > 0 ? loadWithoutReaders(looks) : isHalfSeen && said === 0 ? undefined : said;
  return {
    latest: reading,
    lastGood: reading,
    lastLoad: load ?? memory.lastLoad,
    lastLoadMs: load === undefined ? memory.lastLoadMs : reading.atMs,
    loadChangedMs: load === undefined || load === memory.lastLoad ? memory.loadChangedMs : reading.atMs,
    isPartial: load === undefined ? memory.isPartial : isHalfSeen || isPartial(reading, policy.metric),
    looks,
    counters,
    steps,
    estimate: load === undefined ? memory.estimate : estimate,
  };
}

/**
 * True where a server has served requests and its latency sums may show what its gauge does not: one page does not tell
 * how many those are now. A scaler that has just started would find less than there is.
 */
function hasUncomparedSums(reading: GoodReading, metric: Metric): boolean {
  if (metric !== 'concurrency' || presetOf(reading)?.kind !== 'engine') return false;
  return (reading.signals.requestSecondsCount ?? 0) > 0;
}

function isPartial({ signals }: GoodReading, metric: Metric): boolean {
  if (metric === 'kvCache') return signals.kvCachePartial;
  return signals.partial && (metric === 'concurrency' || metric === 'running' || metric === 'waiting');
}

function looksAfter(
  { looks }: EndpointMemory,
  reading: GoodReading,
  load: number | undefined,
  { metric }: MemoryPolicy,
): readonly ReaderLook[] {
  const countsRequests = metric === 'concurrency' || metric === 'running';
  if (load === undefined || !countsRequests || presetOf(reading)?.countsItsReader !== true) return [];
  return withLook(looks, { atMs: reading.atMs, load });
}

function presetOf({ engine }: GoodReading): Preset | undefined {
  return engine === 'custom' ? undefined : presets[engine];
}

/** What the page shows of its load: its gauges, or what waits where that is all it has. */
function gaugeOf(reading: GoodReading): number | undefined {
  const { concurrency, waiting } = reading.signals;
  return concurrency ?? (presetOf(reading)?.loadFrom === 'latency-sums' ? (waiting ?? 0) : undefined);
}

/** Gateways are left out: their gauges count from arrival to end. */
function latencySteps(before: EndpointMemory, reading: GoodReading, policy: MemoryPolicy): StepWindow | undefined {
  if (policy.metric === 'timeToFirstToken')
    return stepsAfter(before, reading, firstTokenLatency, { ...policy, gauge: 0 });
  const preset = presetOf(reading);
  if (policy.metric !== 'concurrency' || preset?.kind !== 'engine') return undefined;
  if (preset.loadFrom === 'latency-sums' && reading.signals.requestSecondsSum === undefined) {
    return stepsOfRequests(before, reading, policy);
  }
  return stepsAfter(before, reading, requestLatency, { ...policy, gauge: gaugeOf(reading) ?? 0 });
}

/** Nothing for a while after a counter fell: one that does so again and again is that of several servers. */
function estimateOf(
  reading: GoodReading,
  { requestSecondsSum }: CounterTracks,
  steps: StepWindow | undefined,
  policy: MemoryPolicy,
): LatencyEstimate | undefined {
  const { atMs } = reading;
  const fellMs = requestSecondsSum?.fellMs;
  const isSettled = fellMs === undefined || atMs - fellMs >= policy.burstWindowMs;
  const isGaugeOfPart = presetOf(reading)?.loadFrom === 'latency-sums';
  return steps !== undefined && isSettled ? latencyEstimate(steps, atMs, { ...policy, isGaugeOfPart }) : undefined;
}

function loadOf(
  before: EndpointMemory,
  reading: GoodReading,
  { steps, estimate }: Pick<EndpointMemory, 'steps' | 'estimate'>,
  { metric, windowMs }: MemoryPolicy,
): number | undefined {
  const { signals, atMs } = reading;
  switch (metric) {
    case 'concurrency':
      return signals.concurrency ?? (estimate === undefined ? undefined : gaugeOf(reading));
    case 'running':
      return signals.running;
    case 'waiting':
      return signals.waiting;
    case 'kvCache':
      return signals.kvCacheRatio;
    case 'requestRate':
      return requestRate(before, reading);
    case 'timeToFirstToken':
      return meanSecondsToFirstToken(before, reading, steps, atMs - windowMs);
    case 'gpuUtilization':
    case 'gpuMemory':
      return undefined;
  }
}

/**
 * Requests per second since the counter was last on a page, which need not be the page before. A server that has
 * finished none yet has a rate of 0.
 */
function requestRate({ counters, lastLoad }: EndpointMemory, { signals, atMs }: GoodReading): number | undefined {
  const now = signals.requestsTotal;
  if (now === undefined) return undefined;
  const track = counters.requestsTotal;
  if (track === undefined) return now === 0 ? 0 : undefined;
  const seconds = (atMs - track.atMs) / 1000;
  return seconds > 0 ? counterIncrease(track.value, now) / seconds : lastLoad;
}

/**
 * Mean seconds from a request's arrival to its first token, over the requests whose first token came in the window.
 * With none of them and nothing in the engine it is 0, also where a restarted server has no histogram yet; with
 * requests in the engine and none of them answered it is absent, because that is how an overload looks.
 */
function meanSecondsToFirstToken(
  { counters }: EndpointMemory,
  { signals }: GoodReading,
  steps: StepWindow | undefined,
  sinceMs: number,
): number | undefined {
  let seconds = 0;
  let count = 0;
  steps?.forEach(sinceMs, (step) => {
    seconds += step.seconds;
    count += step.count;
  });
  if (count > 0) return seconds / count;
  const isKnown = signals.timeToFirstTokenCount !== undefined || counters.timeToFirstTokenCount !== undefined;
  return isKnown && signals.concurrency === 0 ? 0 : undefined;
}
