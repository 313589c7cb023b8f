import type { Counter } from '../presets/quantities.ts';
import { counterNames } from '../presets/quantities.ts';
import type { GoodReading } from './reading.ts';

/** What is known of one counter of one endpoint. Moments are monotonic milliseconds. */
export interface CounterTrack {
  /** Where it stood when it was last on the page. */
  readonly value: number;
  readonly atMs: number;
  /** When it was first seen, or was seen to count from 0 again. */
  readonly sinceMs: number;
  /** When it last fell: the server restarted, or several servers answer at one address. */
  readonly fellMs: number | undefined;
  /** When it last grew; `undefined`: it was never seen to. */
  readonly movedMs: number | undefined;
}

/** The counters that were seen so far. */
export type CounterTracks = { readonly [Name in Counter]?: CounterTrack };

/**
 * How far a counter moved between two readings. A fall means that the server restarted and counts from 0 again,
 * so the new value is what came since; the rule is Prometheus' own for `increase()`.
 */
export function counterIncrease(before: number, now: number): number {
  return now < before ? now : now - before;
}

/**
 * The tracks after one more page of the same engine. A counter that is not on the page keeps its value and moment: how
 * far it moved is known once it is back. `wasRead`: there was a page before, so a counter that comes later has come
 * with its first request, and has grown from 0.
 */
export function trackCounters(tracks: CounterTracks, { signals, atMs }: GoodReading, wasRead: boolean): CounterTracks {
  const next: { [Name in Counter]?: CounterTrack } = {};
  for (const name of counterNames) {
    const value = signals[name];
    const track = value === undefined ? tracks[name] : advance(tracks[name], value, atMs, wasRead);
    if (track !== undefined) next[name] = track;
  }
  return next;
}

function advance(before: CounterTrack | undefined, value: number, atMs: number, wasRead: boolean): CounterTrack {
  if (before === undefined) {
    return { value, atMs, sinceMs: atMs, fellMs: undefined, movedMs: wasRead && value > 0 ? atMs : undefined };
  }
  const hasFallen = value < before.value;
  return {
    value,
    atMs,
    sinceMs: hasFallen ? atMs : before.sinceMs,
    fellMs: hasFallen ? atMs : before.fellMs,
    movedMs: counterIncrease(before.value, value) > 0 ? atMs : before.movedMs,
  };
}

/** When any counter last grew, or the moment since which none did; `undefined` where there is no counter. */
export function lastMoveMs(tracks: CounterTracks, names: readonly Counter[] = counterNames): number | undefined {
  let lastMs: number | undefined;
  for (const name of names) {
    const track = tracks[name];
    if (track !== undefined) lastMs = Math.max(lastMs ?? 0, track.movedMs ?? 0, track.sinceMs);
  }
  return lastMs;
}
