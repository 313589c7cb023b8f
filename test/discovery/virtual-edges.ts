import { setTimeout as realDelay } from 'node:timers/promises';
import type { Edges } from '../../src/discovery/edges.ts';

/** Time that passes only when a test says so. Sockets are real; waits are not. */
export class VirtualEdges implements Edges {
  readonly slept: number[] = [];
  #nowMs = 0;
  #random: () => number;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  constructor(random: () => number = () => 0.5) {
    this.#random = random;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#random();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { untilMs: this.#nowMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', wake);
    });
  }

  /** Sleeps that nobody has woken yet. */
  sleeping(): number {
    return this.#sleepers.size;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.untilMs <= this.#nowMs) sleeper.wake();
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
