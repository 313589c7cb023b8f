import type { Clock } from '../time/clock.ts';
import { systemClock } from '../time/system-clock.ts';

/** A clock that starts at 0 and runs `timeScale` times as fast as the wall clock. */
export function scaledClock(timeScale: number): Clock {
  const startedMs = systemClock.nowMs();
  return {
    nowMs: () => (systemClock.nowMs() - startedMs) * timeScale,
    sleep: (ms, signal) => systemClock.sleep(Math.max(0, ms / timeScale), signal),
    random: () => systemClock.random(),
  };
}
