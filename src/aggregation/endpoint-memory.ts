import type { Metric } from '../config/metadata/trigger-metadata.ts';
import type { Signals } from '../presets/signals.ts';
import { counterIncrease } from './counter.ts';
import type { GoodReading, Reading } from './reading.ts';

/** A moment of the time-to-first-token histogram. */
interface FirstTokenMark {
  readonly atMs: number;
  readonly secondsSum: number;
  readonly count: number;
}

/** How much of an endpoint's past one metric needs. */
export interface MemoryPolicy {
  readonly metric: Metric;
  readonly windowMs: number;
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
  readonly requestsTotal: number | undefined;
  /** When the request counter last moved. */
  readonly requestsMovedMs: number | undefined;
  readonly stepsTotal: number | undefined;
  /** When the step counter last moved, or was first seen. */
  readonly stepsMovedMs: number | undefined;
  readonly firstTokenMarks: readonly FirstTokenMark[];
}

export const emptyMemory: EndpointMemory = {
  latest: undefined,
  lastGood: undefined,
  lastLoad: undefined,
  lastLoadMs: undefined,
  requestsTotal: undefined,
  requestsMovedMs: undefined,
  stepsTotal: undefined,
  stepsMovedMs: undefined,
  firstTokenMarks: [],
};

/** The memory after one more reading. A bad reading forgets nothing. */
export function remember(memory: EndpointMemory, reading: Reading, policy: MemoryPolicy): EndpointMemory {
  if (!reading.ok) return { ...memory, latest: reading };
  const { signals, atMs } = reading;
  const marks = policy.metric === 'timeToFirstToken' ? withMark(memory.firstTokenMarks, signals, atMs, policy) : [];
  const load = loadOf(memory, reading, marks, policy.metric);
  const moved = hasFinishedSome(memory, signals.requestsTotal);
  const stepped = memory.stepsTotal !== signals.stepsTotal;
  return {
    latest: reading,
    lastGood: reading,
    lastLoad: load ?? memory.lastLoad,
    lastLoadMs: load === undefined ? memory.lastLoadMs : atMs,
    requestsTotal: signals.requestsTotal ?? memory.requestsTotal,
    requestsMovedMs: moved ? atMs : memory.requestsMovedMs,
    stepsTotal: signals.stepsTotal ?? memory.stepsTotal,
    stepsMovedMs: signals.stepsTotal !== undefined && stepped ? atMs : memory.stepsMovedMs,
    firstTokenMarks: marks,
  };
}

/**
 * Whether requests have finished since the last good reading. A counter that was not on the page then and is now has
 * come with its first request; one that fell counts from 0 again, and only what it has counted since is news.
 */
function hasFinishedSome({ lastGood, requestsTotal }: EndpointMemory, now: number | undefined): boolean {
  if (lastGood === undefined || now === undefined) return false;
  return counterIncrease(requestsTotal ?? 0, now) > 0;
}

function loadOf(
  memory: EndpointMemory,
  reading: GoodReading,
  marks: readonly FirstTokenMark[],
  metric: Metric,
): number | undefined {
  switch (metric) {
    case 'concurrency':
      return reading.signals.concurrency;
    case 'running':
      return reading.signals.running;
    case 'waiting':
      return reading.signals.waiting;
    case 'kvCache':
      return reading.signals.kvCacheRatio;
    case 'requestRate':
      return requestRate(memory, reading);
    case 'timeToFirstToken':
      return meanSecondsToFirstToken(marks, reading.signals);
    case 'gpuUtilization':
    case 'gpuMemory':
      return undefined;
  }
}

/** Requests per second between this reading and the one before. A server that has finished none yet has a rate of 0. */
function requestRate(memory: EndpointMemory, reading: GoodReading): number | undefined {
  const now = reading.signals.requestsTotal;
  if (now === undefined) return undefined;
  if (memory.requestsTotal === undefined || memory.lastGood === undefined) return now === 0 ? 0 : undefined;
  const seconds = (reading.atMs - memory.lastGood.atMs) / 1000;
  return seconds > 0 ? counterIncrease(memory.requestsTotal, now) / seconds : memory.lastLoad;
}

function withMark(
  marks: readonly FirstTokenMark[],
  signals: Signals,
  atMs: number,
  policy: MemoryPolicy,
): readonly FirstTokenMark[] {
  const { timeToFirstTokenSecondsSum: secondsSum, timeToFirstTokenCount: count } = signals;
  if (secondsSum === undefined || count === undefined) return marks;
  const restarted = marks.length > 0 && count < marks[marks.length - 1]!.count;
  const kept = restarted ? [] : marks.filter((mark) => mark.atMs > atMs - policy.windowMs);
  const base = restarted ? [{ atMs, secondsSum: 0, count: 0 }] : [];
  return [...base, ...kept, { atMs, secondsSum, count }];
}

/**
 * Mean seconds from a request's arrival to its first token, over the requests whose first token came in the window.
 * With none of them and nothing in the engine it is 0; with requests in the engine and none of them answered it is
 * absent, because that is how an overload looks.
 */
function meanSecondsToFirstToken(marks: readonly FirstTokenMark[], signals: Signals): number | undefined {
  const first = marks[0];
  const last = marks[marks.length - 1];
  if (first === undefined || last === undefined) return undefined;
  const answered = last.count - first.count;
  if (answered > 0) return (last.secondsSum - first.secondsSum) / answered;
  return signals.concurrency === 0 ? 0 : undefined;
}
