import { counterIncrease } from '../aggregation/counters.ts';
import type { Moment } from './moment.ts';
import type { WatchedEndpoint } from './watched-list.ts';

/** Token counts and sizes are kept for this many seconds together; arrivals for each second. */
const BUCKET_SECONDS = 10;
const BUCKET_MS = BUCKET_SECONDS * 1000;
/** Starts of replicas that are remembered. */
const MOST_STARTS = 100;
const MOST_ARRIVALS = 65_535;

/** Ten seconds of a workload's traffic. */
export interface TrafficBucket {
  /** Requests that came in each second of it. */
  readonly arrivals: readonly number[];
  /** Mean tokens of the requests that ended; `null` where none did or the pages do not count them. */
  readonly promptTokens: number | null;
  readonly outputTokens: number | null;
  /** Replicas asked for and ready, as last seen. */
  readonly replicas: number;
  readonly ready: number;
}

/** What one trigger saw of its workload's traffic, the oldest first. */
export interface RecordedTraffic {
  readonly bucketSeconds: number;
  readonly buckets: readonly TrafficBucket[];
  /** How long replicas took from being seen until they were ready, seconds, the oldest first. */
  readonly startsSeconds: readonly number[];
}

interface Counted {
  requests: number | undefined;
  prompt: number | undefined;
  output: number | undefined;
}

/**
 * Keeps what a workload was asked for over a fixed span, so that it can be replayed against other settings. Arrivals
 * are what a gateway counted, else what the replicas have finished and what has come to be in work since. Four bytes a
 * second; the oldest go first.
 */
export class TrafficRecording {
  readonly #arrivals: Uint16Array;
  readonly #prompt: Float32Array;
  readonly #output: Float32Array;
  readonly #ended: Float32Array;
  readonly #sizes: Uint16Array;
  readonly #buckets: number;
  #firstBucket: number | undefined;
  #lastBucket = -1;
  /** What each endpoint counted when it was last looked at; those that are gone are forgotten. */
  #counted = new Map<string, Counted>();
  #startedMs = new Map<string, number>();
  readonly #starts: number[] = [];
  #inWork: number | undefined;
  /** Arrivals that were seen to be too many by what ended unseen; made up for by the next. */
  #owed = 0;

  constructor(spanMs: number) {
    this.#buckets = Math.max(1, Math.ceil(spanMs / BUCKET_MS));
    this.#arrivals = new Uint16Array(this.#buckets * BUCKET_SECONDS);
    this.#prompt = new Float32Array(this.#buckets);
    this.#output = new Float32Array(this.#buckets);
    this.#ended = new Float32Array(this.#buckets);
    this.#sizes = new Uint16Array(2 * this.#buckets);
  }

  /** Takes in what is known at one moment. To be called once a cycle. */
  note({ nowMs, discovered, replicas, gateway }: Moment): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    this.#enter(bucket);
    const place = bucket % this.#buckets;
    const before = this.#counted;
    this.#counted = new Map();
    const engines = this.#grown(replicas.endpoints, before);
    const inFront = gateway && this.#grown(gateway.endpoints, before);
    this.#prompt[place]! += engines.prompt;
    this.#output[place]! += engines.output;
    this.#ended[place]! += engines.requests;
    this.#noteArrivals(nowMs, this.#arrived(engines.requests, replicas.endpoints, inFront?.requests));
    const ready = replicas.endpoints.filter(({ endpoint }) => endpoint.phase === 'ready').length;
    this.#sizes[2 * place] = discovered.replicas ?? replicas.endpoints.length;
    this.#sizes[2 * place + 1] = ready;
    this.#noteStarts(replicas.endpoints, nowMs);
  }

  /** Everything that is still kept. */
  traffic(): RecordedTraffic {
    const buckets: TrafficBucket[] = [];
    const oldest = Math.max(this.#firstBucket ?? 0, this.#lastBucket - this.#buckets + 1);
    for (let bucket = oldest; bucket <= this.#lastBucket; bucket++)
      buckets.push(this.#bucketAt(bucket % this.#buckets));
    return { bucketSeconds: BUCKET_SECONDS, buckets, startsSeconds: [...this.#starts] };
  }

  #bucketAt(place: number): TrafficBucket {
    const ended = this.#ended[place]!;
    const mean = (sum: number): number | null => (ended > 0 && sum > 0 ? Number((sum / ended).toFixed(1)) : null);
    return {
      arrivals: [...this.#arrivals.subarray(place * BUCKET_SECONDS, (place + 1) * BUCKET_SECONDS)],
      promptTokens: mean(this.#prompt[place]!),
      outputTokens: mean(this.#output[place]!),
      replicas: this.#sizes[2 * place]!,
      ready: this.#sizes[2 * place + 1]!,
    };
  }

  /** Clears the places of the buckets since the last one; what was not looked at is silence at the size before. */
  #enter(bucket: number): void {
    if (bucket === this.#lastBucket) return;
    this.#firstBucket ??= bucket;
    const from = Math.max(this.#lastBucket + 1, bucket - this.#buckets + 1, this.#firstBucket);
    for (let next = from; next <= bucket; next++) {
      const place = next % this.#buckets;
      const earlier = (next - 1 + this.#buckets) % this.#buckets;
      this.#arrivals.fill(0, place * BUCKET_SECONDS, (place + 1) * BUCKET_SECONDS);
      this.#prompt[place] = 0;
      this.#output[place] = 0;
      this.#ended[place] = 0;
      this.#sizes[2 * place] = this.#sizes[2 * earlier]!;
      this.#sizes[2 * place + 1] = this.#sizes[2 * earlier + 1]!;
    }
    this.#lastBucket = bucket;
  }

  /** What counters grew by since the last look. An endpoint that is new has a past of its own, which is not news. */
  #grown(endpoints: readonly WatchedEndpoint[], before: ReadonlyMap<string, Counted>) {
    const grown = { requests: 0, prompt: 0, output: 0 };
    for (const { endpoint, memory } of endpoints) {
      const { requestsTotal, promptTokensTotal, generationTokensTotal } = memory.counters;
      const now: Counted = {
        requests: requestsTotal?.value,
        prompt: promptTokensTotal?.value,
        output: generationTokensTotal?.value,
      };
      const last = before.get(endpoint.name);
      this.#counted.set(endpoint.name, now);
      for (const name of ['requests', 'prompt', 'output'] as const) {
        const [earlier, later] = [last?.[name], now[name]];
        if (earlier !== undefined && later !== undefined) grown[name] += counterIncrease(earlier, later);
      }
    }
    return grown;
  }

  #arrived(ended: number, endpoints: readonly WatchedEndpoint[], atGateway: number | undefined): number {
    if (atGateway !== undefined) return atGateway;
    let inWork = 0;
    for (const { memory } of endpoints) inWork += memory.lastGood?.signals.concurrency ?? 0;
    const before = this.#inWork ?? inWork;
    this.#inWork = inWork;
    const arrived = ended + inWork - before - this.#owed;
    this.#owed = Math.max(0, -arrived);
    return Math.max(0, arrived);
  }

  #noteArrivals(nowMs: number, arrived: number): void {
    const second = Math.floor(nowMs / 1000) % this.#arrivals.length;
    this.#arrivals[second] = Math.min(MOST_ARRIVALS, this.#arrivals[second]! + Math.round(arrived));
  }

  #noteStarts(endpoints: readonly WatchedEndpoint[], nowMs: number): void {
    const before = this.#startedMs;
    this.#startedMs = new Map();
    for (const { endpoint } of endpoints) {
      const sinceMs = before.get(endpoint.name);
      if (endpoint.phase === 'starting') this.#startedMs.set(endpoint.name, sinceMs ?? nowMs);
      if (endpoint.phase !== 'ready' || sinceMs === undefined) continue;
      this.#starts.push(Math.round((nowMs - sinceMs) / 1000));
      if (this.#starts.length > MOST_STARTS) this.#starts.shift();
    }
  }
}
