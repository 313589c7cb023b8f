import { basename } from 'node:path';
import { logNormal, seededRandom } from '../../simulate/traffic/seeded-random.ts';
import type { TraceRequest } from '../../simulate/traffic/trace.ts';
import type { RecordedTraffic, TrafficBucket } from '../../triggers/traffic-recording.ts';
import type { Load } from './load.ts';

/** A recording that can't be replayed, in words. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** Around a mean that was recorded, requests are taken to be this unlike: about as published traces are inside minutes. */
const spread = 0.8;

/** Reads what `/status/NAMESPACE/NAME/recording` gave. Throws RecordingError. */
export function readRecording(text: string, file: string): RecordedTraffic {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new RecordingError(`${file}: expected the JSON of /status/NAMESPACE/NAME/recording, found no JSON`);
  }
  const recorded = parsed as Partial<RecordedTraffic> | null;
  const buckets = recorded?.buckets;
  if (
    typeof recorded?.bucketSeconds !== 'number' ||
    !Array.isArray(buckets) ||
    !Array.isArray(recorded.startsSeconds)
  ) {
    throw new RecordingError(`${file}: expected bucketSeconds, buckets and startsSeconds of a recording`);
  }
  const broken = buckets.findIndex((bucket) => !isBucket(bucket));
  if (broken >= 0) throw new RecordingError(`${file}: bucket ${broken} is none: expected arrivals and mean tokens`);
  return parsed as RecordedTraffic;
}

/**
 * The recorded arrivals, each second's spread over it by chance. Lengths are drawn around the means of their ten
 * seconds, or of the last ones that had any: a recording knows no single request.
 */
export function recordedLoad(recorded: RecordedTraffic, file: string, seed: number): Load {
  const means = meansOf(recorded.buckets);
  if (means === undefined) {
    throw new RecordingError(
      `${file}: no tokens were counted in it: these pages have no token counters, or nothing ended`,
    );
  }
  return {
    title: `what ${basename(file)} recorded`,
    name: basename(file),
    open: () => [requestsOf(recorded, means, seed)],
  };
}

/** Cold starts that were seen, in the words of `--cold-start`; `undefined` for fewer than two. */
export function recordedStarts({ startsSeconds }: RecordedTraffic): string | undefined {
  const seen = startsSeconds.filter((seconds) => seconds > 0);
  return seen.length < 2 ? undefined : seen.map((seconds) => `${seconds}s`).join('|');
}

interface Means {
  readonly prompt: number;
  readonly output: number;
}

function requestsOf(recorded: RecordedTraffic, overall: Means, seed: number): TraceRequest[] {
  const random = seededRandom(seed);
  const requests: TraceRequest[] = [];
  let means = overall;
  for (const [index, { arrivals, promptTokens, outputTokens }] of recorded.buckets.entries()) {
    if (promptTokens !== null && outputTokens !== null) means = { prompt: promptTokens, output: outputTokens };
    for (const [second, count] of arrivals.entries()) {
      const startMs = (index * recorded.bucketSeconds + second) * 1000;
      const moments = Array.from({ length: count }, () => startMs + random() * 1000).sort((a, b) => a - b);
      for (const atMs of moments) {
        requests.push({ atMs, promptTokens: around(means.prompt, random), outputTokens: around(means.output, random) });
      }
    }
  }
  return requests;
}

function around(mean: number, random: () => number): number {
  return Math.max(1, Math.round(logNormal(random, mean * Math.exp(-(spread ** 2) / 2), spread)));
}

/** Over all buckets that counted tokens. */
function meansOf(buckets: readonly TrafficBucket[]): Means | undefined {
  const counted = buckets.filter(({ promptTokens, outputTokens }) => promptTokens !== null && outputTokens !== null);
  if (counted.length === 0) return undefined;
  const mean = (of: (bucket: TrafficBucket) => number | null): number =>
    counted.reduce((sum, bucket) => sum + (of(bucket) ?? 0), 0) / counted.length;
  return { prompt: mean(({ promptTokens }) => promptTokens), output: mean(({ outputTokens }) => outputTokens) };
}

function isBucket(value: unknown): value is TrafficBucket {
  if (typeof value !== 'object' || value === null) return false;
  const { arrivals, promptTokens, outputTokens } = value as Partial<TrafficBucket>;
  const isMean = (mean: unknown): boolean => mean === null || (typeof mean === 'number' && mean >= 0);
  const isCount = (count: unknown): boolean => Number.isInteger(count) && (count as number) >= 0;
  return Array.isArray(arrivals) && arrivals.every(isCount) && isMean(promptTokens) && isMean(outputTokens);
}
