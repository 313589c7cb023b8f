import { setTimeout as sleep } from 'node:timers/promises';

const askEveryMs = 100;

/**
 * Asks until the answer is `true`, and rejects at the deadline with what was seen last: any other answer, in words,
 * or what was thrown.
 */
export async function eventually(
  what: string,
  withinMs: number,
  ask: () => Promise<boolean | string> | boolean | string,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  let seen = 'nothing was seen';
  while (performance.now() < deadlineMs) {
    try {
      const answer = await ask();
      if (answer === true) return;
      seen = String(answer);
    } catch (error) {
      seen = error instanceof Error ? error.message : String(error);
    }
    await sleep(askEveryMs);
  }
  throw new Error(`not within ${withinMs / 1000} s: ${what}; last seen: ${seen}`);
}

/** Asks for as long as said, and rejects as soon as an answer is not `true`. */
export async function steadily(
  what: string,
  forMs: number,
  ask: () => Promise<boolean | string> | boolean | string,
): Promise<void> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < forMs) {
    const answer = await ask();
    if (answer !== true) {
      throw new Error(`broken after ${Math.round(performance.now() - startedMs)} ms: ${what}; seen: ${answer}`);
    }
    await sleep(askEveryMs);
  }
}
