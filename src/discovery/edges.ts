import { performance } from 'node:perf_hooks';

/** Time and chance, handed in so that a test can own both. */
export interface Edges {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** 0 up to, but not including, 1. */
  random(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realEdges: Edges = {
  nowMs: () => performance.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    }),
};
