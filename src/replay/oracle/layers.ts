/** A size that is asked for from a moment on. */
export interface SizeChange {
  readonly atMs: number;
  readonly replicas: number;
}

/** What the layers need over time, and what they cost. */
export interface LayerPlan {
  /** Replicas to begin with, ready. */
  readonly initialReplicas: number;
  readonly changes: readonly SizeChange[];
  /** Seconds of replicas, those spent on starting included. */
  readonly replicaSeconds: number;
}

export interface LayerOptions {
  /** Requests that one replica carries. */
  readonly perReplica: number;
  readonly startSeconds: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/**
 * The cheapest sizes that carry an offered concurrency without waiting, with all of the future known. Replicas are the
 * same, so that the load can be cut into layers: layer k is needed whenever more than k replicas' worth is offered, and
 * each is by itself. A gap inside a layer is kept where that is cheaper than starting anew; what is needed at the
 * beginning is there already. Exact, in time and memory of the load's seconds (ski rental with foresight).
 */
export function planLayers(offered: Float64Array, options: LayerOptions): LayerPlan {
  const { minReplicas, maxReplicas } = options;
  const steps = new Int32Array(offered.length + 1);
  const layers = new Layers(options, offered.length, steps);
  for (let second = 0; second < offered.length; second += 1) {
    const needed = Math.ceil(offered[second]! / options.perReplica - 1e-9);
    layers.need(Math.min(Math.max(needed, minReplicas), maxReplicas), second);
  }
  layers.end();
  const changes: SizeChange[] = [];
  let replicas = 0;
  let replicaSeconds = 0;
  for (let second = 0; second < offered.length; second += 1) {
    if (steps[second] !== 0) {
      replicas += steps[second]!;
      changes.push({ atMs: second * 1000, replicas });
    }
    replicaSeconds += replicas;
  }
  const first = changes[0]?.atMs === 0 ? changes.shift()!.replicas : 0;
  return { initialReplicas: Math.max(first, minReplicas), changes, replicaSeconds };
}

/** Each layer's busy spans, joined where the gap is shorter than a start. */
class Layers {
  readonly #options: LayerOptions;
  readonly #steps: Int32Array;
  readonly #seconds: number;
  /** For each layer: the span it is on, from the beginning of its start to the end of its last need. */
  readonly #spans: { fromSecond: number; lastNeeded: number }[] = [];

  constructor(options: LayerOptions, seconds: number, steps: Int32Array) {
    this.#options = options;
    this.#seconds = seconds;
    this.#steps = steps;
  }

  /** The lowest `count` layers are needed in this second. */
  need(count: number, second: number): void {
    for (let layer = 0; layer < count; layer += 1) {
      const span = this.#spans[layer];
      const startedAt = Math.max(0, second - this.#options.startSeconds);
      if (span === undefined) this.#spans.push({ fromSecond: startedAt, lastNeeded: second });
      else if (startedAt <= span.lastNeeded + 1) span.lastNeeded = second;
      else {
        this.#close(span);
        this.#spans[layer] = { fromSecond: startedAt, lastNeeded: second };
      }
    }
  }

  end(): void {
    for (const span of this.#spans) this.#close(span);
  }

  #close({ fromSecond, lastNeeded }: { readonly fromSecond: number; readonly lastNeeded: number }): void {
    this.#steps[fromSecond]! += 1;
    this.#steps[Math.min(this.#seconds, lastNeeded + 1)]! -= 1;
  }
}
