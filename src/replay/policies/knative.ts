/** What Knative's pod autoscaler is set to. Spans are milliseconds. */
export interface KpaSettings {
  /** Requests one pod should carry, after the target utilisation was taken. */
  readonly target: number;
  readonly stableWindowMs: number;
  /** How many times what the ready pods carry makes a panic: 2 is 200 %. */
  readonly panicThreshold: number;
  /** At most so many times the ready pods in one decision. */
  readonly maxScaleUpRate: number;
  /** At least the ready pods over this. */
  readonly maxScaleDownRate: number;
}

/** What one decision looks at. */
export interface KpaMoment {
  readonly nowMs: number;
  readonly readyPods: number;
  /** Mean concurrency over the stable and over the panic window. */
  readonly stableValue: number;
  readonly panicValue: number;
}

/**
 * Knative's pod autoscaler (knative.dev/serving `pkg/autoscaler/scaling/autoscaler.go`, v0.50): the stable window
 * decides, unless what the panic window asks for is more than twice what is ready; then the larger one does and nothing
 * is taken away until a stable window has passed without that.
 */
export class Kpa {
  readonly #settings: KpaSettings;
  #panicSinceMs: number | undefined;
  #mostPods = 0;

  /** An autoscaler that finds more than one pod begins in a panic, so that a restart takes nothing away. */
  constructor(settings: KpaSettings, startedMs: number, readyPods: number) {
    this.#settings = settings;
    this.#panicSinceMs = readyPods > 1 ? startedMs : undefined;
    this.#mostPods = readyPods;
  }

  /** The pods to ask for now. */
  scale({ nowMs, readyPods, stableValue, panicValue }: KpaMoment): number {
    const { target, panicThreshold, maxScaleUpRate, maxScaleDownRate } = this.#settings;
    const ready = Math.max(1, readyPods);
    const most = Math.ceil(maxScaleUpRate * ready);
    const least = Math.floor(ready / maxScaleDownRate);
    const within = (pods: number): number => Math.min(Math.max(pods, least), most);
    const stable = Math.ceil(stableValue / target);
    const panic = Math.ceil(panicValue / target);
    this.#watchPanic(panic / ready >= panicThreshold, nowMs);
    if (this.#panicSinceMs === undefined) return within(stable);
    this.#mostPods = Math.max(this.#mostPods, within(stable), within(panic));
    return this.#mostPods;
  }

  #watchPanic(isOver: boolean, nowMs: number): void {
    if (isOver) {
      this.#panicSinceMs = nowMs;
    } else if (this.#panicSinceMs !== undefined && this.#panicSinceMs + this.#settings.stableWindowMs < nowMs) {
      this.#panicSinceMs = undefined;
      this.#mostPods = 0;
    }
  }
}
