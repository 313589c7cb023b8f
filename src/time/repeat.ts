import type { Clock } from './clock.ts';

/** How long to pause after one turn. `firm`: hurrying does not shorten it, because whoever is asked is in trouble. */
export interface Pause {
  readonly pauseMs: number;
  readonly firm?: boolean;
}

export interface Repeated {
  /** Takes the next turn soon: so long after the last one began as `apartMs` says, however often this is called. */
  hurry(): void;
  /** Ends it. A turn under way sees its signal aborted, and no other follows. */
  stop(): void;
}

export interface Repetition {
  readonly clock: Clock;
  /** What is done in each turn, one at a time. `hurried`: somebody asked for it. Must not reject. */
  turn(signal: AbortSignal, hurried: boolean): Promise<Pause>;
  /** Between the beginnings of two turns at least, where somebody hurries; 0 where left out. */
  readonly apartMs?: number;
}

/** Does something again and again, from now until it is stopped: what cannot be watched is asked. */
export function repeat({ clock, turn, apartMs = 0 }: Repetition): Repeated {
  const stop = new AbortController();
  let isHurried = false;
  let pause = new AbortController();
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const startedMs = clock.nowMs();
      const wasHurried = isHurried;
      isHurried = false;
      const { pauseMs, firm = false } = await turn(stop.signal, wasHurried);
      pause = new AbortController();
      if (firm) await clock.sleep(pauseMs, stop.signal);
      else if (!isHurried && !stop.signal.aborted) await clock.sleep(pauseMs, pause.signal);
      const soonestMs = startedMs + apartMs;
      if (isHurried && soonestMs > clock.nowMs()) await clock.sleep(soonestMs - clock.nowMs(), stop.signal);
    }
  };
  run().catch(() => undefined);
  return {
    hurry() {
      isHurried = true;
      pause.abort();
    },
    stop() {
      stop.abort();
      pause.abort();
    },
  };
}
