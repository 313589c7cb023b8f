import type { TriggerStatus } from '../triggers/trigger-status.ts';

/** A number as the sentences on decisions write it, or the word for not knowing it. */
export function numberWords(value: number | undefined): string {
  return value === undefined ? 'unknown' : String(Math.round(value * 1000) / 1000);
}

/** Both ends of what is possible, or the one number it is. */
export function boundsWords({ low, high }: { readonly low: number; readonly high: number }): string {
  return low === high ? numberWords(low) : `${numberWords(low)} to ${numberWords(high)}`;
}

/** A span of milliseconds as a person would say it. */
export function spanWords(spanMs: number | undefined): string {
  if (spanMs === undefined) return 'unknown';
  const seconds = Math.max(0, spanMs) / 1000;
  if (seconds < 9.95) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A ratio from 0 to 1 in percent. */
export function percentWords(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

export function bytesWords(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000)} kB`;
}

/** `1 endpoint`, `2 endpoints`. */
export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A closed set's literal as words: `not-serving` is "not serving". */
export function literalWords(literal: string): string {
  return literal.replaceAll('-', ' ');
}

/** Text that somebody else wrote, at most this long. */
export function shortened(text: string, atMost = 400): string {
  return text.length > atMost ? `${text.slice(0, atMost).toWellFormed()}…` : text;
}

/** A URL without what it may carry in secret: user info and query. */
export function urlWords(url: string): string {
  return shortened(url.replace(/\/\/[^/\s]*@/, '//…@').replace(/[?#].*$/s, '?…'));
}

/** What one unit of each metric is. */
const units: Readonly<Record<TriggerStatus['metric'], string>> = {
  concurrency: 'requests running and waiting',
  running: 'requests running',
  waiting: 'requests waiting',
  kvCache: 'share of the key-value cache in use',
  requestRate: 'requests a second',
  timeToFirstToken: 'seconds to the first token',
  gpuUtilization: 'share of GPU time in use',
  gpuMemory: 'share of GPU memory in use',
};

export function unitWords(metric: TriggerStatus['metric']): string {
  return units[metric];
}

/** Replicas that are asked for now. Without a list of endpoints nobody knows. */
export function replicasWords({ discoverySynced, replicas }: TriggerStatus): string {
  return numberWords(discoverySynced ? replicas : undefined);
}

/** Replicas that the autoscaler will want, as short as a figure. */
export function wantedWords({ decision, desiredReplicas, metricValue, targetValue }: TriggerStatus): string {
  if (decision === 'hold') return 'as it is';
  if (desiredReplicas !== undefined) return numberWords(desiredReplicas);
  return metricValue === undefined ? 'unknown' : `${numberWords(metricValue / targetValue)} × ready`;
}
