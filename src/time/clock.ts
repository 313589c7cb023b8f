/** Time and chance, handed in so that a test or a simulation can own both. */
export interface Clock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 up to, but not including, 1. */
  random(): number;
}
