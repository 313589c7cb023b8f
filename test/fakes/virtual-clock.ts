import { setTimeout as realDelay } from 'node:timers/promises';
import { ManualClock } from '../../src/time/manual-clock.ts';

/** Time that passes only when a test says so. Sockets are real; waits are not. */
export class VirtualClock extends ManualClock {
  /** Every span that somebody slept for, in milliseconds. */
  readonly slept: number[] = [];

  constructor(random?: () => number) {
    super(0, random);
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return super.sleep(ms, signal);
  }

  advance(ms: number): void {
    this.advanceTo(this.nowMs() + ms);
  }

  /** Lets time pass in steps, and sockets do their work between them, until the condition holds. */
  async until(condition: () => boolean, what: string, stepMs = 100): Promise<void> {
    for (let turn = 0; turn < 4_000; turn += 1) {
      if (condition()) return;
      this.advance(stepMs);
      await realDelay(1);
    }
    throw new Error(`never happened: ${what}`);
  }

  /** Gives sockets time for what is under way, while no time passes. */
  async settle(turns = 15): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await realDelay(1);
  }
}
