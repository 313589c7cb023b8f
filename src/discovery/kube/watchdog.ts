import type { Clock } from '../../time/clock.ts';

/** The server sends a bookmark about once a minute: after this much silence a connection is taken for dead. */
const longestSilenceMs = 150_000;

export interface Watchdog {
  /** Aborts on silence, when the parent does, and at `end`. */
  readonly signal: AbortSignal;
  heard(): void;
  barked(): boolean;
  end(): void;
}

/** Ends a connection on which nothing was heard for too long: a peer that vanished sends no reset. */
export function watchdog(clock: Clock, parent: AbortSignal): Watchdog {
  const end = new AbortController();
  const stop = (): void => end.abort();
  let heardMs = clock.nowMs();
  let barked = false;
  async function listen(): Promise<void> {
    while (!end.signal.aborted) {
      const leftMs = heardMs + longestSilenceMs - clock.nowMs();
      barked = leftMs <= 0;
      if (barked) return stop();
      await clock.sleep(leftMs, end.signal);
    }
  }
  if (parent.aborted) stop();
  parent.addEventListener('abort', stop);
  listen().catch(stop);
  return {
    signal: end.signal,
    heard: () => {
      heardMs = clock.nowMs();
    },
    barked: () => barked,
    end: () => {
      parent.removeEventListener('abort', stop);
      stop();
    },
  };
}
