/** Most points of a timeline: about as many as a plot has pixels. */
const mostPoints = 720;
const leastPointMs = 1000;
/** Buckets of times to first token: 1 ms to about 3 hours, each 1.4 times the one before. */
const spanBuckets = 50;
const spanGrowth = 1.4;

/** A workload over time, in points of equal spans. */
export interface TimelinePoint {
  readonly atMs: number;
  /** Replicas asked for, ready and starting at the point's beginning. */
  readonly replicas: number;
  readonly ready: number;
  readonly starting: number;
  /** Requests that have come and not ended. */
  readonly open: number;
  /** 95th percentile of the times to first token given in this span, in milliseconds; `undefined` without any. */
  readonly firstTokenP95Ms: number | undefined;
}

type Look = Omit<TimelinePoint, 'atMs' | 'firstTokenP95Ms'>;

/** Collects the points of one replay in a fixed amount of memory. */
export class Timeline {
  readonly pointMs: number;
  readonly #looks: Look[] = [];
  readonly #spans: Uint32Array;
  readonly #points: number;

  constructor(spanMs: number) {
    this.pointMs = Math.max(leastPointMs, Math.ceil(spanMs / mostPoints / 1000) * 1000);
    this.#points = Math.ceil(spanMs / this.pointMs);
    this.#spans = new Uint32Array(this.#points * spanBuckets);
  }

  /** How the workload looks at the beginning of the next point. */
  look(look: Look): void {
    if (this.#looks.length < this.#points) this.#looks.push(look);
  }

  firstToken(atMs: number, spanMs: number): void {
    const point = Math.floor(atMs / this.pointMs);
    if (point >= this.#points) return;
    const bucket = Math.ceil(Math.log(Math.max(1, spanMs)) / Math.log(spanGrowth));
    this.#spans[point * spanBuckets + Math.min(bucket, spanBuckets - 1)]! += 1;
  }

  points(): TimelinePoint[] {
    return this.#looks.map((look, point) => ({
      atMs: point * this.pointMs,
      ...look,
      firstTokenP95Ms: this.#p95(point),
    }));
  }

  #p95(point: number): number | undefined {
    const counts = this.#spans.subarray(point * spanBuckets, (point + 1) * spanBuckets);
    const total = counts.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    for (let bucket = 0; bucket < spanBuckets; bucket += 1) {
      seen += counts[bucket]!;
      if (total > 0 && seen >= 0.95 * total) return spanGrowth ** bucket;
    }
    return undefined;
  }
}
