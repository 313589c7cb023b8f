import type { Parsed } from './parsed.ts';
import { read, refuse } from './parsed.ts';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof unitMs;

const number = String.raw`(?:\d{1,12}(?:\.\d{0,9})?|\.\d{1,9})`;
const whole = new RegExp(`^(?:${number}(?:ms|s|m|h))+$`);
const part = new RegExp(`(${number})(ms|s|m|h)`, 'g');
const bareNumber = new RegExp(`^${number}$`);

/**
 * Reads a duration as Go writes it (`60s`, `1m30s`, `800ms`, `1.5s`, `0.5h`) into whole milliseconds. The units are
 * ms, s, m and h; only `0` needs none. A fault is a predicate, to follow the name of what was read.
 */
export function parseDuration(text: string): Parsed<number> {
  if (text === '0') return read(0);
  if (bareNumber.test(text)) return refuse(`has no unit: write "${text}s"`);
  if (/^-/.test(text)) return refuse('must not be negative');
  if (!whole.test(text)) {
    return refuse('is not a duration: write a number with a unit (ms, s, m, h), such as "800ms", "60s" or "1m30s"');
  }
  const parts = [...text.matchAll(part)];
  const spanMs = parts.reduce((sumMs, [, amount, unit]) => sumMs + Number(amount) * unitMs[unit as Unit], 0);
  return read(Math.round(spanMs));
}

/** Reads a duration of `leastMs` to `mostMs` milliseconds, both included. */
export function durationWithin(leastMs: number, mostMs: number): (text: string) => Parsed<number> {
  return (text) => {
    const parsed = parseDuration(text);
    if (!parsed.ok || (parsed.value >= leastMs && parsed.value <= mostMs)) return parsed;
    return refuse(`must be from ${formatDuration(leastMs)} to ${formatDuration(mostMs)}`);
  };
}

/** Writes whole milliseconds as a duration that `parseDuration` reads back: 90000 is `1m30s`, 1500 is `1.5s`. */
export function formatDuration(spanMs: number): string {
  if (spanMs < 1000) return spanMs === 0 ? '0s' : `${spanMs}ms`;
  const hours = Math.floor(spanMs / unitMs.h);
  const minutes = Math.floor((spanMs % unitMs.h) / unitMs.m);
  const seconds = (spanMs % unitMs.m) / unitMs.s;
  return [hours > 0 && `${hours}h`, minutes > 0 && `${minutes}m`, seconds > 0 && `${seconds}s`]
    .filter(Boolean)
    .join('');
}
